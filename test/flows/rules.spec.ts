// The house rules of flows, on every tab of the cloud and the edge: what a reader may rely on when he opens one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FlowNode, joinFlows } from '../../host/flow-files.ts';
import { CREDENTIALS_FILE, readFlowFiles } from '../../host/flow-storage.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);

const NODES_MAX = 30;
const GRID = 20;
/** What fits into the editor on a 1920 x 1080 screen with its two sidebars open. */
const SCREEN = { width: 1400, height: 900 };
const GROUP_COLOURS = new Set(['#8C8C8C', '#5B9E6A', '#4F86C6', '#C9A227', '#C65B52']);
const FAULT_COLOUR = '#C65B52';
const FUNCTION_LINES_MAX = 5;

for (const folder of ['flows', 'edge-flows']) {
  const nodes = joinFlows(readFlowFiles(join(ROOT, folder)));
  const tabs = nodes.filter(({ type }) => type === 'tab');
  const byId = new Map(nodes.map((node) => [node.id, node]));

  describe(`rules of ${folder}`, () => {
    it('has tabs', () => assert.ok(tabs.length >= 3));

    for (const tab of tabs) {
      const members = nodes.filter(({ z }) => z === tab.id);
      const working = members.filter(({ type }) => type !== 'group' && type !== 'comment');
      const named = working.filter(({ type }) => type !== 'link in' && type !== 'link out' && type !== 'junction');
      const isFaultTab = /faults/i.test(String(tab.label));

      describe(String(tab.label), () => {
        it('is named by a number and what happens, and says what enters, leaves and is promised', () => {
          assert.match(String(tab.label), /^\d\d [A-Z]/);
          assert.match(String(tab.info), /enters/i);
          assert.match(String(tab.info), /leaves/i);
          assert.match(String(tab.info), /promise/i);
        });

        it('begins with one comment that names the file it rests on', () => {
          const comments = members.filter(({ type }) => type === 'comment');
          assert.equal(comments.length, 1);
          assert.match(`${comments[0]!.name} ${comments[0]!.info}`, /(domain|ledger|nodes|host)\//);
          const top = Math.min(...members.map(({ y }) => Number(y)));
          assert.equal(Number(comments[0]!.y), top);
        });

        it(`has at most ${NODES_MAX} nodes and fits on one screen`, () => {
          assert.ok(working.length <= NODES_MAX, `${working.length} nodes`);
          const right = Math.max(...members.map(({ x, w }) => Number(x) + Number(w ?? 0)));
          const bottom = Math.max(...members.map(({ y, h }) => Number(y) + Number(h ?? 0)));
          assert.ok(right <= SCREEN.width && bottom <= SCREEN.height, `${right} x ${bottom}`);
        });

        it('stands on the grid, and no wire runs backwards', () => {
          for (const node of working) {
            assert.equal(Number(node.y) % 10, 0, `${node.id} y`);
            assert.equal(Number(node.x) % (GRID / 2), 0, `${node.id} x`);
            for (const target of (node.wires as string[][]).flat()) {
              assert.ok(byId.has(target), `${node.id} is wired to ${target}, which is not there`);
              assert.ok(Number(byId.get(target)!.x) > Number(node.x), `${node.id} -> ${target} runs backwards`);
            }
          }
        });

        it('every node has a name, stands in a group with a verb, and the groups have the five colours', () => {
          for (const node of named) assert.ok(String(node.name ?? '').length > 2, `${node.id} has no name`);
          for (const node of working)
            assert.equal(byId.get(String(node.g))?.type, 'group', `${node.id} is in no group`);
          for (const group of members.filter(({ type }) => type === 'group')) {
            assert.ok(String(group.name).length > 2, `${group.id} has no name`);
            assert.ok(GROUP_COLOURS.has((group.style as { stroke: string }).stroke), `${group.id} has another colour`);
          }
        });

        if (!isFaultTab) {
          it('has a red group with one Catch for the whole tab that leads to the tab of faults', () => {
            const catches = members.filter(({ type, scope }) => type === 'catch' && (scope ?? null) === null);
            assert.equal(catches.length, 1);
            assert.equal((byId.get(String(catches[0]!.g))!.style as { stroke: string }).stroke, FAULT_COLOUR);
            assert.ok(
              reaches(byId, catches[0]!, (node) => linksToFaults(byId, node)),
              'Catch does not lead to the faults',
            );
          });
        }

        it('answers every caller: each HTTP input reaches a response, and so does its Catch', () => {
          const inputs = members.filter(({ type }) => type === 'http in');
          if (inputs.length === 0) return;
          const answers = (node: FlowNode) => node.type === 'http response' || node.type === 'visit-live';
          for (const input of inputs) assert.ok(reaches(byId, input, answers), `${input.id} is never answered`);
          assert.ok(members.filter(({ type }) => type === 'catch').every((node) => reaches(byId, node, answers)));
        });

        it('functions only reshape, debug nodes are off, MQTT says its quality of service', () => {
          for (const node of working) {
            if (node.type === 'function') {
              assert.ok(String(node.func).split('\n').length <= FUNCTION_LINES_MAX, `${node.id} is too long`);
              assert.doesNotMatch(String(node.func), /global\.|context\.|flow\./);
            }
            if (node.type === 'debug') assert.equal(node.active, false, `${node.id} is on`);
            if (node.type === 'mqtt in' || node.type === 'mqtt out') assert.equal(String(node.qos), '1', `${node.id}`);
          }
        });

        it('ids are readable: the tab and what the node does', () => {
          for (const node of members) assert.match(node.id, /^[a-z]+(-[a-z]+)*\.[a-z0-9-]+$/);
        });
      });
    }

    it('holds no secret: config comes from the environment', () => {
      for (const node of nodes) {
        for (const [key, value] of Object.entries(node)) {
          if (!/(secret|password|key|token)$/i.test(key)) continue;
          assert.ok(value === '' || /^\$\{[A-Z0-9_]+\}$/.test(String(value)), `${node.id}.${key} holds a value`);
        }
      }
    });

    it('takes its credentials from the environment by reference', () => {
      const file = join(ROOT, folder, CREDENTIALS_FILE);
      const references = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
      for (const [id, credentials] of Object.entries(references)) {
        assert.ok(byId.has(id), `${id} is no node`);
        for (const value of Object.values(credentials)) assert.match(value, /^\$\{[A-Z0-9_]+\}$/);
      }
    });

    it('passes Node-RED’s own linter', () => {
      const scratch = mkdtempSync(join(tmpdir(), 'nrlint-'));
      try {
        const file = join(scratch, 'flows.json');
        writeFileSync(file, JSON.stringify(nodes));
        const config = join(scratch, '.nrlintrc.js');
        writeFileSync(config, `module.exports = ${JSON.stringify({ rules: LINT_RULES })};`);
        const bin = require.resolve('nrlint/bin/nrlint.js');
        const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '--config', config, file], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stdout + stderr);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  });
}

/** What nrlint 1.2 checks beyond our own rules above (its HTTP rule does not know
 * that a Catch also leads to an answer; its overlap rule guesses widths from the number of letters). */
const LINT_RULES = {
  'no-loops': true,
  'no-duplicate-http-in-urls': true,
  'no-unnamed-functions': true,
  'no-unnamed-links': true,
};

function reaches(byId: ReadonlyMap<string, FlowNode>, from: FlowNode, wanted: (node: FlowNode) => boolean): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (wanted(node)) return true;
    const wired = ((node.wires ?? []) as string[][]).flat();
    const linked = node.type === 'link out' ? ((node.links ?? []) as string[]) : [];
    for (const id of [...wired, ...linked]) if (byId.has(id)) queue.push(byId.get(id)!);
  }
  return false;
}

function linksToFaults(byId: ReadonlyMap<string, FlowNode>, node: FlowNode): boolean {
  if (node.type !== 'link out') return false;
  return ((node.links ?? []) as string[]).some((id) => {
    const home = byId.get(String(byId.get(id)?.z));
    return /faults/i.test(String(home?.label));
  });
}
