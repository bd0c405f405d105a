// Reads single fields out of untyped config and messages: the value within its bounds, or a Fault that names the field.
import { Fault, type FaultCode } from './fault.ts';
import { inEnglish, phrase, type Said } from './said.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whatever it was, as something that fields can be read from: never null, never an array's length. */
export function asFields(raw: unknown): Fields {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Fields) : {};
}

/** Reads fields and throws the Fault with `code` for the first that is wrong. Use inside `parsed`. */
export interface FieldReader {
  text(name: string, bounds: { readonly max: number; readonly min?: number; readonly pattern?: RegExp }): string;
  whole(name: string, bounds: { readonly min: number; readonly max: number }): number;
  flag(name: string): boolean;
  oneOf<const T extends string>(name: string, values: readonly T[]): T;
  fields(name: string): FieldReader;
}

export function readFields(raw: unknown, code: FaultCode, where = ''): FieldReader {
  const fields = asFields(raw);
  const refuse = (name: string, problem: Said): never => {
    throw new Fault(code, `${where}${name}: ${inEnglish(problem)}`, { where: `${where}${name}`, problem });
  };
  return {
    text: (name, { max, min = 1, pattern }) => {
      const value = fields[name];
      if (typeof value !== 'string') return refuse(name, phrase('wants text'));
      const trimmed = value.trim();
      if (trimmed.length < min || trimmed.length > max) {
        return refuse(name, phrase('wants __min__ to __max__ characters', { min, max }));
      }
      if (pattern !== undefined && !pattern.test(trimmed)) {
        return refuse(name, phrase('wants text like __pattern__', { pattern: `${pattern}` }));
      }
      return trimmed;
    },
    whole: (name, { min, max }) => {
      // The editor stores an edited number as text.
      const stored = fields[name];
      const value = typeof stored === 'string' && /^\d{1,15}$/.test(stored) ? Number(stored) : stored;
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
        return refuse(name, phrase('wants a whole number from __min__ to __max__', { min, max }));
      }
      return value;
    },
    flag: (name) => {
      const value = fields[name] ?? false;
      return typeof value === 'boolean' ? value : refuse(name, phrase('wants true or false'));
    },
    oneOf: (name, values) =>
      values.find((value) => value === fields[name]) ??
      refuse(name, phrase('wants one of __values__', { values: values.join(', ') })),
    fields: (name) => readFields(fields[name], code, `${where}${name}.`),
  };
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

/** The id of the config node that a dialog's `name` property chose; '' when none is, which its first use reports. */
export function chosen(raw: unknown, name: string): string {
  const value = asFields(raw)[name];
  return typeof value === 'string' ? value : '';
}

/** The text of a dialog's property; '' also for a `${VARIABLE}` that Node-RED found nothing for. */
export function configText(raw: unknown, name: string): string {
  const value = chosen(raw, name).trim();
  return /^\$\{[^}]*\}$/.test(value) ? '' : value;
}

/** `message.incomplete`: what a node needs was not put on the message by the nodes before it. */
export function incomplete(property: string): Fault {
  return new Fault('message.incomplete', `the message has no ${property}`, { property });
}
