// The house style of the shop's own tabs: what a reader may rely on when he opens one. Operators write theirs as they like.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlowNode } from '../../host/flows/node.ts';
import type { Finding, Looked } from './finding.ts';

const require = createRequire(import.meta.url);

const NODES_MAX = 30;
const GRID = 20;
/** What fits into the editor on a 1920 x 1080 screen with its two sidebars open; half a node's width stands beside its place. */
const SCREEN = { width: 1400, height: 900 };
const GROUP_COLOURS = new Set(['#8C8C8C', '#5B9E6A', '#4F86C6', '#C9A227', '#C65B52']);
const FAULT_COLOUR = '#C65B52';
const FUNCTION_LINES_MAX = 5;

type ById = ReadonlyMap<string, FlowNode>;

/** One tab as a rule sees it. */
export interface Tab {
  readonly tab: FlowNode;
  readonly members: readonly FlowNode[];
  /** Neither groups nor comments. */
  readonly working: readonly FlowNode[];
  readonly byId: ById;
}

export interface StyleRule {
  /** What holds of every tab. */
  readonly title: string;
  find(tab: Tab): Finding[];
}

/** The tabs of the core. */
export function tabsOf({ flows }: Looked): Tab[] {
  const byId = new Map(flows.core.map((node) => [node.id, node]));
  return flows.core
    .filter(({ type }) => type === 'tab')
    .map((tab) => {
      const members = flows.core.filter(({ z }) => z === tab.id);
      return { tab, members, working: members.filter(({ type }) => type !== 'group' && type !== 'comment'), byId };
    });
}

/** All findings of the level of house style. */
export function styleFindings(looked: Looked): Finding[] {
  const tabs = tabsOf(looked);
  return [...STYLE_RULES.flatMap(({ find }) => tabs.flatMap(find)), ...lintFindings(looked.flows.core)];
}

