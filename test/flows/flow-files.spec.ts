// Flows in git: one file per tab, nothing in it that the editor works out by itself, and a node that moves changes its own lines.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { canonical } from '../../host/flows/form.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { joinFlows, splitFlows } from '../../host/flows/tabs.ts';

const TAB: FlowNode = { id: 'door', type: 'tab', label: '30 Door closes', info: 'two\nlines' };
const NODES: readonly FlowNode[] = [
  TAB,
  { id: 'door.b', type: 'change', z: 'door', name: 'second', x: 300, y: 100, wires: [[]] },
  { id: 'door.a', type: 'inject', z: 'door', name: 'first', x: 100, y: 100, wires: [['door.b']] },
  { id: 'door.g', type: 'group', z: 'door', name: 'both', nodes: ['door.a', 'door.b'], x: 40, y: 60, w: 400, h: 80 },
  { id: 'broker', type: 'mqtt-broker', name: 'broker', port: '1883' },
];
const FILE = '30-door-closes.json';

describe('flow files', () => {
  for (const name of ['flows', 'edge-flows']) {
    it(`the files of ${name}/core come back byte for byte`, () => {
      const files = readFlowFiles(join(import.meta.dirname, '..', '..', name, 'core'));
      assert.ok(Object.keys(files).length > 1);
      const before = joinFlows(files);
      assert.deepEqual(splitFlows(before, { before }), files);
    });
  }

  it('puts each tab in a file named after it, and what is shared into config.json', () => {
    assert.deepEqual(Object.keys(splitFlows(NODES)).sort(), [FILE, 'config.json']);
  });

  it('writes a tab in reading order, groups first, whatever order the editor sends', () => {
    const ids = (nodes: readonly FlowNode[]) =>
      (JSON.parse(splitFlows(nodes)[FILE]!) as FlowNode[]).map(({ id }) => id);
    assert.deepEqual(ids(NODES), ['door', 'door.g', 'door.a', 'door.b']);
    assert.deepEqual(ids([...NODES].reverse()), ['door', 'door.g', 'door.a', 'door.b']);
  });

  it('keeps every node in its place when one moves: only its own lines change', () => {
    const before = joinFlows(splitFlows(NODES));
    const moved = NODES.map((node) => (node.id === 'door.a' ? { ...node, x: 500, y: 300 } : node));
    const lines = (nodes: readonly FlowNode[]) => splitFlows(nodes, { before })[FILE]!.split('\n');
    const [old, now] = [lines(NODES), lines([...moved].reverse())];
    assert.deepEqual(
      now.filter((line, at) => line !== old[at]),
      ['    "x": 500,', '    "y": 300,'],
    );
    const added: FlowNode = { id: 'door.0', type: 'debug', z: 'door', x: 200, y: 100, wires: [] };
    const files = splitFlows([added, ...moved], { before });
    // A reader meets the new one first in its row, behind the group.
    const ids = (JSON.parse(files[FILE]!) as FlowNode[]).map(({ id }) => id);
    assert.deepEqual(ids, ['door', 'door.g', 'door.0', 'door.a', 'door.b']);
  });

  it('writes a function line by line, and reads it in both forms', () => {
    const place = { z: 'door', x: 0, y: 0, wires: [] };
    const rule: FlowNode = { id: 'f', type: 'function', ...place, func: 'const a = 1;\nreturn a;', initialize: '' };
    const file = splitFlows([TAB, rule])[FILE]!;
    assert.ok(
      file.includes(`    "func": [\n      "const a = 1;",\n      "return a;"\n    ],\n    "initialize": "",\n`),
      file,
    );
    assert.deepEqual(joinFlows({ [FILE]: file })[1], canonical(rule));
    assert.deepEqual(joinFlows({ [FILE]: JSON.stringify([TAB, rule]) })[1], rule);
    assert.ok(splitFlows([TAB, { ...rule, func: 'return msg;' }])[FILE]!.includes('    "func": "return msg;",\n'));
  });

  it('keeps nothing that the editor works out by itself', () => {
    const link: FlowNode = {
      id: 'l',
      type: 'link in',
      z: 't',
      links: ['b', 'a'],
      l: false,
      outputLabels: [''],
      x: 1,
      y: 2,
      wires: [[]],
    };
    assert.deepEqual(canonical(link), { id: 'l', type: 'link in', z: 't', links: ['a', 'b'], x: 1, y: 2, wires: [[]] });
    const tab: FlowNode = { id: 't', type: 'tab', label: 't', env: [], locked: false, disabled: false };
    assert.deepEqual(canonical(tab), { id: 't', type: 'tab', label: 't', disabled: false });
    assert.deepEqual(canonical({ ...tab, z: 'another' }), canonical(tab));
    const group: FlowNode = { id: 'g', type: 'group', z: 't', nodes: ['b', 'a'], x: 1, y: 2, w: 3, h: 4 };
    assert.deepEqual(canonical(group), { id: 'g', type: 'group', z: 't', nodes: ['a', 'b'] });
    // Without anything in it, nothing tells where it is.
    assert.deepEqual(canonical({ ...group, nodes: [] }), { id: 'g', type: 'group', z: 't', nodes: [], x: 1, y: 2 });
    const node: FlowNode = {
      id: 'n',
      type: 'change',
      z: 't',
      l: true,
      icon: '',
      d: false,
      credentials: { key: 'secret' },
    };
    assert.deepEqual(canonical(node), { id: 'n', type: 'change', z: 't' });
    for (const said of [{ l: false }, { icon: 'font-awesome/fa-bolt' }, { d: true }, { outputLabels: ['yes', ''] }]) {
      assert.deepEqual(canonical({ id: 'n', type: 'change', ...said }), { id: 'n', type: 'change', ...said });
    }
  });

  it('splits, joins and splits again to the same bytes for any tabs', () => {
    const text = fc.string({ maxLength: 30 });
    const id = fc.string({ minLength: 1, maxLength: 8 });
    const tabs = fc.uniqueArray(fc.record({ id, label: text }), { selector: (tab) => tab.id, maxLength: 5 });
    fc.assert(
      fc.property(tabs, fc.array(fc.record({ name: text, x: fc.integer(), y: fc.integer() })), (homes, members) => {
        const nodes: FlowNode[] = homes.map((home) => ({ ...home, type: 'tab' }));
        for (const [i, member] of members.entries()) {
          const home = homes[i % Math.max(homes.length, 1)];
          if (home) nodes.push({ ...member, id: `n${i}-${home.id}`, type: 'change', z: home.id, wires: [[]] });
        }
        const files = splitFlows(nodes);
        const before = joinFlows(files);
        assert.deepEqual(splitFlows(before.toReversed(), { before }), files);
        assert.equal(before.length, nodes.length);
      }),
    );
  });

  it('a tab named like a path stays inside the folder, and one named like a file of ours gets another name', () => {
    assert.deepEqual(Object.keys(splitFlows([{ ...TAB, label: '../../etc/passwd' }])), ['etc-passwd.json']);
    assert.deepEqual(Object.keys(splitFlows([{ ...TAB, label: 'Config' }])), ['config-2.json']);
    assert.deepEqual(Object.keys(splitFlows([TAB], { taken: [FILE] })), ['30-door-closes-2.json']);
  });

  it('names the file that cannot be read, and the line of a conflict', () => {
    const fault = (text: string, message: RegExp) =>
      assert.throws(() => joinFlows({ 'x.json': text }), { code: 'flows.unreadable', message });
    fault('[', /^x\.json is not JSON$/);
    fault('[\n<<<<<<< HEAD\n]', /^x\.json has a conflict that nobody resolved, in line 2$/);
    fault('{}', /^x\.json is not a list of nodes$/);
    for (const text of ['[1]', '[null]', '[{"id":"a"}]', '[{"id":"","type":"tab"}]'])
      fault(text, /without an id or a type/);
  });
});
