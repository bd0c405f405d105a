// Flows in git: one file per tab, and a Deploy that changes nothing writes nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FlowNode, joinFlows, splitFlows } from '../../host/flow-files.ts';
import { flowStorage, readFlowFiles, writeFlowFiles } from '../../host/flow-storage.ts';

const TAB: FlowNode = { id: 'door', type: 'tab', label: '30 Door closes', info: 'two\nlines' };
const NODES: readonly FlowNode[] = [
  TAB,
  { id: 'door.b', type: 'change', z: 'door', name: 'second', x: 300, y: 100, wires: [[]] },
  { id: 'door.a', type: 'inject', z: 'door', name: 'first', x: 100, y: 100, wires: [['door.b']] },
  { id: 'door.g', type: 'group', z: 'door', name: 'both', nodes: ['door.a', 'door.b'], x: 40, y: 60, w: 400, h: 80 },
  { id: 'broker', type: 'mqtt-broker', name: 'broker', port: '1883' },
];

describe('flow files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flows-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of ['flows', 'edge-flows']) {
    it(`the files of ${name} come back byte for byte after a Deploy that changed nothing`, () => {
      const files = readFlowFiles(join(import.meta.dirname, '..', '..', name));
      assert.ok(Object.keys(files).length > 1);
      assert.deepEqual(splitFlows(joinFlows(files)), files);
    });
  }

  it('puts each tab in a file named after it, and what is shared into config.json', () => {
    assert.deepEqual(Object.keys(splitFlows(NODES)).sort(), ['30-door-closes.json', 'config.json']);
  });

  it('writes a tab in reading order, groups first, whatever order the editor sends', () => {
    const ids = (nodes: readonly FlowNode[]) =>
      (JSON.parse(splitFlows(nodes)['30-door-closes.json']!) as FlowNode[]).map(({ id }) => id);
    assert.deepEqual(ids(NODES), ['door', 'door.g', 'door.a', 'door.b']);
    assert.deepEqual(ids([...NODES].reverse()), ['door', 'door.g', 'door.a', 'door.b']);
  });

  it('splits, joins and splits again to the same bytes for any tabs', () => {
    const text = fc.string({ maxLength: 30 });
    const tabs = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 8 }), label: text }), {
      selector: ({ id }) => id,
      maxLength: 5,
    });
    fc.assert(
      fc.property(tabs, fc.array(fc.record({ name: text, x: fc.integer(), y: fc.integer() })), (homes, members) => {
        const nodes: FlowNode[] = homes.map((home) => ({ ...home, type: 'tab' }));
        for (const [i, member] of members.entries()) {
          const home = homes[i % Math.max(homes.length, 1)];
          if (home) nodes.push({ ...member, id: `n${i}-${home.id}`, type: 'change', z: home.id, wires: [[]] });
        }
        const files = splitFlows(nodes);
        assert.deepEqual(splitFlows(joinFlows(files)), files);
        assert.equal(joinFlows(files).length, nodes.length);
      }),
    );
  });

  it('a tab named like a path stays inside the folder', () => {
    const files = splitFlows([{ ...TAB, label: '../../etc/passwd' }]);
    assert.deepEqual(Object.keys(files), ['etc-passwd.json']);
  });

  it('a Deploy writes only the files that changed and removes the file of a deleted tab', async () => {
    const storage = flowStorage(folder);
    const second: FlowNode = { id: 'clock', type: 'tab', label: '70 Clock' };
    await storage.saveFlows([...NODES, second]);
    const path = join(folder, '30-door-closes.json');
    const before = statSync(path, { bigint: true }).mtimeNs;
    await storage.saveFlows(NODES);
    const after = statSync(path, { bigint: true }).mtimeNs;
    assert.equal(after, before);
    assert.deepEqual(readdirSync(folder).sort(), ['30-door-closes.json', 'config.json']);
    assert.deepEqual((await storage.getFlows()).map(({ id }) => id).sort(), NODES.map(({ id }) => id).sort());
  });

  it('names the file that is not JSON', () => {
    writeFlowFiles(folder, { 'x.json': '[' });
    assert.throws(() => joinFlows(readFlowFiles(folder)), /x\.json is not JSON/);
    assert.equal(readFileSync(join(folder, 'x.json'), 'utf8'), '[');
  });
});
