// What changed between two states of a role's flows, in words: tabs, nodes, wires, settings; where things stand, apart. Pure.
import { isDeepStrictEqual } from 'node:util';
import { Fault } from '@tapcase/domain';
import { canonical } from '../../host/flows/form.ts';
import {
  type FlowFiles,
  type FlowFolders,
  type FlowNode,
  homeIdOf,
  isHome,
  ORDER_FILE,
  OVERRIDES_FILE,
  wordOf,
} from '../../host/flows/node.ts';
import { parseOverrides } from '../../host/flows/read.ts';
import { parseFile } from '../../host/flows/tabs.ts';

/** Where a node stands, and what only groups it. */
const LAYOUT: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h', 'g', 'nodes']);
/** Told as wires, or as the tab that a node stands on. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set(['id', 'z', 'wires', 'links', ...LAYOUT]);
/** Stand in the line that tells of the node. */
const NAMES: ReadonlySet<string> = new Set(['type', 'name', 'label']);
/** What names a row of a table. */
const ROW_NAMES = ['sku', 'id', 'name', 'p'] as const;
/** A value is shown no longer than this. */
const SHOWN_MAX = 70;
/** A line of a function or a description is; a sentence in two languages fits. */
const LINE_MAX = 150;

interface State {
  readonly nodes: ReadonlyMap<string, FlowNode>;
  readonly overrides: ReadonlyMap<string, FlowNode>;
  /** Which own or core file a node is in. */
  readonly half: ReadonlyMap<string, string>;
  readonly broken: readonly string[];
}

/** One line a change, indented below its tab; no lines where nothing changed. */
export function changesInWords(before: FlowFolders, after: FlowFolders): string[] {
  const [old, now] = [stateOf(before), stateOf(after)];
  const lines = [
    ...broken(old, now),
    ...tabs(old, now).flatMap((id) => tabChanges(id, old, now)),
    ...nodeSection('config nodes', sharedIn(old), sharedIn(now), old, now),
    ...settings(old, now),
  ];
  if (before.own[ORDER_FILE] !== after.own[ORDER_FILE]) lines.push('the order of the tabs changed');
  return [...lines, ...layout(old, now)];
}

function stateOf({ core, own }: FlowFolders): State {
  const nodes = new Map<string, FlowNode>();
  const half = new Map<string, string>();
  const unreadable: string[] = [];
  let overrides: ReadonlyMap<string, FlowNode> = new Map();
  const guarded = (path: string, read: () => void) => {
    try {
      read();
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      unreadable.push(`${path.split('/')[0]}/${thrown.message}`);
    }
  };
  for (const [name, files] of [
    ['core', core],
    ['own', own],
  ] as const) {
    for (const [file, text] of tabFiles(files)) {
      guarded(`${name}/${file}`, () => {
        for (const node of parseFile(file, text).map(canonical)) {
          nodes.set(node.id, node);
          half.set(node.id, name);
        }
      });
    }
  }
  guarded(`own/${OVERRIDES_FILE}`, () => {
    const table = Object.entries(parseOverrides(own[OVERRIDES_FILE]));
    overrides = new Map(table.map(([id, properties]) => [id, { ...properties, id, type: 'setting' }]));
  });
  return { nodes, half, overrides, broken: unreadable };
}

function tabFiles(files: FlowFiles): [string, string][] {
  return Object.entries(files).filter(([name]) => name !== OVERRIDES_FILE && name !== ORDER_FILE);
}

function broken(old: State, now: State): string[] {
  return [...old.broken.map((why) => `! before: ${why}`), ...now.broken.map((why) => `! after: ${why}`)];
}

function tabs(old: State, now: State): string[] {
  const all = new Map([...old.nodes, ...now.nodes]);
  return [...all.values()].filter(isHome).map(({ id }) => id);
}

