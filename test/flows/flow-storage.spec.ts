// The flow files on disk: all or none, nothing overwritten that somebody else changed, credentials that survive.
import assert from 'node:assert/strict';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { merged, sealed, typedOnly, unsealed } from '../../host/flows/credentials.ts';
import { finishWrite, readFolders, writeFolders } from '../../host/flows/disk.ts';
import type { FlowFolders, FlowNode } from '../../host/flows/node.ts';
import { readFlows } from '../../host/flows/read-folder.ts';
import { type FlowStorage, flowStorage, type StorageRuntime } from '../../host/flows/storage.ts';
import { splitFlows } from '../../host/flows/tabs.ts';

const CORE: readonly FlowNode[] = [
  { id: 'door', type: 'tab', label: '30 Door', disabled: false, locked: true },
  { id: 'door.say', type: 'change', z: 'door', name: 'Say it', x: 300, y: 100, wires: [[]] },
  { id: 'config.broker', type: 'mqtt-broker', name: 'broker', port: '1883' },
];
const EVENING: FlowNode = { id: 'evening', type: 'tab', label: 'Evening', disabled: false };
const OWN: readonly FlowNode[] = [
  EVENING,
  { id: 'e1', type: 'debug', z: 'evening', name: 'It', x: 60, y: 60, wires: [] },
];
const FILES: FlowFolders = { core: splitFlows(CORE), own: splitFlows(OWN) };
const REFERENCES = { 'config.broker': { user: '${BROKER_USER}', password: '${BROKER_PASSWORD}' } };
const SECRET = 'a secret of thirty-two characters';

/** What Node-RED itself holds of credentials while it runs. */
const atWork = createRequire(import.meta.url)('@node-red/runtime/lib/nodes/credentials') as {
  init(runtime: object): void;
  load(credentials: object): Promise<void>;
  get(id: string): object | undefined;
  delete(id: string): void;
};

interface Told {
  readonly runtime: StorageRuntime;
  readonly lines: string[];
  /** What the editor shows; '' for nothing. */
  banner: string;
}

function listener(): Told {
  const told: { lines: string[]; banner: string } = { lines: [], banner: '' };
  const line = (text: string) => told.lines.push(text);
  const emit = (_: string, { payload }: { payload?: { text?: string } }) => {
    told.banner = payload?.text ?? '';
  };
  return Object.assign(told, { runtime: { log: { warn: line, error: line }, events: { emit } } });
}

