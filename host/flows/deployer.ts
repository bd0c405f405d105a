// Whether whoever deploys may change what would change, by their role; and in words what did. Pure.
import { isDeepStrictEqual } from 'node:util';
import { Fault, may, type Permission, permissionToChange, type StaffRole } from '@tapcase/domain';
import type { Credentials } from './credentials.ts';
import { type DeployPlan, differences } from './deploy.ts';
import { compare, type FlowFolders, type FlowNode, homeIdOf, isHome, nameOf, OVERRIDES_FILE, wordOf } from './node.ts';
import { type Overrides, parseOverrides, type ShopFlows } from './read.ts';

export interface Deploying {
  /** What runs. */
  readonly before: ShopFlows;
  readonly beforeFiles: FlowFolders;
  readonly plan: DeployPlan;
  readonly credentials: { readonly before: Credentials; readonly after: Credentials };
}

/** What of the shop as shipped would change, in words, and what that needs. */
interface Change {
  readonly words: string;
  readonly needs: Permission;
}

/** A sentence names no more than this many. */
const NAMED_MAX = 3;
/** Lines of the audit, and names in one. */
const LINES_MAX = 12;

/** `flows.not-yours` where the role may not deploy at all, or not this. */
export function notYours(role: StaffRole, deploying: Deploying): Fault | undefined {
  const missing = changesOf(deploying).filter(({ needs }) => !may(role, needs));
  if (missing.length === 0 && may(role, 'flows.own')) return undefined;
  const named = missing.slice(0, NAMED_MAX).map(({ words }) => words);
  const more = missing.length - named.length;
  const list = (word: string) => [...named, ...(more > 0 ? [`${more} ${word}`] : [])].join(', ');
  return new Fault(
    'flows.not-yours',
    `Not deployed, the flows run on as they are. Your role may not change this${named.length > 0 ? `: ${list('more')}` : ''}. Your own tabs and the catalog are yours; for the shop itself ask an owner.`,
    {
      role,
      es: `No se ha desplegado, los flujos siguen como están. Su papel no permite cambiar esto${named.length > 0 ? `: ${list('más')}` : ''}. Sus pestañas propias y el catálogo son suyos; para la tienda misma, pida a un propietario.`,
    },
  );
}

function changesOf({ before, plan, credentials }: Deploying): Change[] {
  const shipped = new Map(before.core.map((node) => [node.id, node]));
  const files = plan.coreWritten.map((name): Change => ({ words: `core/${name}`, needs: 'flows.core' }));
  const settings = changedSettings(before.overrides, overridesOf(plan)).map((id) => changeOf(id, shipped));
  const secrets = [...new Set([...Object.keys(credentials.before), ...Object.keys(credentials.after)])]
    .filter((id) => shipped.has(id) && !isDeepStrictEqual(credentials.before[id] ?? {}, credentials.after[id] ?? {}))
    .map((id) => changeOf(id, shipped));
  return [...files, ...settings, ...secrets];
}

function changeOf(id: string, shipped: ReadonlyMap<string, FlowNode>): Change {
  const node = shipped.get(id);
  if (node === undefined) return { words: id, needs: 'flows.core' };
  return { words: nameOf(node), needs: permissionToChange(node.type) };
}

function overridesOf({ own }: FlowFolders): Overrides {
  return parseOverrides(own[OVERRIDES_FILE]);
}

function changedSettings(before: Overrides, after: Overrides): string[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...ids].filter((id) => !isDeepStrictEqual(before[id], after[id])).sort(compare);
}

/** For the audit: which tabs and nodes, without what they say, for that may be a secret. Nothing: nothing changed. */
export function deployInWords({ before, beforeFiles, plan, credentials }: Deploying, after: ShopFlows): string[] {
  const lines = [
    ...tabLines(before.nodes, after.nodes),
    ...changedSettings(before.overrides, after.overrides).map((id) => {
      const node = before.core.find((each) => each.id === id);
      const keys = new Set([...Object.keys(before.overrides[id] ?? {}), ...Object.keys(after.overrides[id] ?? {})]);
      const changed = [...keys].filter(
        (key) => !isDeepStrictEqual(before.overrides[id]?.[key], after.overrides[id]?.[key]),
      );
      return `${node === undefined ? id : nameOf(node)}: ${changed.sort(compare).slice(0, LINES_MAX).join(', ')}`;
    }),
    ...(isDeepStrictEqual(credentials.before, credentials.after) ? [] : ['credentials']),
  ];
  const isSilent = lines.length === 0 && differences(beforeFiles.own, plan.own).length > 0;
  if (isSilent) return ['the order of the tabs'];
  return lines.length > LINES_MAX ? [...lines.slice(0, LINES_MAX), `${lines.length - LINES_MAX} more`] : lines;
}

/** `tab "Evening": new Say it; changed At eight; gone Old`, also of config nodes that are the operator's. */
function tabLines(before: readonly FlowNode[], after: readonly FlowNode[]): string[] {
  const [old, now] = [byId(before), byId(after)];
  const homes = new Map([...before, ...after].filter(isHome).map((node) => [node.id, wordOf(node.label ?? node.name)]));
  const found = new Map<string, string[]>();
  const tell = (node: FlowNode, what: string) => {
    const home = isHome(node) ? node.id : homeIdOf(node);
    const name = homes.get(home);
    const words = name === undefined ? 'config nodes' : `tab "${name}"`;
    const said = isHome(node) ? what : `${what} ${wordOf(node.name) || node.type}`;
    found.set(words, [...(found.get(words) ?? []), said]);
  };
  for (const node of after) {
    const was = old.get(node.id);
    if (was === undefined) tell(node, 'new');
    // The shop's own settings are told by their properties.
    else if (!isDeepStrictEqual(was, node) && !isShippedSetting(node)) tell(node, 'changed');
  }
  for (const node of before) if (!now.has(node.id)) tell(node, 'gone');
  return [...found].map(([home, said]) => {
    const more = said.length > LINES_MAX ? [`${said.length - LINES_MAX} more`] : [];
    return `${home}: ${[...said.slice(0, LINES_MAX), ...more].join(', ')}`;
  });
}

function isShippedSetting(node: FlowNode): boolean {
  return !isHome(node) && homeIdOf(node) === '' && node.id.startsWith('config.');
}

function byId(nodes: readonly FlowNode[]): ReadonlyMap<string, FlowNode> {
  return new Map(nodes.map((node) => [node.id, node]));
}
