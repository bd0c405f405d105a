// What a node is in a flow file, and the words that this folder uses for its files.

/** A node of a flow as Node-RED saves it. */
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };
/** File name to content. */
export type FlowFiles = Readonly<Record<string, string>>;

/** The two halves of a shop's flows: as shipped, and the operator's. */
export interface FlowFolders {
  readonly core: FlowFiles;
  readonly own: FlowFiles;
}
export type Half = keyof FlowFolders;

/** Config nodes, shared by every tab. */
export const CONFIG_FILE = 'config.json';
/** In `own/`: what an operator changed in the config nodes of the core, property by property. */
export const OVERRIDES_FILE = 'overrides.json';
/** In `own/`: the order of the tabs, where it is not the natural one. */
export const ORDER_FILE = 'order.json';
/** In `core/`: which credential is which environment variable, by node. References only, never a value. */
export const CREDENTIALS_FILE = 'credentials.env.json';

/** A tab or a subflow: what has a file of its own, and nodes in it. */
export function isHome({ type }: FlowNode): boolean {
  return type === 'tab' || type === 'subflow';
}

/** Shared by every tab: stands in no tab and is none. */
export function isShared(node: FlowNode): boolean {
  return !isHome(node) && homeIdOf(node) === '';
}

/** The tab or subflow that a node stands on; '' for none. */
export function homeIdOf({ z }: FlowNode): string {
  return wordOf(z);
}

/** A value of a file that should be a word; '' for whatever else somebody wrote there. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** How a sentence names a node. */
export function nameOf(node: FlowNode): string {
  const name = wordOf(node.label) || wordOf(node.name);
  return name === '' ? `${node.type} ${node.id}` : `"${name}" (${node.type})`;
}

/** In the order of their bytes: the same on every machine, whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
