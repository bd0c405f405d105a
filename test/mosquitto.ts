// A real Mosquitto for tests: Debian's program with the configuration that deploy/broker ships, in a folder of its own, on loopback.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './patience.ts';

const DEPLOY = join(import.meta.dirname, '../deploy/broker');

export interface MosquittoOptions {
  /** By account. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Of the devices, as `case:provision` writes it for acl_file. */
  readonly access: string;
  /** Further accounts of the cloud: those of its other instances. */
  readonly clouds?: readonly string[];
  /** None: nobody listens in, who speaks to it is on this machine. */
  readonly identity?: { readonly cert: string; readonly key: string };
  /** A free one where none is given. */
  readonly port?: number;
}

export interface RunningMosquitto {
  readonly port: number;
  /** Killed and started again, as a machine does whose plug was pulled. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Throws where Debian's package is not installed. */
export function mosquittoProgram(): string {
  const program = '/usr/sbin/mosquitto';
  if (!existsSync(program)) throw new Error('Mosquitto is not installed (Debian package: mosquitto)');
  return program;
}

/** `program`: the path of `mosquitto`, as `needs()` found it. */
export async function startMosquitto(program: string, options: MosquittoOptions): Promise<RunningMosquitto> {
  const { passwords, access, clouds = [], identity } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-mosquitto-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const port = options.port ?? (await freePort());
  const shipped = readFileSync(join(DEPLOY, 'access'), 'utf8');
  const others = clouds.map((user) => shipped.replace('user cloud', `user ${user}`));
  write('tapcase-passwords', [...passwords].map(([user, password]) => `${user}:${password}`).join('\n'));
  write('tapcase-access', [shipped, ...others, access].join('\n'));
  execFileSync('/usr/bin/mosquitto_passwd', ['-U', join(folder, 'tapcase-passwords')], { stdio: 'ignore' });
  if (identity !== undefined) {
    write('broker.pem', identity.cert);
    write('broker.key', identity.key);
  }
  const conf = readFileSync(join(DEPLOY, 'mosquitto.conf'), 'utf8')
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll(/\/etc\/mosquitto\/(certs\/)?|\/var\/lib\/mosquitto\//g, `${folder}/`)
    .replaceAll(/^(certfile|keyfile|tls_version) .*\n/gm, (line) => (identity === undefined ? '' : line));
  // Where the tests run as root it would become another user, to whom this folder is closed.
  write('mosquitto.conf', process.getuid?.() === 0 ? `user root\n${conf}` : conf);
  let broker = await serving(program, join(folder, 'mosquitto.conf'), port);
  const end = async (signal: NodeJS.Signals) => {
    const gone = once(broker, 'exit');
    broker.kill(signal);
    await gone;
  };
  return {
    port,
    restart: async () => {
      await end('SIGKILL');
      broker = await serving(program, join(folder, 'mosquitto.conf'), port);
    },
    close: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serving(program: string, conf: string, port: number): Promise<ChildProcess> {
  const broker = spawn(program, ['-c', conf], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  broker.stderr!.setEncoding('utf8').on('data', (text: string) => said.push(text));
  await until('Mosquitto to listen', async () => {
    if (broker.exitCode !== null) throw new Error(said.join(''));
    return isListening(port);
  });
  return broker;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
