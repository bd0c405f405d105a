// A real PostgreSQL for tests: Debian's binaries, a folder of its own, loopback, never as root.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

export interface RunningPostgres {
  /** A fresh, empty database; its address. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

/** Newest first; throws where Debian's package is not installed. */
export function postgresProgram(): string {
  const [found] = globSync('/usr/lib/postgresql/*/bin/postgres').sort().reverse();
  if (found === undefined) throw new Error('PostgreSQL is not installed (Debian package: postgresql)');
  return found;
}

const START_MS_MAX = 30_000;
const ASK_MS = 50;

/** `program`: the path of `postgres`, as `needs()` found it. */
export async function startPostgres(program: string): Promise<RunningPostgres> {
  const bin = dirname(program);
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-pg-'));
  const who = owner();
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  chmodSync(folder, 0o700);
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'data');
  const run = { cwd: folder, stdio: 'ignore', ...who } as const;
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  if (who !== undefined) chownSync(secret, who.uid, who.gid);
  const init = ['-D', data, '-U', 'tapcase', '--auth=scram-sha-256', '--pwfile', secret, '-E', 'UTF8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), init, run);
  const port = await freePort();
  const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'max_connections=80'];
  const server = spawn(program, options, run);
  const url = (database: string) => `postgres://tapcase:${password}@127.0.0.1:${port}/${database}`;
  try {
    await answering(url('postgres'), server);
  } catch (thrown) {
    await stop(server, folder);
    throw thrown;
  }
  let databases = 0;
  return {
    database: async () => {
      databases += 1;
      const name = `shop${databases}`;
      await query(url('postgres'), `create database ${name}`);
      return url(name);
    },
    stop: () => stop(server, folder),
  };
}

export async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const untilMs = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      await query(url, 'select 1');
      return;
    } catch (thrown) {
      if (Date.now() > untilMs || server.exitCode !== null) throw thrown;
      await setTimeout(ASK_MS);
    }
  }
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const gone = once(server, 'exit');
    // Fast shutdown: open connections are dropped.
    server.kill('SIGINT');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}
