// The one form in which a node is written: nothing that the editor works out by itself, keys in a fixed order, a property a line.
import { isDeepStrictEqual } from 'node:util';
import { compare, type FlowNode, isHome, wordOf } from './node.ts';

/** First these, then the rest by name, then the layout: a diff shows what a node does before where it stands. */
const FIRST_KEYS = ['id', 'type', 'z', 'g', 'label', 'name'];
const LAST_KEYS = ['x', 'y', 'w', 'h', 'wires'];
/** Of a function node: what runs on each message, at the start and at the end. */
const CODE_KEYS = ['func', 'initialize', 'finalize'];

/** These have no label beside them unless they are told to; all others have one (`showLabel` of the editor's types). */
const WITHOUT_LABEL = new Set(['link in', 'link out', 'link call', 'junction']);

/**
 * The node without what says nothing: what the editor leaves out or adds as it likes, and group boxes, which depend on the fonts
 * of whoever looks.
 */
export function canonical(node: FlowNode): FlowNode {
  const kept: Record<string, unknown> = {};
  for (const key of orderedKeys(node)) if (!saysNothing(node, key)) kept[key] = node[key];
  // The ends of links and the members of a group: sets, listed in the order in which somebody drew them.
  for (const key of ['links', 'nodes']) {
    if (isIds(kept[key])) kept[key] = [...(kept[key] as string[])].sort(compare);
  }
  return kept as FlowNode;
}

/** The same node in every respect that is kept. */
export function isSame(a: FlowNode, b: FlowNode): boolean {
  return isDeepStrictEqual(canonical(a), canonical(b));
}

function saysNothing(node: FlowNode, key: string): boolean {
  const value = node[key];
  switch (key) {
    case 'env':
      return (node.type === 'tab' || node.type === 'group') && isEmptyList(value);
    case 'inputLabels':
    case 'outputLabels':
      return Array.isArray(value) && value.every((label) => wordOf(label).trim() === '');
    case 'l':
      return value === !WITHOUT_LABEL.has(node.type);
    case 'icon':
      // A dashboard node has an icon of its own kind, and an empty one says something.
      return value === '' && !node.type.startsWith('ui-');
    case 'd':
    case 'locked':
      return value === false;
    case 'z':
      // A tab stands on none: read again, one that says so would be taken for a node of that tab.
      return isHome(node);
    case 'credentials':
      // Never in a flow file: Node-RED has taken them out before it saves; whoever else writes must not put them in.
      return true;
    case 'w':
    case 'h':
      return node.type === 'group';
    case 'x':
    case 'y':
      return node.type === 'group' && !isEmptyList(node.nodes ?? []);
    default:
      return value === undefined;
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((id) => typeof id === 'string');
}

function orderedKeys(node: FlowNode): string[] {
  const middle = Object.keys(node)
    .filter((key) => !FIRST_KEYS.includes(key) && !LAST_KEYS.includes(key))
    .sort(compare);
  return [...FIRST_KEYS, ...middle, ...LAST_KEYS].filter((key) => Object.hasOwn(node, key));
}

/** One property a line, one row of a table a line, one line of a function a line: what changed is what the diff shows. */
export function print(nodes: readonly FlowNode[]): string {
  return `[\n${nodes.map((node) => printObject(inLines(canonical(node)), '  ')).join(',\n')}\n]\n`;
}

/** A function with its code as Node-RED wants it; a file holds it as a list of lines. */
export function withCode(node: FlowNode): FlowNode {
  if (node.type !== 'function') return node;
  const joined = CODE_KEYS.filter((key) => isIds(node[key])).map((key) => [key, (node[key] as string[]).join('\n')]);
  return { ...node, ...Object.fromEntries(joined) };
}

function inLines(node: FlowNode): FlowNode {
  if (node.type !== 'function') return node;
  const split = CODE_KEYS.filter((key) => wordOf(node[key]).includes('\n')).map((key) => [
    key,
    wordOf(node[key]).split('\n'),
  ]);
  return { ...node, ...Object.fromEntries(split) };
}

/** An object of objects, one property a line. */
export function printTable(table: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const rows = Object.keys(table)
    .sort(compare)
    .map((key) => `  ${JSON.stringify(key)}: ${printObject(table[key]!, '  ').trimStart()}`);
  return rows.length === 0 ? '{}\n' : `{\n${rows.join(',\n')}\n}\n`;
}

function printObject(object: Readonly<Record<string, unknown>>, indent: string): string {
  const lines = Object.entries(object).map(
    ([key, value]) => `${indent}  ${JSON.stringify(key)}: ${printValue(value, `${indent}  `, CODE_KEYS.includes(key))}`,
  );
  return `${indent}{\n${lines.join(',\n')}\n${indent}}`;
}

function printValue(value: unknown, indent: string, isCode: boolean): string {
  const isTable =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => isCode || (row !== null && typeof row === 'object' && !Array.isArray(row)));
  if (!isTable) return JSON.stringify(value);
  return `[\n${(value as unknown[]).map((row) => `${indent}  ${JSON.stringify(row)}`).join(',\n')}\n${indent}]`;
}
