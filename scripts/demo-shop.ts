// Finds the shop that runs on this machine, or starts one for the demo and stops it afterwards.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../host/child.ts';
import { runtimeEnvironment } from '../host/demo-environment.ts';
import type { RunningShop } from '../host/shop.ts';

export interface DemoShop {
  readonly shop: RunningShop;
  /** '' for the usual place. */
  readonly stateFolder: string;
  /** Started for this demo, gone after it. */
  readonly isOwn: boolean;
  /** What its terminal shows; of a shop in another terminal nothing. */
  readonly terminal: readonly string[];
  stop(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..');

/** `stateFolder`: where the shop to look for keeps its state; '' for the usual place. */
export async function findOrStartShop(stateFolder: string): Promise<DemoShop> {
  const running = readRunning(stateFolder === '' ? join(ROOT, '.tapcase') : stateFolder);
  if (running !== undefined) return { shop: running, stateFolder, isOwn: false, terminal: [], stop: async () => {} };
  console.error('No shop is running: starting one for this demo ...');
  return startOwnShop();
}

/** A shop of its own in an empty folder on free ports; the flows are the project's. */
export async function startOwnShop(env: Readonly<Record<string, string>> = {}): Promise<DemoShop> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'tapcase-demo-'));
  const [shop, edge, world, stripe, broker, staff] = await freePorts(6);
  const lines: string[] = [];
  const child = await startChild({
    name: 'shop',
    script: join(ROOT, 'start.ts'),
    env: {
      HOME: process.env.HOME ?? '/tmp',
      STATE_DIR: stateFolder,
      PORT: String(shop),
      EDGE_PORT: String(edge),
      WORLD_PORT: String(world),
      STRIPE_STANDIN_PORT: String(stripe),
      BROKER_PORT: String(broker),
      STAFF_PORT: String(staff),
      ...runtimeEnvironment(process.env),
      ...env,
    },
    onLine: (line) => lines.push(line),
    onCrash: (fault) => console.error(fault.message),
  }).catch((thrown: unknown) => {
    console.error(lines.slice(-20).join('\n'));
    throw thrown;
  });
  return {
    shop: readRunning(stateFolder)!,
    stateFolder,
    isOwn: true,
    terminal: lines,
    stop: async () => {
      await child.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

function readRunning(stateFolder: string): RunningShop | undefined {
  const file = join(stateFolder, 'running.json');
  if (!existsSync(file)) return undefined;
  const running = JSON.parse(readFileSync(file, 'utf8')) as RunningShop;
  try {
    // Signal 0 only asks; a shop that was killed leaves its file behind.
    process.kill(running.pid, 0);
    return running;
  } catch {
    return undefined;
  }
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
