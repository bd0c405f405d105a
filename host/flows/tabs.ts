// Turns one list of nodes into one readable file per tab, and back. Pure: no disk.
import { Fault } from '@tapcase/domain';
import { canonical, print, withCode } from './form.ts';
import { CONFIG_FILE, compare, type FlowFiles, type FlowNode, homeIdOf, isHome, wordOf } from './node.ts';

/** All nodes of all files, tabs in the order of their file names. Throws `flows.unreadable`, which names the file. */
export function joinFlows(files: FlowFiles): FlowNode[] {
  return Object.keys(files)
    .sort(compare)
    .flatMap((name) => parseFile(name, files[name]!));
}

export interface SplitOptions {
  /** The nodes as the files had them: what stays, stays in its place, so that a node that is moved changes its own lines only. */
  readonly before?: readonly FlowNode[];
  /** Names that belong to somebody else. */
  readonly taken?: readonly string[];
}

/** One file per tab and subflow, one for the config nodes. Read and split again, `before` given, they are the same bytes. */
export function splitFlows(given: readonly FlowNode[], { before = [], taken = [] }: SplitOptions = {}): FlowFiles {
  const nodes = given.map(canonical);
  const homes = nodes.filter(isHome);
  const names = fileNames(homes, taken);
  const files: Record<string, string> = {};
  for (const home of homes) {
    const members = inReadingOrder(nodes.filter((node) => !isHome(node) && homeIdOf(node) === home.id));
    files[names.get(home.id)!] = print([home, ...inFileOrder(members, before)]);
  }
  const shared = nodes.filter((node) => !homes.includes(node) && !names.has(homeIdOf(node)));
  if (shared.length > 0) files[CONFIG_FILE] = print([...shared].sort(byTypeThenId));
  return files;
}

/**
 * `20 Door closes` becomes `20-door-closes.json`. Tabs of one name get numbers in the order of their ids, so that the
 * names do not depend on the order in which the editor sends the tabs.
 */
function fileNames(homes: readonly FlowNode[], given: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set([CONFIG_FILE, ...given]);
  for (const home of [...homes].sort((a, b) => compare(a.id, b.id))) {
    const words = slug(wordOf(home.label ?? home.name)) || slug(home.id) || 'tab';
    const plain = home.type === 'subflow' ? `subflow-${words}` : words;
    let name = `${plain}.json`;
    for (let number = 2; taken.has(name); number += 1) name = `${plain}-${number}.json`;
    taken.add(name);
    names.set(home.id, name);
  }
  return names;
}

/** Only letters, digits and dashes survive, so a tab's name can never be a path. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

/** Groups first; then top to bottom, left to right, as a person reads the tab. */
function inReadingOrder(nodes: readonly FlowNode[]): FlowNode[] {
  const place = (node: FlowNode): readonly [number, number, number] =>
    // A group has no place of its own.
    node.type === 'group' ? [0, 0, 0] : [1, numberOf(node.y), numberOf(node.x)];
  return [...nodes].sort((a, b) => {
    const [pa, pb] = [place(a), place(b)];
    return pa[0] - pb[0] || pa[1] - pb[1] || pa[2] - pb[2] || compare(a.id, b.id);
  });
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Who was there keeps its place; who is new stands behind the one that a reader meets before it. */
function inFileOrder(nodes: readonly FlowNode[], before: readonly FlowNode[]): FlowNode[] {
  const places = new Map(before.map(({ id }, place) => [id, place]));
  const ordered = nodes.filter(({ id }) => places.has(id)).sort((a, b) => places.get(a.id)! - places.get(b.id)!);
  for (const [at, node] of nodes.entries()) {
    if (!places.has(node.id)) ordered.splice(at === 0 ? 0 : ordered.indexOf(nodes[at - 1]!) + 1, 0, node);
  }
  return ordered;
}

function byTypeThenId(a: FlowNode, b: FlowNode): number {
  return compare(a.type, b.type) || compare(a.id, b.id);
}

/** Everything untyped of a flow file ends here. Throws `flows.unreadable`. */
export function parseFile(name: string, text: string): FlowNode[] {
  const value = parseJson(name, text);
  if (!Array.isArray(value)) throw new Fault('flows.unreadable', `${name} is not a list of nodes`);
  for (const node of value as unknown[]) {
    if (!isNode(node)) throw new Fault('flows.unreadable', `${name} has a node without an id or a type`);
  }
  return (value as FlowNode[]).map(withCode);
}

/** Throws `flows.unreadable`: what is wrong with the file, without the parser's words, which quote it. */
export function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const conflict = text.split('\n').findIndex((line) => /^(<{7}|={7}|>{7})/.test(line));
    const why = conflict === -1 ? 'is not JSON' : `has a conflict that nobody resolved, in line ${conflict + 1}`;
    throw new Fault('flows.unreadable', `${name} ${why}`, { name }, cause);
  }
}

function isNode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { id, type } = value as Partial<FlowNode>;
  return typeof id === 'string' && id !== '' && typeof type === 'string' && type !== '';
}
