// npm run flows:check and npm run flows:diff: what is found in flows that are not as they should be, and what changed in words.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolders, writeFolders } from '../../host/flows/disk.ts';
import type { FlowFiles, FlowFolders, FlowNode } from '../../host/flows/node.ts';
import { splitFlows } from '../../host/flows/tabs.ts';
import { changesInWords } from '../../scripts/flows/changes.ts';
import { flowsCheck } from '../../scripts/flows/check.ts';
import { flowsDiff } from '../../scripts/flows/diff.ts';
import { lookAt } from '../../scripts/flows/look.ts';
import { safetyFindings } from '../../scripts/flows/safety.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CORE: readonly FlowNode[] = [
  { id: 'door', type: 'tab', label: '30 Door', disabled: false, locked: true },
  { id: 'door.in', type: 'link in', z: 'door', name: 'from door', links: [], x: 100, y: 100, wires: [['door.say']] },
  { id: 'door.say', type: 'switch', z: 'door', name: 'Is it shut?', func: 'a\nb', x: 300, y: 100, wires: [[], []] },
  {
    id: 'door.http',
    type: 'http in',
    z: 'door',
    name: 'Door',
    url: '/api/door/:id',
    method: 'get',
    x: 100,
    y: 200,
    wires: [[]],
  },
  {
    id: 'catalog',
    type: 'tapcase-catalog',
    name: 'Catalog',
    currency: 'usd',
    products: [
      { sku: 'cola', priceMinor: 200 },
      { sku: 'gum', priceMinor: 50 },
    ],
  },
];
const EVENING: FlowNode = { id: 'evening', type: 'tab', label: 'Evening', disabled: false };
const own = (node: object): FlowNode => ({
  id: 'e1',
  type: 'debug',
  z: 'evening',
  name: 'It',
  x: 60,
  y: 60,
  wires: [],
  ...node,
});
const decide = (id: string, name: string, more = {}) =>
  own({ id, name, type: 'tapcase-decide', question: 'cost', limitMs: 1_000, wires: [[]], ...more });
const foldersOf = (core: readonly FlowNode[], mine: readonly FlowNode[], more: FlowFiles = {}): FlowFolders => ({
  core: splitFlows(core),
  own: { ...splitFlows(mine), ...more },
});
const edited = (id: string, change: object) => CORE.map((node) => (node.id === id ? { ...node, ...change } : node));

