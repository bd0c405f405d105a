// What a Deploy may write: core tabs that are locked stay as shipped, settings become overrides, the rest is the operator's. Pure.
import { isDeepStrictEqual } from 'node:util';
import { Fault } from '@tapcase/domain';
import { canonical, isSame, printTable } from './form.ts';
import {
  CONFIG_FILE,
  type FlowFiles,
  type FlowFolders,
  type FlowNode,
  homeIdOf,
  isHome,
  isShared,
  nameOf,
  ORDER_FILE,
  OVERRIDES_FILE,
} from './node.ts';
import { wrongPath } from './paths.ts';
import {
  FIXED_KEYS,
  firstTwice,
  hasLinks,
  inTabOrder,
  isStandIn,
  linksOf,
  naturalOrder,
  parseOrder,
  type ShopFlows,
} from './read.ts';
import { parseFile, splitFlows } from './tabs.ts';

export interface DeployPlan extends FlowFolders {
  /** Files of the core that this Deploy changes, because somebody unlocked their tabs. */
  readonly coreWritten: readonly string[];
}

/** A node and what would become of it, in both languages. */
interface Touched {
  readonly en: string;
  readonly es: string;
}

type ById = ReadonlyMap<string, FlowNode>;

/** A sentence names no more than this many nodes. */
const NAMED_MAX = 3;
/** They say something by not being there; any other property that is missing is as shipped: the editor drops what it does not know. */
const SAYS_BY_ABSENCE: readonly string[] = ['d', 'g', 'wires'];

/**
 * The files after a Deploy of `deployed`, where `read` is what the files `before` said. Throws `flows.core-locked` where a locked part
 * of the core would change, `flows.broken-file` where a file that cannot be read would have to be written,
 * `flows.own-path` where a node of the operator's waits for requests elsewhere than below /own/.
 */
export function planDeploy(deployed: readonly FlowNode[], read: ShopFlows, before: FlowFolders): DeployPlan {
  const nodes = deployed.filter((node) => !isStandIn(node));
  const twice = firstTwice(nodes);
  if (twice !== undefined) throw usedTwice(twice);
  const shipped: ById = new Map(read.core.map((node) => [node.id, node]));
  const homes: ById = new Map(nodes.filter(isHome).map((node) => [node.id, node]));
  const isLocked = (id: string) =>
    shipped.get(id)?.locked === true && (homes.get(id) ?? shipped.get(id))!.locked === true;
  const isCore = (node: FlowNode) => shipped.has(homes.has(homeOf(node)) ? homeOf(node) : node.id);

  const [core, own] = [nodes.filter(isCore), nodes.filter((node) => !isCore(node))];
  const touched = touchedCore(core, read.core, shipped, isLocked);
  if (touched.length > 0) throw coreLocked(touched);
  for (const node of own) {
    const wrong = wrongPath(node);
    if (wrong !== undefined) throw ownPath(wrong);
  }

  const unlocked = core
    .filter((node) => homes.has(homeOf(node)) && !isLocked(homeOf(node)))
    .map((node) => withLinksWithin(node, shipped, nodes));
  const coreFiles = coreFilesOf(unlocked, read.core, before.core, isLocked);
  const tabs = ownTabFiles(own, read);
  const kept = Object.fromEntries(read.broken.map(({ file }) => [file, before.own[file]!]));
  const ownFiles: FlowFiles = {
    ...tabs,
    ...kept,
    ...overridesFile(core, shipped, read),
    ...orderFile(nodes, { core: coreFiles, own: tabs }, read, before.own),
  };
  return { core: coreFiles, own: ownFiles, coreWritten: differences(before.core, coreFiles) };
}

/** Names of the files that are not the same in both. */
export function differences(before: FlowFiles, after: FlowFiles): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).sort();
}

function homeOf(node: FlowNode): string {
  return isHome(node) ? node.id : homeIdOf(node);
}

