// What the files of core/ and own/ say together: the nodes that run, what they are as shipped, and which own files are broken.
import { Fault } from '@tapcase/domain';
import { referringNow, withMovedSettings } from './moved-settings.ts';
import {
  compare,
  type FlowFolders,
  type FlowNode,
  homeIdOf,
  isHome,
  isShared,
  ORDER_FILE,
  OVERRIDES_FILE,
} from './node.ts';
import { asNow } from './old-types.ts';
import { wrongPath } from './paths.ts';
import { joinFlows, parseFile, parseJson, slug } from './tabs.ts';

/** Node id to the properties that an operator changed. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface BrokenFile {
  /** In `own/`. */
  readonly file: string;
  /** A sentence for the operator. */
  readonly why: string;
}

export interface ShopFlows {
  /** What Node-RED runs: overrides laid over, a disabled tab in the place of each broken file, tabs in their order. */
  readonly nodes: readonly FlowNode[];
  /** As shipped. */
  readonly core: readonly FlowNode[];
  readonly own: readonly FlowNode[];
  readonly overrides: Overrides;
  readonly broken: readonly BrokenFile[];
  /** Why own config nodes were switched off: the others of their file are catalogs, and cases sell from them. */
  readonly switchedOff: readonly Fault[];
}

export interface ReadOptions {
  /** False: the own tabs are there and stand still, as if their operator had switched each off. */
  readonly hasOwnTabs?: boolean;
}

const BROKEN_ID = 'broken-own-file';

/**
 * Throws `flows.unreadable` or `flows.twice` for a broken core file, and for broken overrides: they hold prices and limits, and with
 * the shipped ones in their place customers would pay what no label says.
 */
export function readShopFlows(
  { core: coreFiles, own: ownFiles }: FlowFolders,
  { hasOwnTabs = true }: ReadOptions = {},
): ShopFlows {
  const core = inFolder('core', () => joinFlows(coreFiles));
  if (core.length === 0)
    throw new Fault(
      'flows.no-core',
      'there are no flows in core/: another folder is meant, or one of an older version, whose tabs lay in the folder itself',
    );
  const coreIds = new Set(core.map(({ id }) => id));
  if (coreIds.size < core.length) throw new Fault('flows.twice', `core/ uses the id ${firstTwice(core)} twice`);
  const overrides = inFolder('own', () => withMovedSettings(parseOverrides(ownFiles[OVERRIDES_FILE])));
  const broken: BrokenFile[] = [];
  const switchedOff: Fault[] = [];
  const own: FlowNode[] = [];
  for (const file of Object.keys(ownFiles).sort(compare)) {
    if (file === OVERRIDES_FILE) continue;
    try {
      if (file === ORDER_FILE) parseOrder(ownFiles[file]);
      else own.push(...ownNodes(file, ownFiles[file]!, core, new Set(own.map(({ id }) => id))));
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      broken.push({ file, why: thrown.message });
    }
  }
  for (const [at, node] of own.entries()) {
    const wrong = wrongPath(node);
    if (wrong === undefined) continue;
    switchedOff.push(wrong);
    own[at] = { ...node, d: true };
  }
  if (!hasOwnTabs)
    for (const [at, node] of own.entries()) if (node.type === 'tab') own[at] = { ...node, disabled: true };
  const order = broken.some(({ file }) => file === ORDER_FILE) ? [] : parseOrder(ownFiles[ORDER_FILE]);
  const all = [...withOwnLinks(overridden(core, overrides), own), ...own, ...broken.flatMap(standIn)];
  return { nodes: inTabOrder(all, order), core, own, overrides, broken, switchedOff };
}

/** Whether a node is only shown in the place of a broken file. */
export function isStandIn(node: FlowNode): boolean {
  return node.id.startsWith(BROKEN_ID) || homeIdOf(node).startsWith(BROKEN_ID);
}

/** The tabs in the order in which the files alone would show them: the shop's, then the operator's. */
export function naturalOrder({ core, own }: FlowFolders): string[] {
  const { [OVERRIDES_FILE]: _overrides, [ORDER_FILE]: _order, ...tabs } = own;
  return [...joinFlows(core), ...joinFlows(tabs)].filter(({ type }) => type === 'tab').map(({ id }) => id);
}

/** Of one own file, checked against what was read before it. */
function ownNodes(file: string, text: string, core: readonly FlowNode[], before: ReadonlySet<string>): FlowNode[] {
  const coreIds = new Set(core.map(({ id }) => id));
  const coreHomes = new Set(core.filter(isHome).map(({ id }) => id));
  const nodes = parseFile(file, text).map(asNow).map(referringNow);
  const ids = new Set<string>();
  for (const node of nodes) {
    const { id } = node;
    // The core is what was shipped; nobody adds to it from outside.
    if (coreHomes.has(homeIdOf(node)))
      throw new Fault('flows.in-core', `${file} puts the node ${id} onto a tab of the shop's own`);
    if (coreIds.has(id) || before.has(id) || ids.has(id))
      throw new Fault('flows.twice', `${file} uses the id ${id}, which is used already`);
    const wrong = isShared(node) ? undefined : wrongPath(node);
    if (wrong !== undefined) throw new Fault(wrong.code, `in ${file}, ${wrong.message}`, wrong.details);
    ids.add(id);
  }
  return nodes;
}