describe('npm run flows:check', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flows-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const found = (files: FlowFolders) => {
    writeFolders(folder, files);
    return safetyFindings(lookAt(folder)).map(({ where, what }) => `${where}: ${what}`);
  };

  it('finds nothing in an own flow that keeps to itself', () => {
    assert.deepEqual(
      found(
        foldersOf(CORE, [
          EVENING,
          own({}),
          own({ id: 'e2', type: 'http in', url: '/own/mine', method: 'get', wires: [['e1']] }),
        ]),
      ),
      [],
    );
  });

  const mine: readonly [string, readonly FlowNode[], RegExp][] = [
    ['a wire that leads nowhere', [EVENING, own({ wires: [['gone']] })], /^e1: .*wired to gone, which is not there/],
    ['a link that leads nowhere', [EVENING, own({ type: 'link out', links: ['gone'] })], /wired to gone/],
    ['a node without a tab', [EVENING, own({ z: 'gone' })], /stands on the tab gone/],
    [
      'a link into the shop’s own',
      [EVENING, own({ type: 'link out', links: ['door.in'] })],
      /own "from door" \(link in\): use a hook/,
    ],
    [
      'a wire into the shop’s own',
      [EVENING, own({ wires: [['door.say']] })],
      /own "Is it shut\?" \(switch\): use a hook/,
    ],
    [
      'a path elsewhere than below /own/',
      [EVENING, own({ type: 'http in', method: 'get', url: 'API/door/:case/' })],
      /waits for "API\/door\/:case\/", and the paths of own flows begin with \/own\//,
    ],
    [
      'two that decide one question',
      [EVENING, decide('e1', 'Ten off'), decide('e2', 'Closed early'), decide('e3', 'Held', { question: 'hold' })],
      /^e2: "Closed early" \(tapcase-decide\) on "Evening" \(tab\) decides cost, as "Ten off" \(tapcase-decide\) on "Evening" \(tab\) does: neither is asked$/,
    ],
    ['a secret in a property', [EVENING, own({ apiKey: 'abc' })], /its apiKey holds a value/],
    [
      'a secret in a function',
      [EVENING, own({ func: "const k = 'sk_live_abcdefgh1234'" })],
      /evening\.json: holds what looks like a secret/,
    ],
    ['a module', [EVENING, own({ type: 'function', libs: [{ var: 'fs', module: 'fs' }] })], /wants modules of its own/],
    ['a program', [EVENING, own({ type: 'exec' })], /runs a program/],
    ...(
      [
        { broker: 'broker.example', usetls: false },
        { broker: 'mqtts://broker.example', usetls: false, tls: 'proof' },
        { broker: '${SOME_BROKER}', usetls: true, tls: 'no-proof' },
        { broker: '127.0.0.1.evil.example', usetls: true },
        { broker: 'mqtt://broker.example', usetls: true, tls: 'proof' },
      ] as const
    ).map((broker): [string, FlowNode[], RegExp] => [
      `a broker that anybody may be (${broker.broker})`,
      [
        ...[EVENING, { id: 'b1', type: 'mqtt-broker', name: 'Theirs', ...broker }],
        { id: 'proof', type: 'tls-config', verifyservercert: true },
        { id: 'no-proof', type: 'tls-config', verifyservercert: false },
      ],
      /b1: .*does not prove that the broker is the one that is meant/,
    ]),
    ['a message that may be lost', [EVENING, own({ type: 'mqtt out', qos: '0' })], /quality of service/],
  ];
  for (const [what, nodes, message] of mine) {
    it(`finds in own flows: ${what}`, () => {
      const findings = found(foldersOf(CORE, nodes));
      assert.equal(findings.length, 1, findings.join('\n'));
      assert.match(findings[0]!, message);
    });
  }

  it('finds nothing where the other one that decides is switched off, or its tab is', () => {
    const away: FlowNode = { id: 'away', type: 'tab', label: 'Away', disabled: true };
    const others = [decide('e2', 'Off', { d: true }), decide('a1', 'Away', { z: 'away' })];
    assert.deepEqual(found(foldersOf(CORE, [EVENING, away, decide('e1', 'Ten off'), ...others])), []);
  });

  it('finds a broken own file, a tab of the core that is not locked, and a setting of nothing', () => {
    const files = foldersOf(edited('door', { locked: false }), [], {
      'x.json': '[',
      'overrides.json': '{"gone":{"a":1}}',
    });
    assert.deepEqual(
      found(files).map((line) => line.split(':')[0]),
      ['own/x.json', 'door', 'own/overrides.json'],
    );
    writeFileSync(join(folder, 'core', 'credentials.env.json'), '{"broker":{"password":"plain"}}');
    assert.match(safetyFindings(lookAt(folder)).at(-2)!.what, /only names of variables/);
  });

  it('says it line by line and ends with 1; a core that cannot be read is a finding too', () => {
    const lines: string[] = [];
    const check = (...args: string[]) => flowsCheck(args, (line) => lines.push(line));
    writeFolders(folder, foldersOf(CORE, [EVENING, own({ type: 'exec' })]));
    assert.equal(check(folder), 1);
    assert.ok(
      lines.some((line) => / safety {2}e1: .*runs a program/.test(line)),
      lines.join('\n'),
    );
    assert.ok(
      lines.some((line) => / style {2}door: /.test(line)),
      'and the style of the core',
    );
    assert.ok(!lines.some((line) => / style {2}e/.test(line)), 'of the core only');
    assert.equal(check(join(folder, 'nowhere')), 1);
    assert.equal(check('--what'), 2);
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/flows/check.ts')], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, /^flows are in order/.test(stdout)], [0, true], stdout);
  });
});

