// The process of one role: the cloud or the edge. Whoever forked it hears that it is ready, why it could not start, what happens
// and that it lives, and starts it again when it dies: a mistake of our own ends it, once it has said what went wrong.
//   node host/role-process.ts cloud [--world URL] [--tells]
import { createRequire } from 'node:module';
import { inspect, parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import type { Happening, Hooks } from './happenings.ts';
import { beat } from './heartbeat.ts';
import { logContext } from './log-context.ts';
import { jsonLine, logFormatOf } from './log-line.ts';
import { logMessages } from './message-log.ts';
import { onAnswer } from './request-id.ts';
import { startCloud, startEdge } from './roles.ts';

interface Running {
  stop(): Promise<void>;
}

/** Whoever is left alone has nobody to end it when its own stop hangs. */
const ALONE_MS_MAX = 15_000;
/** A stack with its causes and what hangs on them. */
const MISTAKE_LENGTH_MAX = 8_000;

// Ledger, pictures, sessions, credentials: nobody else of this machine reads them.
process.umask(0o077);

const isJson = logFormatOf(process.env) === 'json';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // The demo's: where the virtual cases are, and that the log may play the mail server.
    world: { type: 'string' },
    // Somebody watches who wants to hear what happens in the flows.
    tells: { type: 'boolean', default: false },
  },
});
const role = positionals[0] ?? '';

let running: Running | undefined;
let stopping = false;
let isReady = false;
const early: Happening[] = [];

process.on('uncaughtException', endByMistake);
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), ALONE_MS_MAX).unref();
  void stop(0);
});

try {
  if (isJson) {
    logMessages(hooks(), say);
    onAnswer(say);
  }
  running = await start();
  process.send?.({ kind: 'ready' });
  isReady = true;
  if (process.send !== undefined) beat();
  for (const happening of early.splice(0)) tell(happening);
} catch (thrown) {
  await fail(thrown);
}

function start(): Promise<Running> {
  const told = { source: process.env, log: say, ...(values.tells ? { happened: tell } : {}) };
  switch (role) {
    case 'cloud':
      return startCloud({ ...told, ...(values.world === undefined ? {} : { demo: { worldUrl: values.world } }) });
    case 'edge':
      return startEdge(told);
    default:
      throw new Fault('start.unknown-role', `There is no role "${role}": cloud or edge.`);
  }
}

/** A line of the log. */
function say(line: string): void {
  console.log(isJson ? jsonLine(role, line, logContext()) : line);
}

/** To whoever started this process; what they hear first is that we are ready. */
function tell(happening: Happening): void {
  if (!isReady) early.push(happening);
  else if (process.connected) process.send?.({ kind: 'happened', happening });
}

/** What we did not expect leaves everything in doubt but what is written down: the next process begins from there. */
function endByMistake(thrown: unknown): void {
  const what = inspect(thrown).slice(0, MISTAKE_LENGTH_MAX);
  const line = `error: a mistake of our own ends this process (start.own-mistake): ${what}`;
  console.error(isJson ? jsonLine(role, line, logContext()) : line);
  process.exit(1);
}

/** What we expected to go wrong is one sentence; a mistake of ours keeps its stack. Our parent says it, where there is one. */
async function fail(thrown: unknown): Promise<void> {
  const reason = thrown instanceof Fault ? thrown.message : thrown instanceof Error ? thrown.stack : String(thrown);
  if (process.connected)
    process.send?.({ kind: 'failed', reason, ...(thrown instanceof Fault ? { code: thrown.code } : {}) });
  else console.error(`tapcase: ${reason}`);
  await stop(1);
}

/** The second wish does not wait. */
async function stop(code: number): Promise<void> {
  if (stopping) process.exit(code === 0 ? 130 : code);
  stopping = true;
  try {
    await running?.stop();
  } finally {
    process.exit(code);
  }
}

function hooks(): Hooks {
  return (createRequire(import.meta.url)('node-red') as { readonly hooks: Hooks }).hooks;
}
