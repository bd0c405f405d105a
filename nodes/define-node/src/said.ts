// What a node says under itself: words that its catalog translates, or what is the same in every language.

/** Words of the node's catalog, under `status.<the English words>`, with its values filled in for `__name__`. */
export interface Said {
  readonly words: string;
  readonly values: Readonly<Record<string, string | number | Status>>;
}
/** What is the same in every language: a code, an id, an amount. */
export interface Shown {
  readonly fact: string;
}
/**
 * No bare text: whoever writes one decides whether it is translated. In the language of the Node-RED (`lang`), as the texts of
 * faults are: the editor can translate a fixed text for each who looks, but fills no number in, and a status also reaches
 * status nodes, dashboards and logs.
 */
export type Status = Said | Shown;

/** The English words are the key; a name that i18next keeps for itself (`count`, `context`) is no name for a value. */
export function says(words: string, values: Said['values'] = {}): Said {
  return { words, values };
}

/** Part of what a fault says, under `problems.<the English words>` in the palette's `faults/<language>.json` or in the kit's. */
export function phrase(words: string, values: Said['values'] = {}): Said {
  return { words, values };
}

export function shows(fact: string | number): Shown {
  return { fact: String(fact) };
}

/** The English text: for what a message keeps, and for a node without a catalog. */
export function inEnglish(status: Status): string {
  if ('fact' in status) return status.fact;
  const { words, values } = status;
  return words.replace(/__(\w+)__/g, (name, key: string) => (key in values ? valueText(values[key], inEnglish) : name));
}

export function valueText(value: string | number | Status | undefined, text: (status: Status) => string): string {
  return typeof value === 'object' ? text(value) : String(value);
}
