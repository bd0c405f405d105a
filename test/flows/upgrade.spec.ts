// An upgrade is a git pull: the five changes that docs/operators.md tells of are in place, the next release changes three of the
// shop's tabs and one of the Pi's, and afterwards both are there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolders, writeFolders } from '../../host/flows/disk.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { readFlows } from '../../host/flows/read-folder.ts';
import { type FlowStorage, flowStorage } from '../../host/flows/storage.ts';
import { joinFlows, splitFlows } from '../../host/flows/tabs.ts';
import { flowsCheck } from '../../scripts/flows/check.ts';
import { flowsDiff } from '../../scripts/flows/diff.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'nodes', 'node-red-contrib-tapcase', 'examples');
const SECRET = 'a secret of thirty-two characters';

const example = (name: string) =>
  JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as readonly FlowNode[];

/** All five, as the page says to have two rules about one thing: the drink's function stands behind the evening's. */
function ownChanges(): readonly FlowNode[] {
  const evening = example('evening-discount').map((node) => {
    return node.id === 'evening.rule' ? { ...node, wires: [['colleagues.rule']] } : node;
  });
  const drink = example('free-drink-for-colleagues')
    .filter(({ type }) => type === 'function')
    .map((node) => ({ ...node, z: 'evening', x: 360, y: 200, wires: [['evening.answer']] }));
  const rest = ['closed-on-sundays', 'message-when-flagged', 'mail-when-flagged'].flatMap(example);
  return [...evening, ...drink, ...rest];
}

describe('an upgrade of a shop that its operator has changed', () => {
  let root: string;
  const shop = () => join(root, 'shop');
  const flows = (...path: string[]) => join(shop(), 'flows', ...path);
  const git = (where: string, ...args: string[]) =>
    execFileSync('git', ['-C', where, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const opened = async (): Promise<FlowStorage> => {
    const storage = flowStorage(flows());
    const runtime = { log: { warn() {}, error() {} }, events: { emit() {} } };
    const settings = { credentialSecret: SECRET, userDir: join(root, 'user'), flowFile: 'flows.json' };
    await storage.init(settings as never, runtime as never);
    return storage;
  };

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'upgrade-'));
    const upstream = join(root, 'upstream');
    for (const name of ['flows', 'edge-flows']) {
      cpSync(join(ROOT, name, 'core'), join(upstream, name, 'core'), { recursive: true });
    }
    git(root, 'init', '-q', 'upstream');
    git(upstream, 'add', '.');
    git(upstream, 'commit', '-qm', 'as shipped');
    git(root, 'clone', '-q', 'upstream', 'shop');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('five changes are five files of the operator’s own, and each is read in a minute', async () => {
    const storage = await opened();
    const nodes = await storage.getFlows();
    const catalog = nodes.find(({ id }) => id === 'config.catalog')!;
    const second = { ...catalog, id: 'catalog.second', name: 'Second case' };
    const changed = nodes.map((node) => {
      if (node.id !== 'config.shop') return node;
      const [first] = node.cases as readonly object[];
      return { ...node, cases: [first, { ...first, id: '124', name: 'Kitchen fridge', catalog: second.id }] };
    });
    await storage.saveFlows([...changed, second, ...ownChanges()]);
    git(shop(), 'add', '.');
    const files = git(shop(), 'diff', '--cached', '--stat', '--name-only').trim().split('\n');
    assert.ok(
      files.every((file) => file.startsWith('flows/own/')),
      `${files}`,
    );
    const lines: string[] = [];
    assert.equal(
      flowsDiff([], (line) => lines.push(line), shop()),
      0,
    );
    // Some twenty a change, with every line of its function: a minute.
    assert.ok(lines.length > 60 && lines.length < 120, lines.join('\n'));
    git(shop(), 'commit', '-qm', 'ours');
    const found: string[] = [];
    assert.equal(
      flowsCheck([flows(), join(shop(), 'edge-flows')], (line) => found.push(line)),
      0,
      found.join('\n'),
    );
  });

  it('after the pull of a release that changes three tabs and the Pi’s, both are there', async () => {
    const storage = await opened();
    const seen = await storage.getFlows();
    const own = readFolders(flows()).own;
    const touched = released(join(root, 'upstream'));

    git(shop(), 'pull', '-q', '--no-rebase', '--no-edit');
    assert.equal(git(shop(), 'status', '--porcelain'), '');
    // Whoever still has the old ones before them is told, and nothing of the release is lost.
    await assert.rejects(storage.saveFlows(seen), { code: 'flows.changed-on-disk' });

    const nodes = new Map((await storage.getFlows()).map((node) => [node.id, node]));
    for (const { id, name } of touched.cloud) assert.equal(nodes.get(id)?.name, name);
    const edge = new Map(readFlows(join(shop(), 'edge-flows')).nodes.map((node) => [node.id, node]));
    for (const { id, name } of touched.edge) assert.equal(edge.get(id)?.name, name);
    for (const { id, type, func } of ownChanges()) {
      assert.deepEqual([nodes.get(id)?.type, nodes.get(id)?.func], [type, func]);
    }
    assert.equal((nodes.get('config.shop')!.cases as { catalog?: string }[])[1]!.catalog, 'catalog.second');
    assert.deepEqual(readFolders(flows()).own, own);

    // And a Deploy of what is shown now changes no line.
    await storage.saveFlows([...nodes.values()]);
    assert.equal(git(shop(), 'status', '--porcelain'), '');
    const found: string[] = [];
    flowsCheck([flows(), join(shop(), 'edge-flows')], (line) => found.push(line));
    assert.deepEqual(
      found.filter((line) => line.includes('  safety  ')),
      [],
    );
  });
});

/** A release: in three tabs of the cloud and one of the Pi a node has another name, and one is new. */
function released(upstream: string) {
  const renamed = (folder: string, count: number) => {
    const { core, own } = readFolders(folder);
    const names = Object.keys(core).filter((name) => /^\d.*\.json$/.test(name));
    assert.ok(names.length > count);
    const touched = names.slice(0, count).flatMap((name) => {
      const nodes = joinFlows({ [name]: core[name]! });
      const tab = nodes.find(({ type }) => type === 'tab')!;
      const node = nodes.find(({ z, type }) => z === tab.id && type !== 'group' && type !== 'comment')!;
      const fresh: FlowNode = { ...node, id: `${tab.id}.fresh`, type: 'comment', name: 'New', info: '', wires: [] };
      return [{ ...node, name: `${String(node.name)}, renamed` }, fresh];
    });
    const before = joinFlows(core);
    const after = before.map((node) => touched.find(({ id }) => id === node.id) ?? node);
    const fresh = touched.filter(({ id }) => !before.some((node) => node.id === id));
    const files = splitFlows([...after, ...fresh], { before });
    writeFolders(folder, { core: { ...core, ...files }, own });
    return touched;
  };
  const touched = { cloud: renamed(join(upstream, 'flows'), 3), edge: renamed(join(upstream, 'edge-flows'), 1) };
  const as = ['-c', 'user.name=b', '-c', 'user.email=b@example.com'];
  execFileSync('git', ['-C', upstream, ...as, 'commit', '-qam', 'the next release'], { stdio: 'ignore' });
  return touched;
}
