// The folder of one shop's run: taken only where no other shop uses it, emptied at the start, never somebody else's files.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';

const LOG = 'log.txt';
const RUNNING = 'running.json';
export const LEDGER = 'ledger.sqlite';
/** The key of the Stripe stand-in of one run: whoever compares the ledger with it needs it, and it opens nothing else. */
export const STANDIN_KEY_FILE = 'stripe-standin-key';
/** Seals what is typed into the editors of a demo. */
export const CREDENTIAL_SECRET_FILE = 'credential-secret';
/** Stay from run to run: why the last one ended, and what a person typed. Everything else fits no new keys. */
const KEPT = [LOG, CREDENTIAL_SECRET_FILE, 'node-red/cloud/flows_cred.json', 'node-red/edge/flows_cred.json'];

export interface StateFolder {
  readonly folder: string;
  readonly logFile: string;
  readonly runningFile: string;
}

/**
 * A demo begins empty, because new keys fit no old ledger; the log stays, for whoever asks why the last run ended, and the credentials
 * that a person typed into an editor.
 * `isOurs`: whether the name was given by the project and not by a person, who may mistype it. `mayStart` throws where
 * something else forbids the start; it is asked before anything is touched.
 */
export async function takeStateFolder(
  folder: string,
  isOurs: boolean,
  mayStart: () => Promise<void>,
): Promise<StateFolder> {
  const [logFile, runningFile] = [join(folder, LOG), join(folder, RUNNING)];
  await refuseSecond(folder, runningFile);
  await mayStart();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder);
    if (!isOurs && names.length > 0 && !names.includes(LOG)) {
      throw new Fault(
        'start.foreign-folder',
        `${folder} holds files that are not a shop's, and a shop begins by emptying its folder. Name another: STATE_DIR=...`,
      );
    }
    empty(folder, KEPT);
  } catch (thrown) {
    throw unusable(folder, thrown);
  }
  return { folder, logFile, runningFile };
}

/** `kept`: paths of files below `folder`, with slashes. */
function empty(folder: string, kept: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    if (kept.includes(name)) continue;
    const within = kept.filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1));
    if (within.length > 0 && statSync(join(folder, name)).isDirectory()) empty(join(folder, name), within);
    else rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** What a person can do where the folder cannot be written; any other error as it is. */
export function unusable(folder: string, thrown: unknown): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (thrown instanceof Fault || code === undefined) return thrown;
  return new Fault(
    'start.no-folder',
    `The folder of the shop's log and ledger cannot be written (${message}). Let this user write in ${folder}, or name another: STATE_DIR=/tmp/tapcase npm start`,
    { folder },
    thrown,
  );
}

/** Two shops in one folder would empty it under each other. */
async function refuseSecond(folder: string, runningFile: string): Promise<void> {
  if (!existsSync(runningFile)) return;
  const running = readRunning(runningFile);
  if (running === undefined || !isAlive(running.pid) || !(await answers(running.worldUrl))) return;
  throw new Fault(
    'start.already-running',
    `A shop already runs here: ${running.shopUrl}/case/${running.caseId} (process ${running.pid}). Stop it with Ctrl-C in its terminal, or start another beside it: PORT=9080 STATE_DIR=/tmp/tapcase npm start`,
    { folder, pid: running.pid },
  );
}

interface Running {
  readonly pid: number;
  readonly shopUrl: string;
  /** On this machine, where the shop's own address may be a tunnel's. */
  readonly worldUrl: string;
  readonly caseId: string;
}

function readRunning(file: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    // Signal 0 only asks.
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A shop that was killed leaves its file behind, and its number may be another process's by now. */
function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const probe = connect({ host: hostname, port: Number(port) });
    probe.once('connect', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('close', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}
