// Turns Node-RED's one list of nodes into one readable file per tab, and back. Pure: no disk.

/** A node of a flow as Node-RED saves it. */
export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };
/** File name to content. */
export type FlowFiles = Readonly<Record<string, string>>;

/** Config nodes, shared by every tab. */
export const CONFIG_FILE = 'config.json';

/** First these, then the rest by name, then the layout: a diff shows what a node does before where it stands. */
const FIRST_KEYS = ['id', 'type', 'z', 'g', 'label', 'name'];
const LAST_KEYS = ['x', 'y', 'w', 'h', 'wires'];

/** All nodes of all files, tabs in the order of their file names. */
export function joinFlows(files: FlowFiles): FlowNode[] {
  return Object.keys(files)
    .sort()
    .flatMap((name) => parseFile(name, files[name]!));
}

/** One file per tab and subflow, one for the config nodes. `splitFlows(joinFlows(files))` gives the same bytes. */
export function splitFlows(nodes: readonly FlowNode[]): FlowFiles {
  const homes = nodes.filter((node) => node.type === 'tab' || node.type === 'subflow');
  const names = fileNames(homes);
  const files: Record<string, string> = {};
  for (const home of homes) {
    const members = nodes.filter((node) => node.z === home.id);
    files[names.get(home.id)!] = print([home, ...inReadingOrder(members)]);
  }
  const shared = nodes.filter((node) => !homes.includes(node) && !names.has(String(node.z ?? '')));
  if (shared.length > 0) files[CONFIG_FILE] = print([...shared].sort(byTypeThenId));
  return files;
}

/**
 * `20 Door closes` becomes `20-door-closes.json`. Tabs of one name get numbers in the order of their ids, so that the
 * names do not depend on the order in which the editor sends the tabs.
 */
function fileNames(homes: readonly FlowNode[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set([CONFIG_FILE]);
  for (const home of [...homes].sort((a, b) => compare(a.id, b.id))) {
    const words = slug(String(home.label ?? home.name ?? '')) || slug(home.id) || 'tab';
    const plain = home.type === 'subflow' ? `subflow-${words}` : words;
    let name = `${plain}.json`;
    for (let number = 2; taken.has(name); number += 1) name = `${plain}-${number}.json`;
    taken.add(name);
    names.set(home.id, name);
  }
  return names;
}

/** Only letters, digits and dashes survive, so a tab's name can never be a path. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

/** Groups first, then top to bottom, left to right, as a person reads the tab. */
function inReadingOrder(nodes: readonly FlowNode[]): FlowNode[] {
  const place = (node: FlowNode): readonly [number, number, number] => [
    node.type === 'group' ? 0 : 1,
    Number(node.y ?? 0),
    Number(node.x ?? 0),
  ];
  return [...nodes].sort((a, b) => {
    const [pa, pb] = [place(a), place(b)];
    return pa[0] - pb[0] || pa[1] - pb[1] || pa[2] - pb[2] || compare(a.id, b.id);
  });
}

function byTypeThenId(a: FlowNode, b: FlowNode): number {
  return compare(a.type, b.type) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One property a line, one row of a table a line: what changed is what the diff shows. */
function print(nodes: readonly FlowNode[]): string {
  return `[\n${nodes.map(printNode).join(',\n')}\n]\n`;
}

function printNode(node: FlowNode): string {
  const lines = Object.entries(orderKeys(node)).map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${printValue(value)}`,
  );
  return `  {\n${lines.join(',\n')}\n  }`;
}

function printValue(value: unknown): string {
  const isTable =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => row !== null && typeof row === 'object' && !Array.isArray(row));
  if (!isTable) return JSON.stringify(value);
  return `[\n${(value as unknown[]).map((row) => `      ${JSON.stringify(row)}`).join(',\n')}\n    ]`;
}

function orderKeys(node: FlowNode): Record<string, unknown> {
  const middle = Object.keys(node)
    .filter((key) => !FIRST_KEYS.includes(key) && !LAST_KEYS.includes(key))
    .sort();
  const keys = [...FIRST_KEYS, ...middle, ...LAST_KEYS].filter((key) => Object.hasOwn(node, key));
  return Object.fromEntries(keys.map((key) => [key, node[key]]));
}

function parseFile(name: string, text: string): FlowNode[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`flow file ${name} is not JSON`, { cause });
  }
  if (!Array.isArray(value)) throw new Error(`flow file ${name} is not a list of nodes`);
  return value as FlowNode[];
}
