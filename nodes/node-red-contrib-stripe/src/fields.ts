// Reads single fields out of untyped config and messages: the value within its bounds, or a Fault that names the field.
import { inEnglish, phrase, type Said } from '@tapcase/define-node';
import { Fault, type FaultCode } from '@tapcase/domain';

/** Whatever it was, as something that fields can be read from. */
export function asFields(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}

/** Throws the Fault with its code for the first field that is wrong. Use inside `parsed`. */
export class FieldReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #code: FaultCode;
  readonly #where: string;

  /** `where` leads the field's name in the Fault: `msg.hold.`. */
  constructor(raw: unknown, code: FaultCode, where: string) {
    this.#fields = asFields(raw);
    this.#code = code;
    this.#where = where;
  }

  text(name: string, want: RegExp): string {
    const value = this.#fields[name];
    if (typeof value === 'string' && want.test(value)) return value;
    throw this.#refusal(name, phrase('wants text like __pattern__', { pattern: `${want}` }));
  }

  /** undefined when absent, null or empty. */
  optionalText(name: string, want: RegExp): string | undefined {
    const value = this.#fields[name] ?? '';
    return value === '' ? undefined : this.text(name, want);
  }

  whole(name: string, min: number, max: number): number {
    const value = this.#fields[name];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw this.#refusal(name, phrase('wants a whole number from __min__ to __max__', { min, max }));
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T {
    const value = values.find((each) => each === this.#fields[name]);
    if (value === undefined)
      throw this.#refusal(name, phrase('wants one of __values__', { values: values.join(', ') }));
    return value;
  }

  /** An http or https address. */
  url(name: string): string {
    const value = this.text(name, /^.{1,2000}$/);
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw this.#refusal(name, phrase('wants an http or https address'));
    return value;
  }

  /** Names and short texts, as Stripe keeps them; `{}` when absent. */
  metadata(name: string): Readonly<Record<string, string>> {
    const pairs = Object.entries(asFields(this.#fields[name]));
    const good = pairs.every(([key, value]) => key.length <= 40 && typeof value === 'string' && value.length <= 500);
    if (!good || pairs.length > 50) throw this.#refusal(name, phrase('wants up to 50 short texts'));
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  #refusal(name: string, problem: Said): Fault {
    const where = `${this.#where}${name}`;
    return new Fault(this.#code, `${where}: ${inEnglish(problem)}`, { where, problem });
  }
}

/** `stripe.bad-message`; `problem` is what a catalog translates. */
export function badMessage(where: string, problem: Said): Fault {
  return new Fault('stripe.bad-message', `${where}: ${inEnglish(problem)}`, { where, problem });
}

/** What `read` returns, or the Fault it threw. */
export function parsed<T>(read: () => T): T | Fault {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

/** A dialog's text; '' also for a `${VARIABLE}` that Node-RED found nothing for. */
export function configText(raw: unknown, name: string): string {
  const value = asFields(raw)[name];
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return /^\$\{[^}]*\}$/.test(text) ? '' : text;
}
