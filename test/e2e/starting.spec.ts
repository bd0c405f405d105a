// How a shop and its roles start alone: what they say when they cannot, and when they say that they are ready.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until, within } from '../patience.ts';
import { copyShippedFlows } from '../shipped-flows.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

/** All that an edge must know, but for its folders and its port. */
const EDGE = {
  ...{ PATH: process.env.PATH!, CASE_ID: '123', DEVICE_KEY: '07'.repeat(32), SIGNAL_LINE: 'none' },
  ...{ BROKER_URL: 'mqtt://127.0.0.1:1', BROKER_USER: 'pi', BROKER_PASSWORD: 'pi' },
  ...{ EDITOR_PASSWORD: 'a-long-owner-password', CREDENTIAL_SECRET: 'c'.repeat(32) },
  ...{ CAMERA_0: 'http://127.0.0.1:1/0', CAMERA_1: 'http://127.0.0.1:1/1' },
};

describe('starting', () => {
  let folder: string;
  const folders = () => ({ USER_DIR: folder, DEVICE_STATE_DIR: folder, SNAPSHOTS_DIR: folder });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-starting-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What a role that cannot start says last. */
  const saidBy = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> => {
    const failed = await within(
      'start.ts to give up',
      run(process.execPath, ['start.ts', ...args], { cwd: ROOT, env }).catch((error: { stderr: string }) => error),
    );
    return failed.stderr;
  };
  const listening = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as { port: number }).port,
      close: () => new Promise((done) => server.close(done)),
    };
  };

  it('says in one sentence which port is in use', async () => {
    const { port, close } = await listening();
    try {
      const said = await saidBy([], { ...process.env, PORT: String(port), STATE_DIR: join(folder, 'never') });
      assert.match(said, new RegExp(`Port ${port} \\(shop\\) is in use`));
    } finally {
      await close();
    }
  });

  it('the cloud alone lists everything that is missing', async () => {
    const said = await saidBy(['cloud'], { PATH: process.env.PATH! });
    for (const name of ['STRIPE_SECRET_KEY', 'CASE_MASTER_KEY', 'SESSION_KEY', 'BROKER_URL', 'SMTP_HOST']) {
      assert.match(said, new RegExp(`${name} is missing`));
    }
  });

  it('a role says which file of the shop’s own flows cannot be read, and starts nothing', async () => {
    const flows = join(folder, 'broken-flows');
    copyShippedFlows('edge-flows', flows);
    writeFileSync(join(flows, 'core', '20-see.json'), '[\n<<<<<<< HEAD\n');
    const said = await saidBy(['edge'], { ...EDGE, ...folders(), PORT: '1', FLOWS_DIR: flows });
    assert.match(said, /^tapcase: The flows cannot be read, so nothing was started: core\/20-see\.json has a conflict/);
    assert.equal(said.trim().split('\n').length, 1);
  });

  it('an edge says 503 on its first page until its flows run: systemd hears no sooner that it is ready', async () => {
    const { port, close } = await listening();
    await close();
    const edge = fork(join(ROOT, 'start.ts'), ['edge'], {
      cwd: ROOT,
      stdio: 'ignore',
      env: { ...EDGE, ...folders(), PORT: String(port) },
    });
    try {
      let isReady = false;
      edge.once('message', () => {
        isReady = true;
      });
      const firstPage = () => fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' });
      const early: number[] = [];
      await until('the edge to be ready', async () => {
        const status = await firstPage().then(
          (answer) => answer.status,
          () => undefined,
        );
        if (status !== undefined) early.push(status);
        return isReady;
      });
      assert.equal(early[0], 503);
      const others = early.filter((status) => status !== 503 && status !== 302);
      assert.deepEqual(others, []);
      const { status, headers } = await firstPage();
      assert.deepEqual([status, headers.get('location')], [302, '/dashboard/technician']);
    } finally {
      const gone = once(edge, 'exit');
      edge.kill('SIGTERM');
      await gone;
    }
  });

  describe('a role alone', () => {
    let edge: ChildProcess;
    let lines: string[];
    let port: number;
    const isAlive = (pid: number) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    /** Of each of its lives. */
    const pids = () => lines.flatMap((line) => /runs as process (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' }).then(
        ({ status }) => status,
        () => undefined,
      );

    beforeEach(async () => {
      const free = await listening();
      await free.close();
      ({ port } = free);
      lines = [];
      edge = spawn(process.execPath, ['start.ts', 'edge'], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...EDGE, ...folders(), PORT: String(port) },
      });
      for (const stream of [edge.stdout!, edge.stderr!])
        createInterface({ input: stream }).on('line', (line) => lines.push(line));
      await until('the edge', () => pids().length === 1);
    });
    afterEach(async () => {
      edge.kill('SIGKILL');
      await until('the edge to be gone', () => pids().every((pid) => !isAlive(pid)));
    });

    it('comes back when it is killed, and Ctrl-C at its supervisor stops both in order', async () => {
      process.kill(pids()[0]!, 'SIGKILL');
      await until('another edge', () => pids().length === 2);
      assert.ok(lines.includes('The edge stopped unexpectedly (SIGKILL). It is started again.'), lines.join('\n'));
      assert.equal(await answers(), 302);
      const gone = once(edge, 'exit');
      edge.kill('SIGINT');
      assert.deepEqual(await within('the end', gone), [0, null]);
      assert.deepEqual(pids().map(isAlive), [false, false]);
      assert.ok(lines.some((line) => line.endsWith('Stopped flows')));
    });

    it('ends when its supervisor is killed', async () => {
      edge.kill('SIGKILL');
      await until('its end', () => !isAlive(pids()[0]!));
      assert.equal(await answers(), undefined);
    });
  });
});