function tabChanges(id: string, old: State, now: State): string[] {
  const [was, is] = [old.nodes.get(id), now.nodes.get(id)];
  const title = `${(now.half.get(id) ?? old.half.get(id))!} ${(is ?? was)!.type} "${wordOf((is ?? was)!.label) || id}"`;
  const members = (state: State) => [...state.nodes.values()].filter(({ z }) => z === id);
  if (was === undefined) {
    const nodes = members(now).filter(({ type }) => type !== 'group');
    const lines = [...saidBy(is!), ...nodes.flatMap((node) => addedLines(node, '', now, now))];
    return [`+ ${title}: new, with ${counted(members(now))}`, ...indented(lines)];
  }
  if (is === undefined) return [`- ${title}: gone, with ${counted(members(old))}`];
  const own = propertyLines(was, is);
  return [...under(title, own), ...nodeSection(title, members(old), members(now), old, now, own.length > 0)];
}

function counted(members: readonly FlowNode[]): string {
  const count = members.filter(({ type }) => type !== 'group').length;
  return `${count} ${count === 1 ? 'node' : 'nodes'}`;
}

function addedLines(node: FlowNode, from: string, old: State, now: State): string[] {
  // Who came from another tab brought what it says.
  const says = from === '' ? saidBy(node) : [];
  return [`+ ${called(node)}${from}`, ...indented([...says, ...wireLines(undefined, node, old, now)])];
}

/** What a new node holds, but for its name and what is empty, off or nothing. */
function saidBy(node: FlowNode): string[] {
  return Object.entries(node)
    .filter(([key, value]) => !TOLD_OTHERWISE.has(key) && !NAMES.has(key) && !isNothing(value))
    .flatMap(([key, value]) => {
      const text = textOf(value);
      return text === undefined ? [`${key}: ${shown(value)}`] : textLines(key, '', text);
    });
}

function isNothing(value: unknown): boolean {
  return ['', 0, false, null, undefined].includes(value as never) || isDeepStrictEqual(value, []);
}

function sharedIn({ nodes }: State): FlowNode[] {
  return [...nodes.values()].filter((node) => !isHome(node) && !nodes.has(homeIdOf(node)));
}

function nodeSection(
  title: string,
  before: readonly FlowNode[],
  after: readonly FlowNode[],
  old: State,
  now: State,
  isTitled = false,
): string[] {
  const ids = new Set([...before, ...after].map(({ id }) => id));
  const lines = [...ids].flatMap((id) => {
    const [was, is] = [before.find((node) => node.id === id), after.find((node) => node.id === id)];
    if (was === undefined) return addedLines(is!, cameFrom(id, old), old, now);
    if (is === undefined) return now.nodes.has(id) ? [] : [`- ${called(was)}`];
    return under(called(is), [...propertyLines(was, is), ...wireLines(was, is, old, now)]);
  });
  return isTitled ? indented(lines) : under(title, lines);
}

function cameFrom(id: string, old: State): string {
  const was = old.nodes.get(id);
  return was === undefined ? '' : `, from ${wordOf(old.nodes.get(homeIdOf(was))?.label) || 'elsewhere'}`;
}

/** What an operator changed in the shop's config nodes. */
function settings(old: State, now: State): string[] {
  const ids = new Set([...old.overrides.keys(), ...now.overrides.keys()]);
  return [...ids].flatMap((id) => {
    const shipped = now.nodes.get(id) ?? old.nodes.get(id);
    const title = `own setting of ${shipped === undefined ? id : called(shipped)}`;
    const [was, is] = [old.overrides.get(id), now.overrides.get(id)].map((given) => ({
      ...given,
      id,
      type: 'setting',
    }));
    return under(
      title,
      propertyLines(withShipped(was!, is!, old.nodes.get(id)), withShipped(is!, was!, now.nodes.get(id))),
    );
  });
}

/** Where one side says nothing of a property, the shop's own value counts. */
function withShipped(node: FlowNode, other: FlowNode, shipped: FlowNode | undefined): FlowNode {
  const missing = Object.keys(other).filter(
    (key) => !Object.hasOwn(node, key) && shipped !== undefined && Object.hasOwn(shipped, key),
  );
  return { ...Object.fromEntries(missing.map((key) => [key, shipped![key]])), ...node };
}

function propertyLines(was: FlowNode, is: FlowNode): string[] {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !TOLD_OTHERWISE.has(key));
  return keys.flatMap((key) => valueLines(key, was[key], is[key]));
}

