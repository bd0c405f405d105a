// Fills in what a saved node lacks, so that an older flow, or one written by hand, means what its dialog would show.
import type { Node, NodeAPI } from 'node-red';

/** As the editor's `defaults`: each property's value in a node that was just dropped. */
export type Defaults = Readonly<Record<string, { readonly value: unknown }>>;
export type Fields = Readonly<Record<string, unknown>>;
/** A saved node with its defaults. */
export type Complete = (saved: Fields) => Fields;

/** As Node-RED knows it: the whole text is the name of an environment variable. */
const VARIABLE = /^\$\{(\S+)\}$/;

/**
 * Every property that is absent (not: empty) gets its default; lists and objects as copies, so that none is shared. A
 * `${VARIABLE}` is replaced as Node-RED has replaced those of the saved node, and stays where the variable is not set.
 */
export function completer(RED: NodeAPI, node: Node, defaults: Defaults = {}): Complete {
  return (saved) => {
    const missing = Object.entries(defaults).filter(([name]) => saved[name] === undefined);
    return { ...saved, ...Object.fromEntries(missing.map(([name, { value }]) => [name, resolved(value)])) };
  };

  function resolved(value: unknown): unknown {
    const variable = typeof value === 'string' ? VARIABLE.exec(value)?.[1] : undefined;
    if (variable === undefined) return structuredClone(value);
    const found: unknown = RED.util.evaluateNodeProperty(variable, 'env', node, {});
    return found === undefined || found === '' ? value : found;
  }
}
