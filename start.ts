// The launcher: which processes run, in which order, how they stop. It holds no Node-RED itself: whatever may die runs in a
// process of its own and is started again.
//   npm start            the whole shop on this machine: stand-ins for the world, cloud and edge. Its terminal shows what
//                        a person needs, the log is a file; with --verbose the terminal shows the log too
//   npm start -- cloud   the cloud alone, configured by the environment
//   npm start -- edge    the edge alone (the Raspberry Pi), configured by the environment
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import { jsonLine, logFormatOf } from './host/log-line.ts';

interface Running {
  /** Rejects where it cannot be started. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

let running: Running | undefined;
let stopping = false;
/** We were asked to stop, and the Ctrl-C of which our parent heard has not reached us yet. */
let isAsked = false;
/** What is written is a role's log, and not for whoever sits at a shop's terminal. */
let isLog = false;

// Ledger, pictures, sessions, credentials, logs: nobody else of this machine reads them.
process.umask(0o077);
process.on('SIGINT', () => {
  if (isAsked) isAsked = false;
  else void stop(0);
});
process.on('SIGTERM', () => void stop(0));
// Whoever started us and was killed has left nobody to stop us.
process.on('disconnect', () => void stop(0));
// scripts/run.mjs asks when it is killed alone, and when the terminal's Ctrl-C reaches it as it reaches us: that is one wish.
process.on('message', (message) => {
  if ((message as { readonly kind?: unknown } | null)?.kind !== 'stop' || stopping) return;
  isAsked = true;
  void stop(0);
});

try {
  running = await start();
  await running.ready;
  process.send?.({ kind: 'ready' });
} catch (thrown) {
  if (!stopping) await fail(thrown);
}

/** Each loads what it needs and no more: the supervisor of a role is small. */
async function start(): Promise<Running> {
  const { role, verbose } = readArguments();
  const onCrash = (fault: Fault) => void fail(fault);
  switch (role) {
    case 'shop': {
      const { startShop } = await import('./host/shop.ts');
      const shop = await startShop({ given: process.env, verbose, onCrash });
      return { ready: Promise.resolve(), ...shop };
    }
    case 'cloud':
    case 'edge': {
      isLog = true;
      const { superviseRole } = await import('./host/supervised-role.ts');
      return superviseRole({ role, source: process.env, onCrash, ...hearer() });
    }
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

/** What the role tells goes on to whoever started us. */
function hearer(): { readonly onMessage?: (message: unknown) => void } {
  if (process.send === undefined) return {};
  return { onMessage: (message) => process.connected && process.send?.(message) };
}

/** What we expected to go wrong is one sentence; a mistake of ours keeps its stack. */
async function fail(thrown: unknown): Promise<void> {
  const reason = thrown instanceof Fault ? thrown.message : thrown instanceof Error ? thrown.stack : String(thrown);
  const isJson = isLog && logFormatOf(process.env) === 'json';
  console.error(isJson ? jsonLine('launcher', String(reason), {}, true) : `tapcase: ${reason}`);
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
