// A real PostgreSQL for tests: Debian's binaries, a folder and a socket of its own, never as root.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { within } from './patience.ts';

export interface RunningPostgres {
  /** A fresh, empty database; its address. */
  database(): Promise<string>;
  /** As an operator's upgrade does it: every connection is closed, and the address is the same. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Newest first; throws where Debian's package is not installed. */
export function postgresProgram(): string {
  const [found] = globSync('/usr/lib/postgresql/*/bin/postgres').sort().reverse();
  if (found === undefined) throw new Error('PostgreSQL is not installed (Debian package: postgresql)');
  return found;
}

/** `program`: the path of `postgres`, as `needs()` found it. `isDurable`: as a shop's is, for who measures it. */
export async function startPostgres(program: string, { isDurable = false } = {}): Promise<RunningPostgres> {
  const bin = dirname(program);
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-pg-'));
  const who = owner();
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  chmodSync(folder, 0o700);
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'data');
  // Without a library that was loaded to tell a false time: nothing of ours asks the server's clock.
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' };
  const run = { cwd: folder, env, ...who } as const;
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  if (who !== undefined) chownSync(secret, who.uid, who.gid);
  const init = ['-D', data, '-U', 'tapcase', '--auth=scram-sha-256', '--pwfile', secret, '-E', 'UTF8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), init, { ...run, stdio: ['ignore', 'ignore', 'inherit'] });
  // A socket in its own folder: a port that was free a moment ago may be another's now.
  const options = ['-D', data, '-k', folder, '-h', '', ...settings(SMALL), ...(isDurable ? [] : settings(HASTY))];
  const serve = () => spawn(program, options, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  let server = serve();
  // Whoever ends without stopping it leaves nobody behind.
  const orphaned = () => {
    server.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', orphaned);
  const url = (database: string) => `postgres://tapcase:${password}@${encodeURIComponent(folder)}/${database}`;
  try {
    await within('PostgreSQL to be ready', ready(server));
  } catch (thrown) {
    process.off('exit', orphaned);
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
    restart: async () => {
      const gone = once(server, 'exit');
      // Fast shutdown.
      server.kill('SIGINT');
      await within('PostgreSQL to end', gone);
      server = serve();
      await within('PostgreSQL to be ready', ready(server));
    },
    stop: () => {
      process.off('exit', orphaned);
      return stop(server, folder);
    },
  };
}

const SMALL = { max_connections: '80' };

/** No test pulls PostgreSQL's plug: nothing waits for a disk, and nobody tidies up what is deleted in a minute. */
const HASTY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
};

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
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

/** Resolves when it says that it takes connections; reads on, for a pipe that is full would stop it. */
function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told = `${told}${text}`.slice(-TOLD_MAX);
      if (told.includes('database system is ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${told}`)));
  });
}

/** Characters of its log that are kept for an error. */
const TOLD_MAX = 4_000;

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const gone = once(server, 'exit');
    // Immediate shutdown: no checkpoint of what is deleted now.
    server.kill('SIGQUIT');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}
