// npm start as somebody at its terminal meets it: a whole shop, a purchase, troubles, a second start, Ctrl-C.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunningShop } from '../../host/shop.ts';
import { signInAs } from '../../scripts/demo-staff.ts';
import { until, within } from '../patience.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = 'owner-of-this-spec';

interface Started {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** The first line from number `from` on that matches; it may still have to come. */
  line(match: RegExp, from?: number): Promise<string>;
}

describe('the terminal of npm start', () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'tapcase-start-'));
  const logFile = join(stateFolder, 'log.txt');
  const log = () => readFileSync(logFile, 'utf8');
  let ports: readonly number[];
  let shop: Started;

  before(async () => {
    ports = await freePorts(6);
    shop = start();
    await within('the shop', Promise.race([once(shop.child, 'message'), once(shop.child, 'exit')]));
  });
  after(async () => {
    if (shop.child.exitCode === null) {
      shop.child.kill('SIGTERM');
      await once(shop.child, 'exit');
    }
    rmSync(stateFolder, { recursive: true, force: true });
  });

  function environment(): Record<string, string> {
    const names = ['PORT', 'EDGE_PORT', 'WORLD_PORT', 'STRIPE_STANDIN_PORT', 'BROKER_PORT', 'STAFF_PORT'];
    const own = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
    const { PATH, HOME } = process.env;
    return { ...own, PATH: PATH!, HOME: HOME ?? '/', STATE_DIR: stateFolder, EDITOR_PASSWORD: PASSWORD };
  }

  function start(...args: string[]): Started {
    const child = fork(join(ROOT, 'start.ts'), args, {
      cwd: ROOT,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const lines: string[] = [];
    const told = new EventEmitter();
    for (const stream of [child.stdout!, child.stderr!]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
        told.emit('line');
      });
    }
    const line = async (match: RegExp, from = 0) => {
      const find = () => lines.slice(from).find((each) => match.test(each));
      const come = async () => {
        for (let found = find(); ; found = find()) {
          if (found !== undefined) return found;
          await once(told, 'line');
        }
      };
      return within(`a line like ${match}`, come()).catch((thrown: Error) => {
        throw new Error(`${thrown.message}; there was:\n${lines.join('\n')}`);
      });
    };
    return { child, lines, line };
  }

  const url = (at: 'shop' | 'world', path: string) => `http://127.0.0.1:${ports[at === 'shop' ? 0 : 2]}${path}`;
  const post = (address: string, body: object) =>
    fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const demo = (...args: string[]) =>
    run(process.execPath, [join(ROOT, 'scripts/demo.ts'), '--state', stateFolder, '--json', ...args], {
      cwd: ROOT,
    });

  it('says that it starts, then where everything is, and nothing else', async () => {
    await shop.line(/Ctrl-C stops the shop/);
    const first = shop.lines.filter((each) => !/still starting: this machine is busy$/.test(each)).slice(0, 3);
    assert.deepEqual(first, ['Starting the shop ...', '', 'Tapcase is ready.']);
    const text = shop.lines.join('\n');
    for (const place of [`:${ports[0]}/case/123\n`, `:${ports[5]}/dashboard/money`, `:${ports[1]}/editor`, logFile])
      assert.ok(text.includes(place), `${place} in\n${text}`);
  });

  it('gives the link that makes its owner, for the staff’s pages', async () => {
    const link = await shop.line(/\/invite\/[\w-]{43}$/);
    const { origin, pathname } = new URL(link.trim());
    assert.equal(origin, `http://localhost:${ports[5]}`);
    assert.match(await (await fetch(link.trim())).text(), /<div id="app">/);
    const headers = { origin, 'content-type': 'application/json' };
    const body = JSON.stringify({ token: pathname.slice('/invite/'.length) });
    const answer = await fetch(`${origin}/staff/api/invitation`, { method: 'POST', headers, body });
    const { role, name } = (await answer.json()) as { role: string; name: string };
    assert.deepEqual([role, name], ['owner', '']);
  });

  it('loads no camera in the cloud and no ledger on the edge, and what signs frames in both', async () => {
    const [cloud, edge] = await Promise.all([
      nodeTypes(ports[5]!, (await signInAs('technician', stateFolder)).headers),
      nodeTypes(ports[1]!, { authorization: `Basic ${btoa(`owner:${PASSWORD}`)}` }),
    ]);
    const both = ['hmac-keys', 'hmac-sign', 'hmac-verify'];
    for (const type of [...both, 'tapcase-ledger', 'tapcase-visit-open', 'stripe-hold'])
      assert.ok(cloud.has(type), `cloud: no ${type}`);
    for (const type of [...both, 'tapcase-look', 'tapcase-scene-diff', 'detr-detect'])
      assert.ok(edge.has(type), `edge: no ${type}`);
    for (const type of ['tapcase-look', 'tapcase-camera', 'tapcase-gpio-in', 'tapcase-send', 'detr-detect'])
      assert.ok(!cloud.has(type), `the cloud has ${type}`);
    for (const type of ['tapcase-ledger', 'tapcase-catalog', 'tapcase-visit-open', 'stripe-account', 'tapcase-shop'])
      assert.ok(!edge.has(type), `the edge has ${type}`);
  });

  it('sets the sign-in code apart from everything else', async () => {
    const from = shop.lines.length;
    await post(url('shop', '/api/sign-in/code'), { email: 'anna@example.com', language: 'en' });
    const code = await shop.line(/\b\d{6}$/, from);
    assert.match(code, /^ {4}Sign-in code for anna@example\.com: \d{6}$/);
    const at = shop.lines.indexOf(code);
    await shop.line(/^$/, at + 1);
    assert.deepEqual([shop.lines[at - 1], shop.lines[at + 1]], ['', '']);
    // The demo and the tests read it there; it comes by another way than what the terminal shows.
    await until('the code in the log', () => log().includes(code.slice(-6)));
  });

  it('tells a purchase in one line', async () => {
    const from = shop.lines.length;
    await demo('--take', 'cola=2');
    const told = await shop.line(
      /^\d\d:\d\d:\d\d {2}case 123 {2}charged \$4\.00 {2}2 x Cola {2}\(\d+\.\d s after the door’s report\)$/,
      from,
    );
    // What the terminal says of the machine itself, where that is busy, is another matter.
    assert.deepEqual(
      shop.lines.slice(from).filter((each) => each.includes('case 123')),
      [told],
    );
  });

  it('a demo that asks for what is not sold says so, and shuts the door behind it', async () => {
    const from = shop.lines.length;
    const refused = async (...words: string[]) => {
      const ended = await demo(...words).catch((thrown: { code: number; stderr: string }) => thrown);
      return 'code' in ended ? [ended.code, ended.stderr.split('\n')[0]!] : [];
    };
    const [code, why] = await refused('--take', 'unicorn=1');
    assert.equal(code, 1);
    assert.match(String(why), /^demo: .*unicorn/);
    const { door } = (await (await fetch(url('world', '/sim/cases/123'))).json()) as { door: string };
    assert.equal(door, 'closed');
    await shop.line(/case 123 {2}nothing taken/, from);
    assert.deepEqual(await refused('--take', 'cola=x'), [2, 'demo: --take: wants whole numbers up to 100, not "x"']);
  });

  it('warns of covered cameras with what to do, and says who must decide what nobody could be sure of', async () => {
    const from = shop.lines.length;
    await demo('--ambiguous');
    const warning = await shop.line(/warning {2}.*\(camera\.covered at see\.camera-/, from);
    await shop.line(/^ +to do/, shop.lines.indexOf(warning));
    assert.match(shop.lines[shop.lines.indexOf(warning) + 1]!, /^ +to do +uncover .*\/case\/123\/virtual/);
    const visit = await shop.line(/case 123 {2}nothing charged: a person must decide/, from);
    await shop.line(/^ +to do/, shop.lines.indexOf(visit));
    assert.match(
      shop.lines[shop.lines.indexOf(visit) + 1]!,
      /^ +to do +decide at .*\/dashboard\/reviews; why: .*\/why\/\w+$/,
    );
  });

  it('warns when the edge dies and when a case lets nobody in, and says when either is well again', async () => {
    const from = shop.lines.length;
    // Heard of within ten seconds, so the edge dies meanwhile.
    await post(url('world', '/sim/cases/123/conditions'), { boltStuck: true });
    const { processes } = JSON.parse(readFileSync(join(stateFolder, 'running.json'), 'utf8')) as RunningShop;
    process.kill(processes.edge!, 'SIGKILL');
    await shop.line(/warning {2}The edge stopped unexpectedly \(SIGKILL\)\./, from);
    await shop.line(/warning {2}case 123: .*the bolt is not where it must be/, from);
    await post(url('world', '/sim/cases/123/conditions'), { boltStuck: false });
    await shop.line(/the edge is back/, from);
    await shop.line(/case 123 is well again/, from);
  });

  it('a second start in its folder says in one sentence that it runs, and leaves it alone', async () => {
    const second = start();
    const [code] = await within('the end of the second', once(second.child, 'close'));
    assert.equal(code, 1);
    assert.equal(second.lines.length, 1);
    assert.match(second.lines[0]!, /^tapcase: A shop already runs here: .*\/case\/123 \(process \d+\)\. Stop it/);
    assert.ok(existsSync(join(stateFolder, 'running.json')));
    assert.equal((await fetch(url('shop', '/api/cases/123'))).status, 200);
  });

  it('shows no word of the firmware or of Node-RED, which the log has all; and neither has a password', () => {
    const noise = /controller:|\||Welcome to Node-RED|Started flows|\[.*\]/;
    assert.deepEqual(
      shop.lines.filter((each) => noise.test(each)),
      [],
    );
    const text = log();
    for (const word of [
      'controller: (does) locked',
      'Welcome to Node-RED',
      'Started flows',
      'camera.covered',
      'closed #',
    ])
      assert.ok(text.includes(word), word);
    assert.ok(!text.includes(PASSWORD));
    assert.ok(!shop.lines.join('\n').includes(PASSWORD));
  });

  it('stops at Ctrl-C with one more line', async () => {
    const from = shop.lines.length;
    const ended = once(shop.child, 'close');
    shop.child.kill('SIGINT');
    const [code] = await within('the end of the shop', ended);
    assert.equal(code, 0);
    assert.deepEqual(shop.lines.slice(from), ['Stopping the shop ...']);
    assert.ok(!existsSync(join(stateFolder, 'running.json')));
  });

  it('with --verbose shows the log as well; the log of the run before is kept beside it', async () => {
    const before = log();
    const verbose = start('--verbose');
    const ended = once(verbose.child, 'close');
    await verbose.line(/^world \| controller: \(does\) locked$/);
    verbose.child.kill('SIGTERM');
    await within('the end of the shop', ended);
    await until('the processes of the shop to end', () => isFree(ports[2]!));
    assert.equal(readFileSync(join(stateFolder, 'log.older.txt'), 'utf8'), before);
    assert.match(log(), /world \| controller: \(does\) locked/);
  });
});

describe('arguments of npm start', () => {
  it('that nobody knows are refused in one sentence', async () => {
    for (const [argument, sentence] of [
      ['--verbos', /^tapcase: Unknown option '--verbos'\. There is --verbose\.\n$/],
      ['clud', /^tapcase: There is no role "clud": shop, cloud or edge\.\n$/],
    ] as const) {
      const failed = await run(process.execPath, ['start.ts', argument], { cwd: ROOT }).catch(
        (thrown: object) => thrown,
      );
      const { code, stderr, stdout } = failed as { code: number; stderr: string; stdout: string };
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, sentence);
    }
  });
});

/** Every node type that the Node-RED at `port` has loaded, asked of its editor. */
async function nodeTypes(port: number, who: Record<string, string>): Promise<ReadonlySet<string>> {
  const headers = { accept: 'application/json', ...who };
  const answer = await fetch(`http://127.0.0.1:${port}/editor/nodes`, { headers });
  const sets = (await answer.json()) as readonly { types: string[] }[];
  return new Set(sets.flatMap(({ types }) => types));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** All open at once, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