export const STYLE_RULES: readonly StyleRule[] = [
  {
    title: 'is named by a number and what happens, and says what enters, leaves and is promised',
    find: ({ tab }) => [
      ...failing(!/^\d\d [A-Z]/.test(String(tab.label)), tab.id, 'its label is no number and what happens'),
      ...['enters', 'leaves', 'promise'].flatMap((word) =>
        failing(!new RegExp(word, 'i').test(String(tab.info)), tab.id, `its description does not say what ${word}`),
      ),
    ],
  },
  {
    title: 'begins with one comment that names the file it rests on',
    find: ({ tab, members }) => {
      const comments = members.filter(({ type }) => type === 'comment');
      const [first] = comments;
      if (comments.length !== 1) return [{ where: tab.id, what: `has ${comments.length} comments` }];
      const top = Math.min(...members.filter(({ y }) => y !== undefined).map(({ y }) => Number(y)));
      return [
        ...failing(!/(domain|ledger|nodes|host)\//.test(`${first!.name} ${first!.info}`), first!.id, 'names no file'),
        ...failing(Number(first!.y) !== top, first!.id, 'does not stand at the top'),
      ];
    },
  },
  {
    title: `has at most ${NODES_MAX} nodes and fits on one screen`,
    find: ({ tab, members, working }) => [
      ...failing(working.length > NODES_MAX, tab.id, `has ${working.length} nodes`),
      ...members.flatMap(({ id, x, y }) =>
        failing(
          Number(x ?? 0) > SCREEN.width || Number(y ?? 0) > SCREEN.height,
          id,
          `stands at ${x}, ${y}: off the screen`,
        ),
      ),
    ],
  },
  {
    title: 'stands on the grid, and no wire runs backwards',
    find: ({ working, byId }) =>
      working.flatMap((node) => [
        ...failing(
          Number(node.y) % 10 !== 0 || Number(node.x) % (GRID / 2) !== 0,
          node.id,
          'does not stand on the grid',
        ),
        ...wiredTo(node).flatMap((id) =>
          failing(Number(byId.get(id)?.x) <= Number(node.x), node.id, `its wire to ${id} runs backwards`),
        ),
      ]),
  },
  {
    title: 'every node has a name, stands in a group with a verb, and the groups have the five colours',
    find: ({ members, working, byId }) => [
      ...working.flatMap((node) => [
        ...failing(!UNNAMED.has(node.type) && String(node.name ?? '').length <= 2, node.id, 'has no name'),
        ...failing(byId.get(String(node.g))?.type !== 'group', node.id, 'is in no group'),
      ]),
      ...members
        .filter(({ type }) => type === 'group')
        .flatMap((group) => [
          ...failing(String(group.name).length <= 2, group.id, 'has no name'),
          ...failing(!GROUP_COLOURS.has(colourOf(group)), group.id, 'has another colour'),
        ]),
    ],
  },
  {
    title: 'has a red group with one Catch for the whole tab that leads to the tab of faults',
    find: ({ tab, members, byId }) => {
      if (/faults/i.test(String(tab.label))) return [];
      const catches = members.filter(({ type, scope }) => type === 'catch' && (scope ?? null) === null);
      const [all] = catches;
      if (all === undefined || catches.length > 1)
        return [{ where: tab.id, what: `has ${catches.length} Catch nodes for all of it` }];
      const group = byId.get(String(all.g));
      return [
        ...failing(group === undefined || colourOf(group) !== FAULT_COLOUR, all.id, 'stands in no red group'),
        ...failing(!reaches(byId, all, (node) => linksToFaults(byId, node)), all.id, 'does not lead to the faults'),
      ];
    },
  },
  {
    title: 'answers every caller: each HTTP input reaches a response, and so does its Catch',
    find: ({ members, byId }) => {
      const inputs = members.filter(({ type }) => type === 'http in');
      if (inputs.length === 0) return [];
      // What is told live is an answer that stays open.
      const answers = ({ type, what }: FlowNode) =>
        type === 'http response' || (type === 'tapcase-view' && what === 'live');
      return [...inputs, ...members.filter(({ type }) => type === 'catch')].flatMap((node) =>
        failing(!reaches(byId, node, answers), node.id, 'is never answered'),
      );
    },
  },
  {
    title: 'functions only reshape, debug nodes are off, MQTT says its quality of service',
    find: ({ working }) =>
      working.flatMap((node) => [
        ...failing(
          node.type === 'function' && String(node.func).split('\n').length > FUNCTION_LINES_MAX,
          node.id,
          'is too long for a function',
        ),
        ...failing(
          node.type === 'function' && /global\.|context\.|flow\./.test(String(node.func)),
          node.id,
          'keeps something',
        ),
        ...failing(node.type === 'debug' && node.active !== false, node.id, 'is on'),
        ...failing(
          (node.type === 'mqtt in' || node.type === 'mqtt out') && String(node.qos) !== '1',
          node.id,
          'has another quality than 1',
        ),
      ]),
  },
  {
    title: 'ids are readable: the tab and what the node does',
    find: ({ members }) =>
      members.flatMap(({ id }) => failing(!/^[a-z]+(-[a-z]+)*\.[a-z0-9-]+$/.test(id), id, 'is no readable id')),
  },
];

/** The wire says it. */
const UNNAMED = new Set(['link in', 'link out', 'junction']);

/** What nrlint 1.2 checks beyond our own rules (its HTTP rule does not know
 * that a Catch also leads to an answer; its overlap rule guesses widths from the number of letters). */
const LINT_RULES = {
  'no-loops': true,
  'no-duplicate-http-in-urls': true,
  'no-unnamed-functions': true,
  'no-unnamed-links': true,
};

/** Node-RED's own linter, where it is installed: a shop that only runs has no tools. */
export function lintFindings(nodes: readonly FlowNode[]): Finding[] {
  let bin: string;
  try {
    bin = require.resolve('nrlint/bin/nrlint.js');
  } catch {
    return [];
  }
  const scratch = mkdtempSync(join(tmpdir(), 'nrlint-'));
  try {
    const [file, config] = [join(scratch, 'flows.json'), join(scratch, '.nrlintrc.js')];
    writeFileSync(file, JSON.stringify(nodes));
    writeFileSync(config, `module.exports = ${JSON.stringify({ rules: LINT_RULES })};`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '--config', config, file], {
      encoding: 'utf8',
    });
    return status === 0 ? [] : [{ where: 'nrlint', what: `${stdout}${stderr}`.trim() }];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function failing(isWrong: boolean, where: string, what: string): Finding[] {
  return isWrong ? [{ where, what }] : [];
}

function colourOf({ style }: FlowNode): string {
  return String((style as { readonly stroke?: string } | undefined)?.stroke);
}

function wiredTo({ wires }: FlowNode): string[] {
  return ((wires ?? []) as string[][]).flat();
}

function reaches(byId: ById, from: FlowNode, wanted: (node: FlowNode) => boolean): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (wanted(node)) return true;
    const linked = node.type === 'link out' ? ((node.links ?? []) as string[]) : [];
    for (const id of [...wiredTo(node), ...linked]) if (byId.has(id)) queue.push(byId.get(id)!);
  }
  return false;
}

function linksToFaults(byId: ById, node: FlowNode): boolean {
  if (node.type !== 'link out') return false;
  return ((node.links ?? []) as string[]).some((id) =>
    /faults/i.test(String(byId.get(String(byId.get(id)?.z))?.label)),
  );
}
