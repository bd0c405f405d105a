// Reads single fields out of untyped config and messages.
type Fields = Readonly<Record<string, unknown>>;

export function asFields(raw: unknown): Fields {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Fields) : {};
}

/** The text of a dialog's property; '' also for a `${VARIABLE}` that Node-RED found nothing for. */
export function configText(raw: unknown, name: string): string {
  const value = asFields(raw)[name];
  const text = typeof value === 'string' ? value.trim() : '';
  return /^\$\{[^}]*\}$/.test(text) ? '' : text;
}
