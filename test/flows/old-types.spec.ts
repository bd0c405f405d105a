// An own tab of an earlier release: its nodes are read as what they are called now, or the tab says what became of them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { asNow, OLD_TYPES } from '../../host/flows/old-types.ts';
import { readShopFlows } from '../../host/flows/read.ts';
import { splitFlows } from '../../host/flows/tabs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CORE = readFlowFiles(join(ROOT, 'flows', 'core'));
const TAB = { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '' };
const node = (id: string, type: string, more: object = {}) => ({
  id,
  type,
  z: 'mine',
  x: 100,
  y: 100,
  wires: [],
  ...more,
});
const readOwn = (...nodes: object[]) =>
  readShopFlows({ core: CORE, own: splitFlows([TAB, ...nodes] as Parameters<typeof splitFlows>[0]) });
const registered = new Set(
  readdirSync(join(ROOT, 'nodes'))
    .filter((name) => name.startsWith('node-red-contrib-'))
    .flatMap((name) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'nodes', name, 'package.json'), 'utf8')) as {
        'node-red': { nodes: object };
      };
      return Object.keys(manifest['node-red'].nodes);
    }),
);

describe('node types of earlier releases', () => {
  it('are read as their new ones, with the property that says which, and their wires where they lead now', () => {
    const { own, broken } = readOwn(
      node('a', 'vision-record', { ledger: 'config.ledger', wires: [['b'], ['c']] }),
      node('b', 'debug'),
      node('c', 'debug'),
      node('d', 'case-status', { wires: [['b'], ['c']] }),
    );
    assert.deepEqual(broken, []);
    const [a, d] = ['a', 'd'].map((wanted) => own.find(({ id }) => id === wanted)!);
    assert.deepEqual([a!.type, a!.what, a!.ledger], ['tapcase-record', 'vision', 'config.ledger']);
    assert.deepEqual(a!.wires, [[], ['b'], ['c']]);
    assert.deepEqual([d!.what, d!.wires], ['status', [['c'], [], ['b']]]);
  });

  it('that went into others make their tab a disabled one that says so, and the shop sells on', () => {
    const { nodes, broken, core } = readOwn(node('a', 'visit-refuse'));
    assert.equal(core.length > 0, true);
    assert.equal(broken.length, 1);
    assert.match(broken[0]!.why, /^the type visit-refuse of the node a is a part of tapcase-visit-unlock/);
    assert.ok(
      nodes.some(({ type, label, disabled }) => type === 'tab' && label === '! mine.json' && disabled === true),
    );
  });

  it('stay what they are where nobody ever had them, also under names that every object has', () => {
    for (const type of ['debug', 'constructor', '__proto__', 'toString'])
      assert.equal(asNow(node('a', type)).type, type);
  });

  it('lead to types that there are, and are themselves none any more', () => {
    for (const [was, row] of Object.entries(OLD_TYPES)) {
      assert.ok(!registered.has(was), `${was} is still there`);
      const all = 'by' in row ? Object.values(row.each) : 'now' in row ? [row] : [];
      for (const { now } of all) assert.ok(registered.has(now), `${was} is read as ${now}, which is none`);
    }
  });
});
