// The launcher: which processes run, in which order, how they stop.
//   npm start            the whole shop on this machine: stand-ins for the world, cloud and edge
//   npm start -- cloud   the cloud alone, configured by the environment
//   npm start -- edge    the edge alone (the Raspberry Pi), configured by the environment
import { Fault } from '@tapcase/domain';
import { startCloud, startEdge } from './host/roles.ts';
import { startShop } from './host/shop.ts';

interface Running {
  stop(): Promise<void>;
}

const [role = 'shop'] = process.argv.slice(2);
let running: Running | undefined;
let stopping = false;

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
// A child whose launcher was killed has nobody left to stop it.
process.on('disconnect', () => void stop(0));

try {
  running = await start(role);
  process.send?.({ kind: 'ready' });
} catch (thrown) {
  await fail(thrown);
}

function start(name: string): Promise<Running> {
  switch (name) {
    case 'shop':
      return startShop({ given: process.env, onCrash: (fault) => void fail(fault) });
    case 'cloud':
      return startCloud({ source: process.env, log: console.log });
    case 'edge':
      return startEdge({ source: process.env, log: console.log });
    default:
      return Promise.reject(new Fault('start.unknown-role', `There is no role "${name}": shop, cloud or edge.`));
  }
}

/** What we expected to go wrong is one sentence; a mistake of ours keeps its stack. */
async function fail(thrown: unknown): Promise<void> {
  const reason = thrown instanceof Fault ? thrown.message : thrown instanceof Error ? thrown.stack : String(thrown);
  console.error(`tapcase: ${reason}`);
  process.send?.({ kind: 'failed', reason });
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
