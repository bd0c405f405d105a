// Decodes Stripe's request form, `a[b][0]=c`, into nested objects. Any text gives a value or a Refusal.
import { badRequest } from './refusal.ts';

export type FormValue = string | FormObject;
/** Without a prototype: a parameter called `__proto__` is a parameter. Lists keep their indices as keys. */
export interface FormObject {
  [name: string]: FormValue;
}

/** The deepest parameter we take is `payment_method_options[card][request_overcapture]`. */
const DEPTH_MAX = 6;
/** Metadata may have 50 pairs; nothing we take comes near this. */
const PAIRS_MAX = 500;

export function decodeForm(text: string): FormObject {
  const form = emptyForm();
  let pairs = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    pairs += 1;
    if (pairs > PAIRS_MAX) throw badRequest(`More than ${PAIRS_MAX} parameters.`);
    place(form, splitKey(key), value);
  }
  return form;
}

/** `a[b][]` to `['a', 'b', '']`. */
function splitKey(key: string): readonly string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (match === null) throw badRequest('Received a parameter whose name cannot be read.');
  const names = [match[1]!, ...(match[2]!.match(/[^[\]]+|\[\]/g) ?? [])].map((name) => (name === '[]' ? '' : name));
  if (names.length > DEPTH_MAX) throw badRequest(`Parameters nest at most ${DEPTH_MAX} deep.`);
  return names;
}

function place(form: FormObject, names: readonly string[], value: string): void {
  let at = form;
  for (const name of names.slice(0, -1)) {
    const next = at[name] ?? emptyForm();
    if (typeof next === 'string') throw badRequest(`${name} is given both as a value and as an object.`);
    at[name] = next;
    at = next;
  }
  const last = names.at(-1)!;
  // `list[]=x` takes the next free index.
  at[last === '' ? String(Object.keys(at).length) : last] = value;
}

function emptyForm(): FormObject {
  return Object.create(null) as FormObject;
}