/** What would change although it is locked, in words. */
function touchedCore(
  core: readonly FlowNode[],
  shippedNodes: readonly FlowNode[],
  shipped: ById,
  isLocked: (id: string) => boolean,
): Touched[] {
  const touched: Touched[] = [];
  const given: ById = new Map(core.map((node) => [node.id, node]));
  for (const node of core) {
    if (!shipped.has(node.id) && isLocked(homeOf(node))) touched.push(says(node, 'would be new there', 'se añadiría'));
  }
  for (const was of shippedNodes) {
    const node = given.get(was.id);
    if (!isShared(was) && !isLocked(homeOf(was))) continue;
    if (node === undefined) touched.push(says(was, 'would be gone', 'desaparecería'));
    else if (isShared(was) ? node.type !== was.type || !isShared(node) : !isAsShipped(node, was, shipped)) {
      touched.push(says(was, 'would change', 'cambiaría'));
    }
  }
  return touched;
}

function says(node: FlowNode, en: string, es: string): Touched {
  return { en: `${nameOf(node)} ${en}`, es: `${nameOf(node)} ${es}` };
}

/** But for what the editor adds and drops by itself. */
function isAsShipped(node: FlowNode, was: FlowNode, shipped: ById): boolean {
  const merged: Record<string, unknown> = { ...was, ...node };
  for (const key of SAYS_BY_ABSENCE) if (!Object.hasOwn(node, key)) delete merged[key];
  if (hasLinks(was)) merged.links = linksOf(node).filter((id) => shipped.has(id));
  return isSame(merged as FlowNode, was);
}

/** The other end of a wire that an operator drew to a link point of the core is kept in the operator's file alone. */
function withLinksWithin(node: FlowNode, shipped: ById, nodes: readonly FlowNode[]): FlowNode {
  if (!hasLinks(node)) return node;
  const homes = new Map(nodes.map((node) => [node.id, homeIdOf(node)]));
  return { ...node, links: linksOf(node).filter((id) => shipped.has(id) || shipped.has(homes.get(id) ?? '')) };
}

/** A file is written only where a tab in it is not locked; the config nodes of the core are never. */
function coreFilesOf(
  unlocked: readonly FlowNode[],
  before: readonly FlowNode[],
  files: FlowFiles,
  isLocked: (id: string) => boolean,
): FlowFiles {
  const kept = Object.entries(files).filter(([name, text]) =>
    parseFile(name, text).every((node) => !isHome(node) || isLocked(node.id)),
  );
  const taken = kept.map(([name]) => name);
  return { ...Object.fromEntries(kept), ...splitFlows(unlocked, { before, taken }) };
}

function ownTabFiles(own: readonly FlowNode[], read: ShopFlows): FlowFiles {
  const broken = read.broken.map(({ file }) => file);
  const files = splitFlows(own, { before: read.own, taken: [OVERRIDES_FILE, ORDER_FILE, ...broken] });
  if (files[CONFIG_FILE] !== undefined && broken.includes(CONFIG_FILE)) {
    throw new Fault(
      'flows.broken-file',
      `Not deployed. The new config nodes belong into own/${CONFIG_FILE}, and that file cannot be read (${whyOf(read, CONFIG_FILE)}). Repair it, choose "Restart flows" in the menu of the Deploy button, then deploy again.`,
      {
        file: CONFIG_FILE,
        es: `No se ha desplegado. Los nodos de configuración nuevos van en own/${CONFIG_FILE}, y ese archivo no se puede leer. Repárelo, elija «Reiniciar flujos» en el menú del botón de despliegue y despliegue otra vez.`,
      },
    );
  }
  return files;
}

function whyOf(read: ShopFlows, name: string): string | undefined {
  return read.broken.find(({ file }) => file === name)?.why;
}

