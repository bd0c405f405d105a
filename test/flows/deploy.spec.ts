// What a Deploy writes and what it refuses: locked tabs of the core, settings as overrides, broken own files, the order of tabs.
import assert from 'node:assert/strict';
import type { Fault } from '@tapcase/domain';
import fc from 'fast-check';
import { planDeploy } from '../../host/flows/deploy.ts';
import type { FlowFiles, FlowFolders, FlowNode } from '../../host/flows/node.ts';
import { readShopFlows } from '../../host/flows/read.ts';
import { splitFlows } from '../../host/flows/tabs.ts';

const CORE: readonly FlowNode[] = [
  { id: 'door', type: 'tab', label: '30 Door', disabled: false, locked: true },
  {
    id: 'door.in',
    type: 'link in',
    z: 'door',
    g: 'door.g',
    name: 'from door',
    links: ['pay.out'],
    x: 100,
    y: 100,
    wires: [['door.say']],
  },
  {
    id: 'door.say',
    type: 'change',
    z: 'door',
    g: 'door.g',
    name: 'Say it',
    rules: [{ t: 'set', to: '1' }],
    x: 300,
    y: 100,
    wires: [[]],
  },
  { id: 'door.g', type: 'group', z: 'door', name: 'Listen', nodes: ['door.in', 'door.say'] },
  { id: 'pay', type: 'tab', label: '50 Pay', disabled: false },
  { id: 'pay.out', type: 'link out', z: 'pay', name: 'to door', links: ['door.in'], x: 100, y: 100, wires: [] },
  {
    id: 'config.catalog',
    type: 'tapcase-catalog',
    name: 'Catalog',
    currency: 'usd',
    products: [{ sku: 'cola', priceMinor: 200 }],
  },
];
const OWN: readonly FlowNode[] = [
  { id: 'evening', type: 'tab', label: 'Evening', disabled: false },
  { id: 'e1', type: 'inject', z: 'evening', name: 'At eight', broker: 'own-broker', x: 100, y: 60, wires: [[]] },
  { id: 'own-broker', type: 'mqtt-broker', name: 'mine' },
];
const FILES: FlowFolders = { core: splitFlows(CORE), own: splitFlows(OWN) };

const edited = (nodes: readonly FlowNode[], id: string, change: object) =>
  nodes.map((node) => (node.id === id ? { ...node, ...change } : node));
const without = (nodes: readonly FlowNode[], ...ids: string[]) => nodes.filter(({ id }) => !ids.includes(id));
const read = (files: FlowFolders = FILES) => readShopFlows(files);
const withOwn = (more: FlowFiles): FlowFolders => ({ core: FILES.core, own: { ...FILES.own, ...more } });
const deploy = (nodes: readonly FlowNode[], files: FlowFolders = FILES) => planDeploy(nodes, read(files), files);
const labels = (nodes: readonly FlowNode[]) => nodes.filter(({ type }) => type === 'tab').map(({ label }) => label);