function overridden(core: readonly FlowNode[], overrides: Overrides): FlowNode[] {
  return core.map((node) =>
    isShared(node) && Object.hasOwn(overrides, node.id) ? { ...node, ...overrides[node.id] } : node,
  );
}

/** A wire between link points is kept at the end that the operator drew; the core's end is told of it here, as the editor does it. */
function withOwnLinks(core: readonly FlowNode[], own: readonly FlowNode[]): FlowNode[] {
  const more = new Map<string, string[]>();
  for (const node of own) {
    if (!hasLinks(node)) continue;
    for (const id of linksOf(node)) more.set(id, [...(more.get(id) ?? []), node.id]);
  }
  return core.map((node) => {
    const added = hasLinks(node) ? more.get(node.id) : undefined;
    return added === undefined ? node : { ...node, links: [...new Set([...linksOf(node), ...added])] };
  });
}

/** Both ends of such a wire keep it. */
export function hasLinks({ type }: FlowNode): boolean {
  return type === 'link in' || type === 'link out';
}

export function linksOf({ links }: FlowNode): string[] {
  return Array.isArray(links) ? links.filter((id) => typeof id === 'string') : [];
}

/** What the editor shows of a file that could not be read; never written. */
function standIn({ file, why }: BrokenFile): FlowNode[] {
  const id = `${BROKEN_ID}-${slug(file)}`;
  const info = [
    `own/${file} could not be read: ${why}.`,
    'The shop sells on without it, and a Deploy keeps the file as it is. Repair it, then choose "Restart flows" in the menu of the Deploy button.',
    'No se pudo leer este archivo. La tienda sigue vendiendo sin él, y un despliegue lo deja como está. Repárelo y elija «Reiniciar flujos» en el menú del botón de despliegue.',
  ].join('\n\n');
  return [
    { id, type: 'tab', label: `! ${file}`, disabled: true, locked: true, info },
    {
      id: `${id}.why`,
      type: 'comment',
      z: id,
      name: `own/${file} could not be read / no se pudo leer`,
      info,
      x: 240,
      y: 60,
      wires: [],
    },
  ];
}

/** A tab that the order does not know (a release brought it) stands behind the one that it stands behind by nature. */
export function inTabOrder(nodes: readonly FlowNode[], order: readonly string[]): FlowNode[] {
  const natural = nodes.filter(({ type }) => type === 'tab');
  const tabs = order.flatMap((id) => natural.filter((tab) => tab.id === id));
  for (const [at, tab] of natural.entries()) {
    if (!tabs.includes(tab)) tabs.splice(at === 0 ? 0 : tabs.indexOf(natural[at - 1]!) + 1, 0, tab);
  }
  return [...tabs, ...nodes.filter(({ type }) => type !== 'tab')];
}

export function parseOrder(text: string | undefined): string[] {
  if (text === undefined) return [];
  const value = parseJson(ORDER_FILE, text);
  if (Array.isArray(value) && value.every((id) => typeof id === 'string')) return [...new Set(value as string[])];
  throw new Fault('flows.unreadable', `${ORDER_FILE} is not a list of tab ids`);
}

export function parseOverrides(text: string | undefined): Overrides {
  if (text === undefined) return {};
  const value = parseJson(OVERRIDES_FILE, text);
  if (!isTable(value) || !Object.values(value).every(isTable)) {
    throw new Fault('flows.unreadable', `${OVERRIDES_FILE} is not a table of nodes and their properties`);
  }
  for (const [id, properties] of Object.entries(value as Overrides)) {
    const fixed = Object.keys(properties).find((key) => FIXED_KEYS.has(key));
    if (fixed !== undefined) throw new Fault('flows.unreadable', `${OVERRIDES_FILE} changes the ${fixed} of ${id}`);
  }
  return value as Overrides;
}

/** What makes a node that node. */
export const FIXED_KEYS: ReadonlySet<string> = new Set(['id', 'type', 'z', 'credentials', '__proto__']);

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first id that an earlier node has too. */
export function firstTwice(nodes: readonly FlowNode[]): string | undefined {
  const seen = new Set<string>();
  return nodes.find(({ id }) => seen.size === seen.add(id).size)?.id;
}

function inFolder<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    throw new Fault(thrown.code, `${folder}/${thrown.message}`, thrown.details, thrown.cause);
  }
}