describe('npm run flows:diff', () => {
  const OLD = foldersOf(CORE, [EVENING, own({})]);
  const words = (after: FlowFolders, before = OLD) => changesInWords(before, after);

  it('says nothing where nothing changed', () => assert.deepEqual(words(OLD), []));

  it('tells tabs, nodes, wires and properties, and layout apart', () => {
    const core = edited('door.say', { func: 'a\nc', wires: [['door.http'], []], x: 320 });
    const late: FlowNode = { id: 'late', type: 'tab', label: 'Late', disabled: false };
    const after = foldersOf(core, [late, own({ z: 'late', id: 'l1', name: 'New' }), own({ z: 'late', x: 80 })]);
    assert.deepEqual(words(after), [
      'core tab "30 Door"',
      '  "Is it shut?" (switch)',
      '    func:',
      '      - b',
      '      + c',
      '    wire added from output 1 to "Door" (http in)',
      '- own tab "Evening": gone, with 1 node',
      '+ own tab "Late": new, with 2 nodes',
      '  + "New" (debug)',
      '  + "It" (debug)',
      'layout only: 1 node moved or grouped anew on "30 Door"',
      'layout only: 1 node moved or grouped anew on "Late"',
    ]);
  });

  it('tells what a new tab does: its question, its function line by line, where it leads', () => {
    const tab: FlowNode = { id: 'late', type: 'tab', label: 'Late', disabled: false, info: 'Closed early.' };
    const place = { z: 'late', x: 0, y: 0 };
    const after = foldersOf(CORE, [
      ...[EVENING, own({}), tab],
      {
        id: 'a',
        type: 'tapcase-decide',
        ...place,
        name: 'May they?',
        question: 'open',
        limitMs: 1_000,
        wires: [['b']],
      },
      { id: 'b', type: 'function', ...place, name: 'No', func: 'const no = 1;\nreturn no;', libs: [], wires: [['c']] },
      { id: 'c', type: 'tapcase-answer', ...place, name: '', wires: [] },
    ]);
    assert.deepEqual(words(after), [
      '+ own tab "Late": new, with 3 nodes',
      '  info: "Closed early."',
      '  + "May they?" (tapcase-decide)',
      '    limitMs: 1000',
      '    question: "open"',
      '    wire added to "No" (function)',
      '  + "No" (function)',
      '    func:',
      '      + const no = 1;',
      '      + return no;',
      '    wire added to tapcase-answer c',
      '  + tapcase-answer c',
    ]);
  });

  it('tells what an operator set against what was shipped, and tables row by row', () => {
    const overrides = (products: object[]) => ({
      'overrides.json': JSON.stringify({ catalog: { products, rounding: 5 } }),
    });
    const dearer = [
      { sku: 'cola', priceMinor: 250 },
      { sku: 'tea', priceMinor: 1 },
    ];
    assert.deepEqual(words(foldersOf(CORE, [EVENING, own({})], overrides(dearer))), [
      'own setting of "Catalog" (tapcase-catalog)',
      '  products cola priceMinor: 200 -> 250',
      '  products gum is no longer {"sku":"gum","priceMinor":50}',
      '  products tea is now {"sku":"tea","priceMinor":1}',
      '  rounding is now 5',
    ]);
  });

  it('names a file that cannot be read, and bounds what it shows', () => {
    const lines = words(foldersOf(edited('door.say', { name: 'x'.repeat(5000) }), [], { 'evening.json': '<<<<<<< a' }));
    assert.match(lines[0]!, /^! after: own\/evening\.json has a conflict/);
    assert.ok(lines.every((line) => line.length < 200));
  });

  describe('with git', () => {
    let root: string;
    before(() => {
      root = mkdtempSync(join(tmpdir(), 'flows-diff-'));
      const git = (...args: string[]) =>
        execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
          stdio: 'ignore',
        });
      git('init', '-q');
      writeFolders(join(root, 'flows'), OLD);
      git('add', '.');
      git('commit', '-qm', 'one');
      writeFolders(join(root, 'flows'), foldersOf(CORE, [EVENING, own({ name: 'That' })]));
    });
    after(() => rmSync(root, { recursive: true, force: true }));

    it('compares a revision with the files as they are, or with another one', () => {
      const told = (...args: string[]) => {
        const lines: string[] = [];
        return { status: flowsDiff(args, (line) => lines.push(line), root), lines };
      };
      const changed = ['flows/', '  own tab "Evening"', '    "That" (debug)', '      name: "It" -> "That"'];
      assert.deepEqual(told(), { status: 0, lines: changed });
      assert.deepEqual(told('HEAD', 'HEAD').lines, ['nothing changed in the flows']);
      assert.deepEqual(told('nowhere'), { status: 2, lines: ['flows.no-revision: git does not know nowhere here'] });
      assert.equal(told('--output=/tmp/x').status, 2);
      assert.ok(Object.keys(readFolders(join(root, 'flows')).own).length > 0);
    });
  });
});
