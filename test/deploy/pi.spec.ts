// deploy/pi: the units, the environment's template and the scripts agree with each other and with what the edge asks for.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Fault } from '@tapcase/domain';
import { readEnvironment } from '../../host/environment.ts';
import { HUNG_MS_MAX } from '../../host/heartbeat.ts';
import { needs } from '../needs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PI = join(ROOT, 'deploy', 'pi');
const textOf = (name: string) => readFileSync(join(PI, name), 'utf8');

const HEX = 'ab'.repeat(32);
/** What a person fills in. */
const FILLED: Readonly<Record<string, string>> = {
  CASE_ID: '123',
  DEVICE_KEY: HEX,
  BROKER_URL: 'mqtts://broker.example:8883',
  BROKER_USER: 'pi',
  BROKER_PASSWORD: 'p',
  EDITOR_PASSWORD: 'twelve or more',
  CREDENTIAL_SECRET: HEX,
};

/** Variables of the template: those that stand there, and those that are only shown. */
function template(): { set: Map<string, string>; shown: Map<string, string> } {
  const set = new Map<string, string>();
  const shown = new Map<string, string>();
  for (const line of textOf('edge.env.template').split('\n')) {
    const [, hash, name, value] = /^(#?)([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) (hash === '' ? set : shown).set(name, value!);
  }
  return { set, shown };
}

/** Section to key to its values, in order. */
function unit(name: string): Map<string, Map<string, string[]>> {
  const sections = new Map<string, Map<string, string[]>>();
  let keys = new Map<string, string[]>();
  for (const line of textOf(name).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (section !== undefined) {
      keys = new Map();
      sections.set(section, keys);
      continue;
    }
    const at = line.indexOf('=');
    assert.ok(at > 0, `${name}: ${line}`);
    const key = line.slice(0, at);
    keys.set(key, [...(keys.get(key) ?? []), line.slice(at + 1)]);
  }
  return sections;
}

describe('the environment of a Pi', () => {
  it('asks for every variable that has no fallback, and for none that nobody reads', () => {
    const nothing = readEnvironment('edge', {});
    assert.ok(nothing instanceof Fault);
    const wanted = (nothing.details.problems as string[]).map((problem) => problem.split(' ')[0]!);
    assert.ok(wanted.length > 5);
    const { set, shown } = template();
    assert.deepEqual(
      wanted.filter((name) => !set.has(name)),
      [],
    );
    const known = readEnvironment('edge', { ...Object.fromEntries(set), ...FILLED });
    assert.ok(!(known instanceof Fault), known instanceof Fault ? known.message : '');
    const unknown = [...set.keys(), ...shown.keys()].filter((name) => !Object.hasOwn(known, name));
    assert.deepEqual(unknown, []);
  });

  it('has no default for a secret, nor for what differs from Pi to Pi', () => {
    const { set, shown } = template();
    for (const [name, value] of [...set, ...shown]) {
      if (/PASSWORD|SECRET|KEY/.test(name) || Object.hasOwn(FILLED, name)) assert.equal(value, '', name);
    }
  });

  it('shows values that are taken as they are', () => {
    const { set, shown } = template();
    const read = readEnvironment('edge', Object.fromEntries([...set, ...shown, ...Object.entries(FILLED)]));
    assert.ok(!(read instanceof Fault), read instanceof Fault ? read.message : '');
  });
});

describe('the units of a Pi', () => {
  it('start the program that is installed, and start it again whatever happens', () => {
    const service = unit('tapcase-edge.service').get('Service')!;
    const [command] = service.get('ExecStart')!;
    const path = command!.replace('/opt/tapcase', ROOT);
    assert.ok(statSync(path).mode & 0o111, `${path} cannot be run`);
    assert.deepEqual(service.get('Restart'), ['always']);
    assert.deepEqual(unit('tapcase-edge.service').get('Unit')!.get('StartLimitIntervalSec'), ['0']);
    assert.deepEqual(service.get('EnvironmentFile'), ['/etc/tapcase/edge.env']);
    assert.match(textOf('install.sh'), /^CONFIG=\/etc\/tapcase$/m);
    assert.match(textOf('install.sh'), /^PROGRAM=\/opt\/tapcase$/m);
  });

  it('stop the cameras with SIGINT, and leave them time', () => {
    const service = unit('tapcase-edge.service').get('Service')!;
    assert.deepEqual(service.get('KillSignal'), ['SIGINT']);
    assert.deepEqual(service.get('KillMode'), ['mixed']);
    assert.ok(Number(service.get('TimeoutStopSec')) >= 20);
  });

  it('let the edge write its own folders and nothing else', () => {
    const service = unit('tapcase-edge.service').get('Service')!;
    assert.deepEqual(service.get('ProtectSystem'), ['strict']);
    const [writable] = service.get('ReadWritePaths')!;
    const { set, shown } = template();
    const folders = [...set, ...shown].filter(([name]) => /_DIR$/.test(name) && name !== 'MODEL_DIR');
    assert.ok(folders.length >= 5);
    for (const [name, folder] of folders) assert.ok(folder.startsWith(`${writable}/`), `${name}=${folder}`);
    // sysfs is where the pins are.
    assert.equal(service.has('ProtectKernelTunables'), false);
  });

  it('feed the watchdog more than twice as often as it bites', () => {
    const service = unit('tapcase-edge.service').get('Service')!;
    const [, seconds] = /FEED_SECONDS:-(\d+)/.exec(textOf('run-edge.sh'))!;
    // A question may take five seconds.
    assert.ok((Number(seconds) + 5) * 2 < Number(service.get('WatchdogSec')));
    assert.deepEqual([service.get('Type'), service.get('NotifyAccess')], [['notify'], ['all']]);
  });

  it('leave the edge’s own supervisor the time in which it brings the edge back', () => {
    const service = unit('tapcase-edge.service').get('Service')!;
    const biteMs = Number(service.get('WatchdogSec')) * 1_000;
    assert.ok(biteMs > Number(service.get('TimeoutStartSec')) * 1_000 + HUNG_MS_MAX);
  });

  it('write what nobody else of the Pi may read', () => {
    assert.deepEqual(unit('tapcase-edge.service').get('Service')!.get('UMask'), ['0077']);
  });

  it('mount the video where the recorder is told to write', () => {
    const where = unit('var-lib-tapcase-video.mount').get('Mount')!.get('Where')![0]!;
    assert.equal(`${where.slice(1).replaceAll('/', '-')}.mount`, 'var-lib-tapcase-video.mount');
    assert.ok(template().shown.get('RECORDINGS_DIR')!.startsWith(`${where}/`));
  });

  it('are what systemd understands', function () {
    const analyze = needs(this, 'systemd');
    const folder = mkdtempSync(join(tmpdir(), 'units-'));
    try {
      // Nothing is installed here: the program's place is the only thing that may be changed for the check.
      for (const name of ['tapcase-edge.service', 'var-lib-tapcase-video.mount']) {
        writeFileSync(join(folder, name), textOf(name).replace('=/opt/tapcase/', `=${ROOT}/`));
      }
      const names = ['tapcase-edge.service', 'var-lib-tapcase-video.mount'].map((name) => join(folder, name));
      const { status, stderr } = spawnSync(analyze, ['verify', ...names], {
        encoding: 'utf8',
        env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
      });
      // Only words about these two count: the machine's own units are not ours.
      const words = stderr.split('\n').filter((line) => /tapcase/.test(line));
      assert.deepEqual(words, [], stderr);
      assert.equal(status, 0, stderr);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
}

/** A program of the same parts with nothing in them but what the installation itself reads. */
function makeSmallProgram(folder: string): void {
  const [, parts = ''] = /^PARTS=\(([^)]*)\)/m.exec(textOf('install.sh')) ?? [];
  const names = parts.split(/\s+/);
  assert.ok(names.includes('edge-flows') && names.includes('deploy'));
  for (const name of names) {
    const [from, to] = [join(ROOT, name), join(folder, name)];
    mkdirSync(dirname(to), { recursive: true });
    if (name === 'edge-flows' || statSync(from).isFile()) cpSync(from, to, { recursive: true });
    else mkdirSync(to);
  }
  cpSync(PI, join(folder, 'deploy', 'pi'), { recursive: true });
}

describe('the scripts of a Pi', () => {
  let root: string;
  let small: string;
  before(() => {
    small = mkdtempSync(join(tmpdir(), 'pi-program-'));
    makeSmallProgram(small);
  });
  after(() => rmSync(small, { recursive: true, force: true }));
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pi-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const install = (...args: string[]) => installFrom(join(small, 'deploy', 'pi'), ...args);
  const installFrom = (folder: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('bash', [join(folder, 'install.sh'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, DESTDIR: root },
    });
    return { status, words: stdout + stderr };
  };
  const modeOf = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);

  it('have nothing that shellcheck would object to', function () {
    const check = needs(this, 'shellcheck');
    const { status, stdout } = spawnSync(check, ['install.sh', 'run-edge.sh'], { cwd: PI, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  it('install the program, its folders and units, and secrets that only root may read', () => {
    const { status, words } = installFrom(PI);
    assert.equal(status, 0, words);
    assert.match(words, /fill in \/etc\/tapcase\/edge.env: CASE_ID DEVICE_KEY/);
    assert.match(words, /would run: systemctl enable tapcase-edge.service/);
    assert.doesNotMatch(words, /would run: systemctl restart tapcase-edge$/m);
    assert.equal(modeOf('etc/tapcase/edge.env'), '600');
    for (const folder of ['etc/tapcase', 'var/lib/tapcase', 'var/lib/tapcase/state', 'var/lib/tapcase/snapshots'])
      assert.equal(modeOf(folder), '700', folder);
    for (const path of [
      'opt/tapcase/start.ts',
      'opt/tapcase/deploy/pi/run-edge.sh',
      'opt/tapcase/models/demo-shelf/model.onnx',
      'var/lib/tapcase/flows/core/config.json',
      'var/lib/tapcase/flows/own',
      'etc/systemd/system/tapcase-edge.service',
      'etc/systemd/journald.conf.d/tapcase.conf',
    ]) {
      assert.ok(existsSync(join(root, path)), path);
    }
    assert.equal(existsSync(join(root, 'opt/tapcase/node_modules')), false);
  });

  it('install the palettes of the Pi with what they need, and no ledger', () => {
    const { words } = installFrom(PI);
    const packages = new Map<string, { folder: string; needs: readonly string[] }>();
    for (const folder of manifestOf('.').workspaces!) {
      const { name, dependencies = {} } = manifestOf(folder);
      packages.set(name, { folder, needs: Object.keys(dependencies) });
      // npm asks for each, also for those that it does not install.
      assert.ok(existsSync(join(root, 'opt/tapcase', folder, 'package.json')), folder);
    }
    const asked = Array.from(words.matchAll(/--workspace=(\S+)/g), ([, folder]) => manifestOf(folder!).name);
    const wanted = new Set<string>();
    const want = (name: string) => {
      if (!packages.has(name) || wanted.has(name)) return;
      wanted.add(name);
      packages.get(name)!.needs.forEach(want);
    };
    for (const name of [...asked, ...Object.keys(manifestOf('.').dependencies!)]) want(name);
    assert.deepEqual([...wanted].map((name) => packages.get(name)!.folder).sort(), [
      'domain',
      'nodes/define-node',
      'nodes/node-red-contrib-detr',
      'nodes/node-red-contrib-hmac',
      'nodes/node-red-contrib-tapcase-edge',
    ]);
  });

  it('keep at the second time what a person wrote, and start the edge when all is filled in', () => {
    install();
    const filled = textOf('edge.env.template').replace(
      /^([A-Z_]+)=$/gm,
      (_, name: string) => `${name}=${FILLED[name]}`,
    );
    writeFileSync(join(root, 'etc/tapcase/edge.env'), filled, { mode: 0o644 });
    writeFileSync(join(root, 'opt/tapcase/left-behind.ts'), '');
    const { status, words } = install();
    assert.equal(status, 0, words);
    assert.equal(readFileSync(join(root, 'etc/tapcase/edge.env'), 'utf8'), filled);
    assert.equal(modeOf('etc/tapcase/edge.env'), '600');
    assert.equal(existsSync(join(root, 'opt/tapcase/left-behind.ts')), false);
    assert.match(words, /would run: systemctl restart tapcase-edge$/m);
    assert.doesNotMatch(words, new RegExp(HEX));
  });

  it('say which variable a new version wants', () => {
    install();
    writeFileSync(join(root, 'etc/tapcase/edge.env'), 'CASE_ID=123\n');
    assert.match(install().words, /not in \/etc\/tapcase\/edge.env: SNAPSHOTS_DIR/);
  });

  it('bring new flows of the shop, unless a person changed them, and never touch that person’s own', () => {
    const at = (path: string) => join(root, 'var/lib/tapcase', path);
    install();
    const original = readFileSync(at('flows/core/config.json'), 'utf8');
    writeFileSync(at('flows/own/mine.json'), '[]');
    // As an older version had shipped it, untouched.
    for (const folder of ['flows', 'flows.shipped']) writeFileSync(at(`${folder}/core/config.json`), '[]');
    install();
    assert.equal(readFileSync(at('flows/core/config.json'), 'utf8'), original);
    writeFileSync(at('flows/core/config.json'), '[{"changed":"here"}]');
    assert.match(install().words, /the shop's flows were changed here/);
    assert.equal(readFileSync(at('flows/core/config.json'), 'utf8'), '[{"changed":"here"}]');
    assert.equal(readFileSync(at('flows.new/core/config.json'), 'utf8'), original);
    assert.equal(readFileSync(at('flows/own/mine.json'), 'utf8'), '[]');
  });

  it('take over from a version that had all tabs in one folder, and lose none that was changed', () => {
    const at = (path: string) => join(root, 'var/lib/tapcase', path);
    const older = (changed: string) => {
      for (const folder of ['flows', 'flows.shipped']) {
        rmSync(at(folder), { recursive: true, force: true });
        mkdirSync(at(folder), { recursive: true });
        writeFileSync(at(`${folder}/config.json`), folder === 'flows' ? changed : '[]');
      }
    };
    older('[]');
    install();
    assert.deepEqual([existsSync(at('flows/config.json')), existsSync(at('flows/core/config.json'))], [false, true]);
    assert.equal(existsSync(at('flows.before')), false);
    older('[{"changed":"here"}]');
    assert.match(install().words, /flows\.before: bring your tabs into/);
    assert.equal(readFileSync(at('flows.before/config.json'), 'utf8'), '[{"changed":"here"}]');
    assert.ok(existsSync(at('flows/core/config.json')));
  });

  it('write the firmware’s settings once, after the Pi’s own, and only when asked', () => {
    const file = join(root, 'boot/firmware/config.txt');
    mkdirSync(join(root, 'boot/firmware'), { recursive: true });
    writeFileSync(file, 'arm_64bit=1\n[cm4]\notg_mode=1\n');
    install();
    assert.equal(readFileSync(file, 'utf8'), 'arm_64bit=1\n[cm4]\notg_mode=1\n');
    install('--boot');
    const once = readFileSync(file, 'utf8');
    install('--boot');
    assert.equal(readFileSync(file, 'utf8'), once);
    assert.match(
      once,
      /^arm_64bit=1\n\[cm4\]\notg_mode=1\n# tapcase begin\n\[all\]\n[\s\S]*gpio=17,18=pd\n[\s\S]*# tapcase end\n$/,
    );
    // The firmware reads no more than 98 characters of a line.
    for (const line of once.split('\n')) assert.ok(line.startsWith('#') || line.length <= 98, line);
  });

  it('refuse an option that there is not', () => {
    const { status, words } = install('--all');
    assert.equal(status, 1);
    assert.match(words, /unknown option --all/);
  });

  it('tell systemd that the edge is ready when its flows run, and that it lives while it answers', async function () {
    const python = needs(this, 'python3');
    needs(this, 'curl');
    needs(this, 'systemd');
    const statuses = [503, 503, 401];
    const asked: number[] = [];
    const edge = createServer((_, response) => {
      asked.push(statuses.length > 1 ? statuses.shift()! : statuses[0]!);
      response.writeHead(asked.at(-1)!).end();
    });
    await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve));
    // The program is a stand-in that only waits; what it is called with is told in its first line.
    mkdirSync(join(root, 'deploy/pi'), { recursive: true });
    mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
    copyFileSync(join(PI, 'run-edge.sh'), join(root, 'deploy/pi/run-edge.sh'));
    const stub = join(root, 'node_modules/node/bin/node');
    writeFileSync(stub, '#!/bin/sh\necho "$@"\nexec sleep 900\n');
    chmodSync(stub, 0o755);
    const systemd = spawn(python, ['-c', NOTIFY_SOCKET, join(root, 'notify')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = createInterface({ input: systemd.stdout })[Symbol.asyncIterator]();
    assert.equal((await told.next()).value, 'listening');
    const running = spawn(join(root, 'deploy/pi/run-edge.sh'), [], {
      env: {
        PATH: process.env.PATH,
        PORT: String((edge.address() as AddressInfo).port),
        HOST: '0.0.0.0',
        NOTIFY_SOCKET: join(root, 'notify'),
        FEED_SECONDS: '0.05',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [first] = (await once(running.stdout, 'data')) as [Buffer];
      assert.equal(first.toString(), 'start.ts edge\n');
      assert.equal((await told.next()).value, 'READY=1');
      // It goes on asking: a slow reader finds more of them.
      assert.deepEqual(asked.slice(0, 3), [503, 503, 401]);
      assert.equal((await told.next()).value, 'WATCHDOG=1');
    } finally {
      const ended = once(running.stdout, 'close');
      running.kill('SIGINT');
      // The feeding loop holds the same output: it has ended too.
      await ended;
      systemd.kill();
      edge.closeAllConnections();
      edge.close();
    }
    assert.equal(running.signalCode, 'SIGINT');
  });
});

/** systemd's end of the socket: prints what it is told, without the barrier by which systemd-notify awaits its reading. */
const NOTIFY_SOCKET = `
import array, os, socket, sys
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.bind(sys.argv[1])
print('listening', flush=True)
while True:
    text, extra, _, _ = end.recvmsg(4096, socket.CMSG_SPACE(4))
    for _, kind, data in extra:
        if kind == socket.SCM_RIGHTS:
            for fd in array.array('i', data[:4]): os.close(fd)
    if b'BARRIER' not in text: print(text.decode().strip(), flush=True)
`;