describe('a Deploy', () => {
  it('of what was read writes nothing', () => {
    const { core, own, coreWritten } = deploy(read().nodes);
    assert.deepEqual([core, own, coreWritten], [FILES.core, FILES.own, []]);
  });

  it('writes what is the operator’s: a tab, its nodes, a config node', () => {
    const { core, own } = deploy(edited(read().nodes, 'e1', { name: 'At nine' }));
    assert.deepEqual(core, FILES.core);
    assert.match(own['evening.json']!, /At nine/);
    const gone = deploy(without(read().nodes, 'evening', 'e1', 'own-broker'));
    assert.deepEqual([gone.core, gone.own], [FILES.core, {}]);
  });

  const noise: readonly [string, string, object][] = [
    ['a box of a group', 'door.g', { x: 1, y: 2, w: 3, h: 4, nodes: ['door.say', 'door.in'] }],
    ['defaults that it writes out', 'door.say', { l: true, d: false, outputLabels: [''] }],
    ['an empty environment', 'door', { env: [] }],
    ['the other end of a wire from an own tab', 'door.in', { links: ['pay.out', 'e9'] }],
  ];
  for (const [what, id, change] of noise) {
    it(`does not mind what the editor adds to a locked tab: ${what}`, () => {
      assert.deepEqual(deploy(edited(read().nodes, id, change)).core, FILES.core);
    });
  }

  it('does not mind a property of a locked tab that the editor does not know', () => {
    const { rules: _, ...dropped } = CORE[2]!;
    assert.deepEqual(deploy(read().nodes.map((node) => (node.id === 'door.say' ? dropped : node))).core, FILES.core);
  });

  const refused: readonly [string, readonly FlowNode[], RegExp][] = [
    ['a node that changed', edited(read().nodes, 'door.say', { name: 'Shout' }), /"Say it" \(change\) would change/],
    ['a node that moved', edited(read().nodes, 'door.say', { x: 320 }), /"Say it" \(change\) would change/],
    [
      'a wire',
      edited(read().nodes, 'door.in', { wires: [['door.say', 'e1']] }),
      /"from door" \(link in\) would change/,
    ],
    ['a node without its wires', edited(read().nodes, 'door.in', { wires: undefined }), /would change/],
    ['a node that is off', edited(read().nodes, 'door.say', { d: true }), /"Say it" \(change\) would change/],
    ['a link that goes nowhere', edited(read().nodes, 'door.in', { links: [] }), /would change/],
    ['a node more', [...read().nodes, { id: 'x', type: 'debug', z: 'door' }], /debug x would be new there/],
    ['a node less', without(read().nodes, 'door.say'), /"Say it" \(change\) would be gone/],
    [
      'a node that went to another tab',
      edited(read().nodes, 'door.say', { z: 'evening' }),
      /"Say it" \(change\) would be gone/,
    ],
    ['the tab off', edited(read().nodes, 'door', { disabled: true }), /"30 Door" \(tab\) would change/],
    ['the tab gone', without(read().nodes, 'door', 'door.in', 'door.say', 'door.g'), /would be gone, 1 more\. Undo/],
    ['a config node gone', without(read().nodes, 'config.catalog'), /"Catalog" \(tapcase-catalog\) would be gone/],
    [
      'a config node of another type',
      edited(read().nodes, 'config.catalog', { type: 'tapcase-shop' }),
      /"Catalog" \(tapcase-catalog\) would change/,
    ],
    [
      'a config node on a tab',
      edited(read().nodes, 'config.catalog', { z: 'evening' }),
      /"Catalog" \(tapcase-catalog\) would be gone/,
    ],
  ];
  for (const [what, nodes, message] of refused) {
    it(`refuses on a locked tab or in the shop’s config nodes: ${what}`, () => {
      assert.throws(() => deploy(nodes), { code: 'flows.core-locked', message });
    });
  }

  it('writes a tab of the core that is not locked, or was unlocked on purpose, and says which file', () => {
    const moved = deploy(edited(read().nodes, 'pay.out', { x: 200 }));
    assert.deepEqual(moved.coreWritten, ['50-pay.json']);
    const unlocked = deploy(edited(edited(read().nodes, 'door', { locked: false }), 'door.say', { name: 'Shout' }));
    assert.deepEqual(unlocked.coreWritten, ['30-door.json']);
    assert.match(unlocked.core['30-door.json']!, /Shout/);
    assert.doesNotMatch(unlocked.core['30-door.json']!, /locked/);
    const again = { core: unlocked.core, own: unlocked.own };
    assert.deepEqual(deploy(edited(read(again).nodes, 'door', { locked: true }), again).coreWritten, ['30-door.json']);
    const added = deploy([...read().nodes, { id: 'x', type: 'debug', z: 'pay', x: 1, y: 2, wires: [] }]);
    assert.deepEqual([added.coreWritten, added.own], [['50-pay.json'], FILES.own]);
  });

  it('refuses two nodes of one id, also where one of them is as shipped', () => {
    for (const node of [{ ...CORE[1]!, z: 'evening' }, { ...OWN[1]! }]) {
      assert.throws(() => deploy([...read().nodes, node]), {
        code: 'flows.twice',
        message: new RegExp(`the id ${node.id}\\.`),
      });
    }
  });

  it('never changes a locked tab or the shop’s config nodes, whatever is deployed, and what it writes can be read', () => {
    const change = fc.record({
      at: fc.nat(),
      key: fc.constantFrom(
        'z',
        'name',
        'label',
        'type',
        'id',
        'wires',
        'links',
        'd',
        'locked',
        'x',
        'nodes',
        'g',
        'env',
        'credentials',
      ),
      value: fc.oneof(fc.constantFrom('door', 'pay', 'evening', 'door.in', '', null, true, false), fc.jsonValue()),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 4 }),
        fc.subarray([...read().nodes]),
        fc.boolean(),
        (changes, some, all) => {
          const nodes: Record<string, unknown>[] = (all ? [...read().nodes] : some).map((node) => ({ ...node }));
          for (const { at, key, value } of changes) {
            const node = nodes[at % Math.max(nodes.length, 1)];
            // Node-RED itself has turned away what has no id or type.
            if (node) node[key] = key === 'id' || key === 'type' ? `a${JSON.stringify(value)}` : value;
          }
          const isUnlocked = nodes.some(({ id, locked }) => id === 'door' && locked !== true);
          let plan: ReturnType<typeof deploy>;
          try {
            plan = deploy(nodes as FlowNode[]);
          } catch (thrown) {
            assert.match((thrown as { code: string }).code, /^flows\.(core-locked|twice)$/);
            return;
          }
          assert.equal(plan.core['config.json'], FILES.core['config.json']);
          if (!isUnlocked) assert.equal(plan.core['30-door.json'], FILES.core['30-door.json']);
          assert.deepEqual(read(plan).broken, []);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('keeps what is set in the shop’s config nodes as that property alone, until it is set back', () => {
    const dearer = { products: [{ sku: 'cola', priceMinor: 250 }], hasUsers: false };
    const { core, own } = deploy(edited(read().nodes, 'config.catalog', { ...dearer, hasUsers: undefined }));
    assert.deepEqual(core, FILES.core);
    assert.deepEqual(JSON.parse(own['overrides.json']!), { 'config.catalog': { products: dearer.products } });
    const files = { core, own };
    const { nodes } = read(files);
    assert.deepEqual(nodes.find(({ id }) => id === 'config.catalog')!.products, dearer.products);
    assert.deepEqual(deploy(nodes, files).own, own, 'read and deployed, it stays');
    // A release changes another property: both count.
    const released = { core: splitFlows(edited(CORE, 'config.catalog', { currency: 'eur' })), own };
    const { currency, products } = read(released).nodes.find(({ id }) => id === 'config.catalog')!;
    assert.deepEqual([currency, products], ['eur', dearer.products]);
    assert.deepEqual(
      deploy(edited(nodes, 'config.catalog', { products: CORE.at(-1)!.products }), files).own,
      FILES.own,
    );
  });

  it('keeps overrides of nodes that this release does not have, and of properties that the editor does not send', () => {
    const overrides =
      '{\n  "config.catalog": {\n    "rounding": 5\n  },\n  "config.later": {\n    "limit": 1\n  }\n}\n';
    const files = withOwn({ 'overrides.json': overrides });
    const sent = read(files).nodes.map(({ rounding: _, ...node }) => node as FlowNode);
    assert.equal(deploy(sent, files).own['overrides.json'], overrides);
  });

  it('a wire from or to a link point of the shop’s is kept at the operator’s end, and both ends have it again when read', () => {
    const mine: FlowNode = {
      id: 'e9',
      type: 'link in',
      z: 'evening',
      name: 'hear',
      links: ['pay.out'],
      x: 60,
      y: 90,
      wires: [[]],
    };
    const heard = edited(read().nodes, 'pay.out', { links: ['door.in', 'e9'] });
    const { core, own, coreWritten } = deploy([...heard, mine]);
    assert.deepEqual([core, coreWritten], [FILES.core, []]);
    const { nodes } = read({ core, own });
    assert.deepEqual(nodes.find(({ id }) => id === 'pay.out')!.links, ['door.in', 'e9']);
    assert.deepEqual(deploy(nodes, { core, own }).own, own);
    // On a tab of the shop's that is unlocked on purpose, both ends are the shop's.
    const within = deploy([...heard, { ...mine, z: 'pay' }]);
    assert.match(within.core['50-pay.json']!, /"links": \["door\.in","e9"\]/);
  });

  it('keeps the order of the tabs, only where it is not the natural one', () => {
    const [door, pay, evening, ...rest] = read().nodes as [FlowNode, FlowNode, FlowNode, ...FlowNode[]];
    const { core, own } = deploy([evening, door, pay, ...rest]);
    assert.equal(own['order.json'], '[\n  "evening",\n  "door",\n  "pay"\n]\n');
    const files = { core, own };
    assert.deepEqual(labels(read(files).nodes), ['Evening', '30 Door', '50 Pay']);
    assert.deepEqual(deploy([door, pay, evening, ...rest], files).own, FILES.own);
    // A tab that a release brings stands where it stands by nature, and the order need not be written for it.
    const news: FlowNode = { id: 'see', type: 'tab', label: '40 See', disabled: false, locked: true };
    const released = { core: splitFlows([...CORE, news]), own };
    assert.deepEqual(labels(read(released).nodes), ['Evening', '30 Door', '40 See', '50 Pay']);
    assert.equal(deploy(read(released).nodes, released).own['order.json'], own['order.json']);
  });

  it('tells of the operator’s tabs alone where the shop’s stand as they do by nature', () => {
    const [door, pay, evening, ...rest] = read().nodes as [FlowNode, FlowNode, FlowNode, ...FlowNode[]];
    const after: FlowNode = { id: 'after', type: 'tab', label: 'After', disabled: false };
    const { core, own } = deploy([door, pay, evening, after, ...rest]);
    assert.equal(own['order.json'], '[\n  "evening",\n  "after"\n]\n');
    assert.deepEqual(labels(read({ core, own }).nodes), ['30 Door', '50 Pay', 'Evening', 'After']);
  });

  const broken: readonly [string, FlowFiles, RegExp][] = [
    ['a conflict in it', { 'evening.json': '[\n<<<<<<< HEAD\n' }, /conflict that nobody resolved, in line 2/],
    [
      'an id that is used twice',
      { 'late.json': splitFlows([{ ...OWN[0]!, label: 'Late' }])['late.json']! },
      /id evening, which is used already/,
    ],
    ['an id of the shop’s', { 'late.json': '[{"id":"door.say","type":"tab"}]' }, /id door\.say/],
    [
      'a node for a tab of the shop’s',
      { 'late.json': '[{"id":"x","type":"debug","z":"door"}]' },
      /onto a tab of the shop/,
    ],
    [
      'a request that is none of its',
      { 'late.json': '[{"id":"late","type":"tab"},{"id":"x","type":"http in","z":"late","url":"/api/me"}]' },
      /in late\.json, .* waits for "\/api\/me", and the paths of own flows begin with \/own\//,
    ],
    ['config nodes that are none', { 'config.json': '7' }, /not a list of nodes/],
  ];
  for (const [what, files, why] of broken) {
    it(`shows an own file with ${what} as a tab that is off, and keeps its bytes`, () => {
      const given = withOwn(files);
      const [[file, bytes]] = Object.entries(files) as [[string, string]];
      const shown = read(given);
      assert.match(shown.broken[0]!.why, why);
      const tab = shown.nodes.find(({ label }) => label === `! ${file}`)!;
      assert.deepEqual([tab.disabled, tab.locked], [true, true]);
      assert.ok(shown.nodes.some(({ id }) => id === 'door.say'));
      const nodes = without(shown.nodes, 'own-broker');
      assert.equal(deploy(nodes, given).own[file], bytes);
      // Also where somebody takes the tab away.
      assert.equal(
        deploy(
          nodes.filter(({ id, z }) => id !== tab.id && z !== tab.id),
          given,
        ).own[file],
        bytes,
      );
    });
  }

  it('switches an own socket off that waits elsewhere, and leaves the config nodes beside it', () => {
    const catalog = { id: 'mine', type: 'tapcase-catalog', name: 'Mine' };
    const socket = { id: 'ws', type: 'websocket-listener', path: '/live', wholemsg: 'false' };
    const given = withOwn({ 'config.json': JSON.stringify([catalog, socket]) });
    const { nodes, broken: none, switchedOff } = read(given);
    assert.deepEqual(none, []);
    assert.match(switchedOff.map(({ message }) => message).join(), /waits for "\/live"/);
    const off = nodes.find(({ id }) => id === 'ws');
    assert.deepEqual([nodes.some(({ id }) => id === 'mine'), off?.d], [true, true]);
    assert.ok(deploy(nodes, given).own['config.json']);
    const on = nodes.map((node) => (node.id === 'ws' ? { ...node, d: false } : node));
    assert.throws(() => deploy(on, given), { code: 'flows.own-path', message: /^Not deployed, .* waits for "\/live"/ });
  });

  it('refuses an own input that waits elsewhere than below /own/, in two languages', () => {
    const input = (url: string): FlowNode => ({ id: 'i', type: 'http in', z: 'evening', method: 'get', url });
    for (const url of ['/api/me', '/(.*)', '/mine/(']) {
      assert.throws(
        () => deploy([...read().nodes, input(url)]),
        ({ code, message, details }: Fault) =>
          code === 'flows.own-path' && /^Not deployed/.test(message) && /^No se ha desplegado/.test(String(details.es)),
      );
    }
    assert.match(deploy([...read().nodes, input('/own/mine')]).own['evening.json']!, /\/own\/mine/);
  });

  it('gives a new tab another name than that of a broken file, and refuses config nodes while their file is broken', () => {
    const given = withOwn({ 'late.json': '[', 'config.json': '[' });
    const late: FlowNode = { id: 'late', type: 'tab', label: 'Late' };
    const { nodes } = read(given);
    const { own } = deploy([...nodes, late], given);
    assert.deepEqual([own['late.json'], Object.hasOwn(own, 'late-2.json')], ['[', true]);
    const refusal = { code: 'flows.broken-file', message: /config\.json, and that file cannot be read/ };
    assert.throws(() => deploy([...nodes, { id: 'b', type: 'mqtt-broker' }], given), refusal);
  });

  it('a broken order is no order, and stays as it is', () => {
    const given = withOwn({ 'order.json': '[7]' });
    const { nodes } = read(given);
    assert.deepEqual(labels(nodes), ['30 Door', '50 Pay', 'Evening', '! order.json']);
    assert.equal(deploy(nodes, given).own['order.json'], '[7]');
  });

  it('refuses to read a broken core, and overrides that are broken: they hold the prices', () => {
    const fault = (files: FlowFolders, code: string, message: RegExp) =>
      assert.throws(() => read(files), { code, message });
    fault(
      { core: { ...FILES.core, 'config.json': '[' }, own: {} },
      'flows.unreadable',
      /^core\/config\.json is not JSON/,
    );
    fault(
      { core: { ...FILES.core, 'z.json': '[{"id":"door","type":"tab"}]' }, own: {} },
      'flows.twice',
      /id door twice/,
    );
    fault({ core: {}, own: {} }, 'flows.no-core', /no flows in core/);
    for (const text of ['[', '[]', '{"config.catalog":7}', '{"config.catalog":{"type":"tapcase-shop"}}']) {
      fault(withOwn({ 'overrides.json': text }), 'flows.unreadable', /^own\/overrides\.json /);
    }
  });
});