function overridesFile(core: readonly FlowNode[], shipped: ById, read: ShopFlows): FlowFiles {
  // Of nodes that this release does not have: the next one may have them again.
  const table = Object.fromEntries(Object.entries(read.overrides).filter(([id]) => !shipped.has(id)));
  for (const node of core) {
    const was = shipped.get(node.id);
    if (was === undefined || !isShared(was)) continue;
    const changed = changedProperties(node, was, read.overrides[node.id] ?? {});
    if (Object.keys(changed).length > 0) table[node.id] = changed;
  }
  return Object.keys(table).length === 0 ? {} : { [OVERRIDES_FILE]: printTable(table) };
}

function changedProperties(
  node: FlowNode,
  was: FlowNode,
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const [given, shipped] = [canonical(node), canonical(was)];
  const unseen = Object.entries(before).filter(([key]) => !SAYS_BY_ABSENCE.includes(key));
  const entries = Object.entries({ ...Object.fromEntries(unseen), ...given });
  const changed = entries.filter(([key, value]) => !FIXED_KEYS.has(key) && !isDeepStrictEqual(value, shipped[key]));
  return Object.fromEntries(changed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Only where the files alone would not show the tabs in this order. */
function orderFile(nodes: readonly FlowNode[], files: FlowFolders, read: ShopFlows, before: FlowFiles): FlowFiles {
  if (whyOf(read, ORDER_FILE) !== undefined) return {};
  const order = nodes.filter(({ type }) => type === 'tab').map(({ id }) => id);
  const natural = naturalOrder(files);
  if (isDeepStrictEqual(order, natural)) return {};
  const known: ById = new Map(nodes.map((node) => [node.id, node]));
  const tabs = natural.map((id) => known.get(id)!);
  const ordered = (ids: readonly string[]) => inTabOrder(tabs, ids).map(({ id }) => id);
  const text = before[ORDER_FILE];
  if (text !== undefined && isDeepStrictEqual(order, ordered(parseOrder(text)))) return { [ORDER_FILE]: text };
  // Tabs of the operator's in an order of their own are the usual case: the shop's need not be told then.
  const shipped = new Set(read.core.map(({ id }) => id));
  const own = order.filter((id) => !shipped.has(id));
  const kept = isDeepStrictEqual(order, ordered(own)) ? own : order;
  return { [ORDER_FILE]: `[\n${kept.map((id) => `  ${JSON.stringify(id)}`).join(',\n')}\n]\n` };
}

function usedTwice(id: string): Fault {
  return new Fault('flows.twice', `Not deployed: two nodes have the id ${id}. Import one of them again, as a copy.`, {
    id,
    es: `No se ha desplegado: dos nodos tienen el identificador ${id}. Importe uno de ellos otra vez, como copia.`,
  });
}

function coreLocked(touched: readonly Touched[]): Fault {
  const listed = (language: keyof Touched, more: string) =>
    [
      ...touched.slice(0, NAMED_MAX).map((each) => each[language]),
      ...(touched.length > NAMED_MAX ? [`${touched.length - NAMED_MAX} ${more}`] : []),
    ].join(', ');
  return new Fault(
    'flows.core-locked',
    `Not deployed, the flows run on as they are. A locked tab or a config node of the shop would change: ${listed('en', 'more')}. Undo this, or unlock the tab first if you mean to change the shop itself; your own changes belong onto tabs of your own.`,
    {
      touched: touched.map(({ en }) => en),
      es: `No se ha desplegado, los flujos siguen como están. Cambiaría una pestaña bloqueada o un nodo de configuración de la tienda: ${listed('es', 'más')}. Deshaga el cambio, o desbloquee antes la pestaña si quiere cambiar la tienda misma; sus cambios van en pestañas propias.`,
    },
  );
}

function ownPath({ code, message, details }: Fault): Fault {
  return new Fault(code, `Not deployed, the flows run on as they are. ${message}. Change it so, or disable the node.`, {
    ...details,
    es: `No se ha desplegado, los flujos siguen como están. ${details.es}. Cámbielo así o desactive el nodo.`,
  });
}
