// The tab that a node stands on, by the name that an operator reads in the editor's row.
import type { NodeAPI } from 'node-red';

/** Its label; empty where it has none. */
export function tabOf(RED: NodeAPI, id: string): string {
  const all = new Map<string, { readonly z?: string; readonly label?: unknown }>();
  RED.nodes.eachNode((definition) => all.set(definition.id, definition as object));
  const label = all.get(all.get(id)?.z ?? '')?.label;
  return typeof label === 'string' ? label : '';
}