function valueLines(name: string, was: unknown, is: unknown): string[] {
  if (isDeepStrictEqual(was, is)) return [];
  const [before, after] = [rowsOf(was), rowsOf(is)];
  if (before !== undefined && after !== undefined) {
    const keys = [...new Set([...before.keys(), ...after.keys()])];
    return keys.flatMap((key) => valueLines(`${name} ${key}`, before.get(key), after.get(key)));
  }
  const [text, newText] = [textOf(was), textOf(is)];
  if (text !== undefined && newText !== undefined) return textLines(name, text, newText);
  if (isObject(was) && isObject(is)) {
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
      valueLines(`${name} ${key}`, was[key], is[key]),
    );
  }
  if (was === undefined) return [`${name} is now ${shown(is)}`];
  if (is === undefined) return [`${name} is no longer ${shown(was)}`];
  return [`${name}: ${shown(was)} -> ${shown(is)}`];
}

/** A table's rows by what names them; nothing where they have no names of their own. */
function rowsOf(value: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) return undefined;
  const name = ROW_NAMES.find((key) =>
    value.every((row) => ['string', 'number'].includes(typeof (row as Record<string, unknown>)[key])),
  );
  const rows = new Map(
    value.map((row, at) => [
      name === undefined ? `row ${at + 1}` : String((row as Record<string, unknown>)[name]),
      row,
    ]),
  );
  return rows.size === value.length ? rows : new Map(value.map((row, at) => [`row ${at + 1}`, row]));
}

/** Several lines, such as a function or a description. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.includes('\n') ? value : undefined;
}

function textLines(name: string, was: string, is: string): string[] {
  const [before, after] = [was === '' ? [] : was.split('\n'), is === '' ? [] : is.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `  - ${clipped(line, LINE_MAX)}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `  + ${clipped(line, LINE_MAX)}`);
  return [`${name}:`, ...gone, ...come];
}

function wireLines(was: FlowNode | undefined, is: FlowNode, old: State, now: State): string[] {
  const [before, after] = [endsOf(was, old), endsOf(is, now)];
  return [
    ...[...after].filter(([end]) => !before.has(end)).map(([, words]) => `wire added ${words}`),
    ...[...before].filter(([end]) => !after.has(end)).map(([, words]) => `wire removed ${words}`),
  ];
}

/** Where a node's outputs lead, each end once; the far end of a link says nothing new. */
function endsOf(node: FlowNode | undefined, { nodes }: State): Map<string, string> {
  const outputs = (Array.isArray(node?.wires) ? node.wires : []).map((ids: unknown) => wordsIn(ids));
  const nameOfEnd = (id: string) => (nodes.has(id) ? called(nodes.get(id)!) : `${id}, which is not there`);
  const wires = outputs.flatMap((ids, port) =>
    ids.map(
      (id) => [`${port} ${id}`, `${outputs.length > 1 ? `from output ${port + 1} ` : ''}to ${nameOfEnd(id)}`] as const,
    ),
  );
  const isStart = node?.type === 'link out' || node?.type === 'link call';
  const links = isStart && Array.isArray(node.links) ? wordsIn(node.links) : [];
  return new Map([...wires, ...links.map((id) => [`link ${id}`, `(link) to ${nameOfEnd(id)}`] as const)]);
}

function wordsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}

function layout(old: State, now: State): string[] {
  const moved = [...now.nodes.values()].filter((node) => {
    const was = old.nodes.get(node.id);
    return was !== undefined && [...LAYOUT].some((key) => !isDeepStrictEqual(was[key], node[key]));
  });
  const byTab = Map.groupBy(moved, homeIdOf);
  return [...byTab].map(
    ([z, nodes]) => `layout only: ${counted(nodes)} moved or grouped anew on "${wordOf(now.nodes.get(z)?.label) || z}"`,
  );
}

function called(node: FlowNode): string {
  const name = wordOf(node.name) || wordOf(node.label);
  return name === '' ? `${node.type} ${node.id}` : `"${clipped(name)}" (${node.type})`;
}

function under(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function shown(value: unknown): string {
  return value === '' ? 'empty' : clipped(JSON.stringify(value));
}

function clipped(text: string, max = SHOWN_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