describe('the storage of flows', () => {
  let folder: string;
  let told: Told;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flows-'));
    writeFolders(folder, FILES);
    writeFileSync(join(folder, 'core', 'credentials.env.json'), JSON.stringify(REFERENCES));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (options: Parameters<typeof flowStorage>[1] = {}): Promise<FlowStorage> => {
    const storage = flowStorage(folder, options);
    told = listener();
    const settings = { credentialSecret: SECRET, userDir: join(folder, 'user'), flowFile: 'flows.json' };
    await storage.init(settings as never, told.runtime);
    atWork.init({
      log: { ...told.runtime.log, debug() {}, _: String },
      settings: { get: (name: string) => settings[name as 'userDir'] },
    });
    return storage;
  };
  const at = (path: string) => join(folder, path);
  const text = (path: string) => readFileSync(at(path), 'utf8');

  it('a Deploy writes only the files that changed, and removes the file of a deleted tab', async () => {
    const storage = await start();
    const nodes = await storage.getFlows();
    const second: FlowNode = { id: 'clock', type: 'tab', label: 'Clock', disabled: false };
    const before = statSync(at('own/evening.json'), { bigint: true }).mtimeNs;
    await storage.saveFlows([...nodes, second]);
    assert.deepEqual(readdirSync(at('own')).sort(), ['clock.json', 'evening.json', 'order.json']);
    await storage.saveFlows(nodes);
    assert.deepEqual(readFolders(folder), FILES);
    assert.equal(statSync(at('own/evening.json'), { bigint: true }).mtimeNs, before);
    assert.deepEqual((await storage.getFlows()).map(({ id }) => id).sort(), nodes.map(({ id }) => id).sort());
  });

  it('without the own tabs (OWN_TABS=off) reads each of them as switched off, says so, and runs what a Deploy then switches on', async () => {
    const storage = await start({ hasOwnTabs: false });
    const nodes = await storage.getFlows();
    const tabs = (list: readonly FlowNode[]) =>
      Object.fromEntries(list.filter(({ type }) => type === 'tab').map(({ id, disabled }) => [id, disabled === true]));
    const own = OWN.filter(({ type }) => type === 'tab').map(({ id }) => id);
    const off = Object.entries(tabs(nodes)).filter(([, isOff]) => isOff);
    assert.deepEqual(
      off.map(([id]) => id),
      own,
    );
    assert.match(told.lines.join('\n'), /start\.own-tabs-off/);
    const mended = nodes.map((node) => (node.id === own[0] ? { ...node, disabled: false } : node));
    await storage.saveFlows(mended);
    assert.deepEqual(readFolders(folder), FILES);
    assert.deepEqual(tabs(await storage.getFlows()), tabs(mended));
  });

  it('a Deploy that leaves them off is one that switches them off', async () => {
    const storage = await start({ hasOwnTabs: false });
    await storage.saveFlows(await storage.getFlows());
    assert.match(text('own/evening.json'), /"disabled": true/);
  });

  it('refuses a Deploy after a change on the disk, says which file, and after a reload keeps both changes', async () => {
    const storage = await start();
    const mine = (nodes: readonly FlowNode[]) => [
      ...nodes,
      { id: 'e2', type: 'debug', z: 'evening', x: 60, y: 90, wires: [] },
    ];
    const nodes = await storage.getFlows();
    const pulled = [...OWN, { id: 'e3', type: 'debug', z: 'evening', name: 'Pulled', x: 60, y: 120, wires: [] }];
    writeFileSync(at('own/evening.json'), splitFlows(pulled)['evening.json']!);
    const refusal = { code: 'flows.changed-on-disk', message: /own\/evening\.json changed.*Restart flows/ };
    await assert.rejects(storage.saveFlows(mine(nodes)), refusal);
    assert.match(text('own/evening.json'), /Pulled/);
    await storage.saveFlows(mine(await storage.getFlows()));
    assert.match(text('own/evening.json'), /Pulled/);
    assert.match(text('own/evening.json'), /"e2"/);
    for (const change of [() => rmSync(at('core/config.json')), () => writeFileSync(at('own/new.json'), '[]')]) {
      change();
      await assert.rejects(storage.saveFlows(nodes), { code: 'flows.changed-on-disk' });
      writeFolders(folder, FILES);
    }
  });

  it('shows after a reload what the editor sent, but for what was pulled: its merge meets no other change', async () => {
    const storage = await start();
    // As an editor sends it: with defaults, in its own order of keys.
    const sent = (await storage.getFlows()).map(({ id, ...node }) => ({ ...node, ...(node.z ? { l: true } : {}), id }));
    await storage.saveFlows(sent as unknown as FlowNode[]);
    const pulled = OWN.map((node) => (node.id === 'e1' ? { ...node, name: 'Pulled' } : node));
    writeFileSync(at('own/evening.json'), splitFlows(pulled)['evening.json']!);
    const shown = await storage.getFlows();
    const other = shown.filter(
      (node) => JSON.stringify(node) !== JSON.stringify(sent.find(({ id }) => id === node.id)),
    );
    assert.deepEqual(
      other.map(({ name }) => name),
      ['Pulled'],
    );
  });

  it('shows a broken own file in the log and on the screen until it is repaired, and sells on', async () => {
    writeFileSync(at('own/evening.json'), '<<<<<<< HEAD\n');
    const storage = await start();
    const nodes = await storage.getFlows();
    assert.ok(nodes.some(({ label }) => label === '! evening.json'));
    assert.equal(told.lines.filter((line) => /Not loaded: own\/evening\.json/.test(line)).length, 1);
    assert.match(told.banner, /own\/evening\.json/);
    assert.match(told.banner, /No se ha cargado - own\/evening\.json/);
    assert.doesNotMatch(told.banner, /[:<>]/);
    await storage.saveFlows(nodes);
    assert.equal(text('own/evening.json'), '<<<<<<< HEAD\n');
    writeFolders(folder, FILES);
    assert.ok((await storage.getFlows()).some(({ id }) => id === 'e1'));
    assert.equal(told.banner, '');
  });

  it('a core that breaks while the shop runs is not loaded: the flows run on', async () => {
    const storage = await start();
    const nodes = await storage.getFlows();
    writeFileSync(at('core/30-door.json'), '[');
    assert.deepEqual(await storage.getFlows(), nodes);
    assert.match(told.banner, /not loaded.*core\/30-door\.json is not JSON.* · .*no se han cargado/);
    await assert.rejects(storage.saveFlows(nodes), { code: 'flows.changed-on-disk' });
    // Before a start it is the end.
    const refusal = { code: 'flows.unreadable', message: /nothing was started: core\/30-door\.json is not JSON/ };
    assert.throws(() => readFlows(folder), refusal);
  });

  it('says that a tab of the core was written', async () => {
    const storage = await start();
    const nodes = (await storage.getFlows()).map((node) => (node.id === 'door' ? { ...node, locked: false } : node));
    await storage.saveFlows(nodes);
    assert.match(told.lines.at(-1)!, /changed the shop itself.*core\/30-door\.json/);
    assert.match(told.banner, /core\/30-door\.json.* · .*no están bloqueadas - core\/30-door\.json/);
  });

  describe('credentials', () => {
    const typed = async (
      storage: FlowStorage,
      credentials: Parameters<typeof sealed>[0],
      nodes: readonly FlowNode[],
    ) => {
      await storage.saveCredentials(sealed(credentials, SECRET));
      await storage.saveFlows(nodes);
    };
    const kept = async () => unsealed(await (await start()).getCredentials(), SECRET);

    it('that were typed survive a restart, and those of the environment are read beside them', async () => {
      const storage = await start();
      const nodes = await storage.getFlows();
      assert.deepEqual(unsealed(await storage.getCredentials(), SECRET), REFERENCES);
      const mine = {
        ...REFERENCES,
        'config.broker': { ...REFERENCES['config.broker'], password: 'typed' },
        own: { key: 'k' },
      };
      await typed(storage, mine, nodes);
      assert.deepEqual(await kept(), mine);
      // A release brings another reference, and renames one that nobody typed over.
      const release = {
        'config.broker': { user: '${MQTT_USER}', password: '${P}' },
        'config.stripe': { apiKey: '${KEY}' },
      };
      writeFileSync(at('core/credentials.env.json'), JSON.stringify(release));
      assert.deepEqual(await kept(), {
        'config.broker': { user: '${MQTT_USER}', password: 'typed' },
        'config.stripe': { apiKey: '${KEY}' },
        own: { key: 'k' },
      });
    });

    it('that were typed into a config node which went into another are that one’s', async () => {
      const storage = await start();
      const before = { ...REFERENCES, 'config.mailer': { password: 'typed' }, 'config.shop': { sessionKey: 'k' } };
      await typed(storage, before, await storage.getFlows());
      assert.deepEqual(await kept(), { ...REFERENCES, 'config.shop': { mailPassword: 'typed', sessionKey: 'k' } });
    });

    it('stay as they were when the Deploy that brings them is refused', async () => {
      const storage = await start();
      const nodes = await storage.getFlows();
      await typed(storage, { ...REFERENCES, own: { key: 'k' } }, nodes);
      await atWork.load(await storage.getCredentials());
      atWork.delete('own');
      const changed = nodes.map((node) => (node.id === 'door.say' ? { ...node, name: 'Shout' } : node));
      await assert.rejects(typed(storage, REFERENCES, changed), { code: 'flows.core-locked' });
      assert.deepEqual(atWork.get('own'), { key: 'k' });
      assert.deepEqual((await kept()).own, { key: 'k' });
    });

    it('that were sealed with another secret are said to be lost, and those of the environment are read', async () => {
      const storage = await start();
      await typed(storage, { ...REFERENCES, own: { key: 'k' } }, await storage.getFlows());
      const other = flowStorage(folder);
      told = listener();
      const settings = { credentialSecret: 'another', userDir: at('user'), flowFile: 'flows.json' };
      await other.init(settings as never, told.runtime);
      assert.deepEqual(unsealed(await other.getCredentials(), 'another'), REFERENCES);
      assert.match(told.lines.join('\n'), /another CREDENTIAL_SECRET/);
      assert.throws(() => unsealed(sealed(REFERENCES, SECRET), 'another'), { code: 'flows.credential-secret' });
    });

    it('are never handed over in plain text', async () => {
      const { $, ...rest } = sealed(REFERENCES, SECRET);
      assert.deepEqual(rest, {});
      assert.doesNotMatch($!, /BROKER/);
      assert.deepEqual(merged({ a: { x: 1 } }, { a: { y: 2 }, b: {} }), { a: { x: 1, y: 2 }, b: {} });
      assert.deepEqual(typedOnly({ a: { x: 1, y: 2 }, b: { z: 3 } }, { a: { x: 1 }, b: { z: 3 } }), { a: { y: 2 } });
    });
  });

  describe('a process that dies in a Deploy', () => {
    const AFTER: FlowFolders = {
      core: FILES.core,
      own: { ...splitFlows([{ ...EVENING, label: 'Morning' }]), 'order.json': '[]\n' },
    };

    it('leaves the old files or the new ones, at whichever step it dies', () => {
      const seen = new Set<string>();
      for (let step = 1, isDone = false; !isDone; step += 1) {
        rmSync(folder, { recursive: true });
        mkdirSync(folder);
        writeFolders(folder, FILES);
        isDone = diesAt(step, folder, () => writeFolders(folder, AFTER));
        finishWrite(folder);
        const left = JSON.stringify(readFolders(folder));
        assert.ok(
          [FILES, AFTER].some((files) => JSON.stringify(files) === left),
          `step ${step} left ${left}`,
        );
        seen.add(left);
        const rest = [...readdirSync(folder), ...readdirSync(at('own'))].filter((name) => name.startsWith('.'));
        assert.deepEqual(rest, []);
        // What finishes it may die too.
        writeFolders(folder, FILES);
        diesAt(step, folder, () => writeFolders(folder, AFTER));
        diesAt(2, folder, () => finishWrite(folder));
        finishWrite(folder);
        assert.equal(JSON.stringify(readFolders(folder)), left);
      }
      assert.equal(seen.size, 2, 'both were seen');
    });

    it('and a journal that is none of ours touches nothing', () => {
      for (const journal of [
        '{',
        '{"write":{"../../etc/x.json":"a"},"remove":[]}',
        '{"write":{},"remove":["own/../x.json/../y.json"]}',
      ]) {
        writeFileSync(at('.deploy.json'), journal);
        assert.throws(() => finishWrite(folder), { code: 'flows.journal' });
        assert.deepEqual(readFolders(folder), FILES);
      }
      assert.ok(existsSync(at('.deploy.json')));
    });
  });
});

const STEPS = ['openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync'] as const;

/** Runs `write` up to its `step`-th step on the disk: nothing after that is done, as where the process is killed. Whether it got to its end. */
function diesAt(step: number, folder: string, write: () => void): boolean {
  const dead = new Error('dead');
  const originals = STEPS.map((name) => [name, fs[name]] as const);
  let left = step;
  for (const [name, original] of originals) {
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        // Somebody else's: mocha writes too.
        if (typeof args[0] === 'number' || String(args[0]).startsWith(folder)) left -= 1;
        if (left <= 0) throw dead;
        return (original as (...given: unknown[]) => unknown)(...args);
      },
    });
  }
  syncBuiltinESMExports();
  try {
    write();
    return true;
  } catch (thrown) {
    assert.equal(thrown, dead);
    return false;
  } finally {
    Object.assign(fs, Object.fromEntries(originals));
    syncBuiltinESMExports();
  }
}
