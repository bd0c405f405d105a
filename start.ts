// The launcher: which processes run, in which order, how they stop.
//   npm start            the whole shop on this machine: stand-ins for the world, cloud and edge. Its terminal shows what
//                        a person needs, the log is a file; with --verbose the terminal shows the log too
//   npm start -- cloud   the cloud alone, configured by the environment
//   npm start -- edge    the edge alone (the Raspberry Pi), configured by the environment
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import type { Happening } from './host/happenings.ts';
import { startCloud, startEdge } from './host/roles.ts';
import { startShop } from './host/shop.ts';

interface Running {
  stop(): Promise<void>;
}

let running: Running | undefined;
let stopping = false;
let isReady = false;
const early: Happening[] = [];

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
// A child whose launcher was killed has nobody left to stop it.
process.on('disconnect', () => void stop(0));

try {
  running = await start();
  process.send?.({ kind: 'ready' });
  isReady = true;
  for (const happening of early.splice(0)) tellParent(happening);
} catch (thrown) {
  await fail(thrown);
}

async function start(): Promise<Running> {
  const { role, verbose } = readArguments();
  switch (role) {
    case 'shop':
      return startShop({ given: process.env, verbose, onCrash: (fault) => void fail(fault) });
    case 'cloud':
      return startCloud({ source: process.env, log: console.log });
    case 'edge':
      return startEdge({
        source: process.env,
        log: console.log,
        ...(process.send === undefined ? {} : { happened: tellParent }),
      });
    default:
      throw new Fault('start.unknown-role', `There is no role "${role}": shop, cloud or edge.`);
  }
}

function readArguments(): { readonly role: string; readonly verbose: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { verbose: { type: 'boolean', default: false } },
    });
    return { role: positionals[0] ?? 'shop', verbose: values.verbose };
  } catch (thrown) {
    throw new Fault('start.bad-argument', `${(thrown as Error).message.split('.')[0]}. There is --verbose.`);
  }
}

/** To the shop that started this process; what it hears first is that we are ready. */
function tellParent(happening: Happening): void {
  if (!isReady) early.push(happening);
  else if (process.connected) process.send?.({ kind: 'happened', happening });
}

/** What we expected to go wrong is one sentence; a mistake of ours keeps its stack. */
async function fail(thrown: unknown): Promise<void> {
  const reason = thrown instanceof Fault ? thrown.message : thrown instanceof Error ? thrown.stack : String(thrown);
  console.error(`tapcase: ${reason}`);
  if (process.connected) process.send?.({ kind: 'failed', reason });
  await stop(1);
}

/** The second Ctrl-C does not wait. */
async function stop(code: number): Promise<void> {
  if (stopping) process.exit(code === 0 ? 130 : code);
  stopping = true;
  try {
    await running?.stop();
  } finally {
    process.exit(code);
  }
}
