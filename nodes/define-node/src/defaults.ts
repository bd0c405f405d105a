// Fills in what a saved node lacks, so that an older flow, or one written by hand, means what its dialog would show.
import type { NodeDef } from 'node-red';

/** As the editor's `defaults`: each property's value in a node that was just dropped. */
export type Defaults = Readonly<Record<string, { readonly value: unknown }>>;

/** Every property that is absent (not: empty) gets its default; lists and objects as copies, so that none is shared. */
export function withDefaults(saved: NodeDef, defaults: Defaults = {}): NodeDef {
  const fields = saved as unknown as Readonly<Record<string, unknown>>;
  const missing = Object.entries(defaults).filter(([name]) => fields[name] === undefined);
  return Object.assign({}, saved, ...missing.map(([name, { value }]) => ({ [name]: structuredClone(value) })));
}
