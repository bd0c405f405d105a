// What a value read from a message must be: one thing that parses it and that the help can put into words.
import { phrase, type Said } from './said.ts';

export interface Check<T> {
  /** What the editor's plain text (an environment variable) is turned into before it is read. */
  readonly of: 'number' | 'text' | 'object';
  /** Ends the sentence "msg.amount: wants ...". */
  readonly want: Said;
  /** For the help's table, without words. */
  readonly bounds: string;
  /** undefined: refused. */
  readonly read: (value: unknown) => T | undefined;
}

/** A whole number; never a text that looks like one. */
export function whole(min: number, max: number): Check<number> {
  return {
    of: 'number',
    want: phrase('a whole number from __min__ to __max__', { min, max }),
    bounds: `${min} … ${max}`,
    read: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined,
  };
}

/** A text that `pattern` matches. Anchor it and bound its length. */
export function matching(pattern: RegExp): Check<string> {
  return {
    of: 'text',
    want: phrase('text like __pattern__', { pattern: `${pattern}` }),
    bounds: `\`${pattern}\``.replaceAll('|', '\\|'),
    read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  };
}

/** Names and texts, as a service keeps them beside a thing; its own object, without what the caller's inherits. */
export function textTable(limit: {
  readonly entries: number;
  readonly name: number;
  readonly text: number;
}): Check<Readonly<Record<string, string>>> {
  return {
    of: 'object',
    want: phrase('up to __entries__ texts of at most __text__ characters, by names of at most __name__', limit),
    bounds: `≤ ${limit.entries}`,
    read: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      const entries = Object.entries(value);
      const good = entries.every(
        ([name, text]) => name.length <= limit.name && typeof text === 'string' && text.length <= limit.text,
      );
      return good && entries.length <= limit.entries
        ? (Object.fromEntries(entries) as Record<string, string>)
        : undefined;
    },
  };
}
