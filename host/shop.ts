// The whole shop on one machine: the simulated world and the edge as child processes, the cloud in this one.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Fault } from '@tapcase/domain';
import type { Places } from './advice.ts';
import { startChild } from './child.ts';
import { type DemoEnvironment, type DemoPorts, demoEnvironment } from './demo-environment.ts';
import { readFlows } from './flows/storage.ts';
import type { Happening } from './happenings.ts';
import { keepAlive } from './kept-alive.ts';
import { openLog, type ShopLog } from './log.ts';
import { ROOT, startCloud } from './roles.ts';
import { type StateFolder, takeStateFolder, unusable } from './state-folder.ts';
import { createTerminal, greeting, type Terminal, wantsColour } from './terminal.ts';

export interface ShopOptions {
  readonly given: Readonly<Record<string, string | undefined>>;
  /** The terminal shows the log as well. */
  readonly verbose: boolean;
  readonly onCrash: (fault: Fault) => void;
}

/** What `npm run demo` needs to find a running shop; holds no secret. */
export interface RunningShop {
  readonly pid: number;
  readonly shopUrl: string;
  readonly staffUrl: string;
  readonly worldUrl: string;
  readonly edgeUrl: string;
  readonly stripeUrl: string | null;
  readonly caseId: string;
  readonly logFile: string;
}

/** Longer than any start on a machine with little else to do; whoever waits wants to know that something goes on. */
const STILL_STARTING_MS = 30_000;
const CASE_ID = '123';
const PORTS: DemoPorts = { shop: 8080, edge: 8081, world: 8082, stripe: 8083, broker: 8084, staff: 8085 };

export async function startShop({ given, verbose, onCrash }: ShopOptions): Promise<{ stop(): Promise<void> }> {
  if (!existsSync(join(ROOT, 'pwa', 'dist', 'index.html'))) {
    throw new Fault('start.not-built', 'The pages are not built. Run npm run build.');
  }
  const ports = choosePorts(given);
  const wanted = given.STATE_DIR ?? '';
  const state = await takeStateFolder(wanted === '' ? join(ROOT, '.tapcase') : resolve(wanted), wanted === '', () =>
    checkPorts(ports),
  );
  const made = demoEnvironment({ ports, caseId: CASE_ID, stateFolder: state.folder, root: ROOT, given });
  for (const { FLOWS_DIR } of [made.cloud, made.edge]) readFlows(resolve(FLOWS_DIR!));
  const running = whatRuns(ports, made, state.logFile);
  const places = placesOf(running, state.folder);
  const terminal = createTerminal({ places, write: console.log, colour: wantsColour(process.stdout, process.env) });
  const log = shopLog(state, verbose, terminal);
  console.log('Starting the shop ...');
  const patience = setInterval(() => terminal.say('still starting: this machine is busy'), STILL_STARTING_MS);
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;
  let isReady = false;
  const stop = async () => {
    stopping = true;
    for (const next of stops.reverse()) await next();
    rmSync(state.runningFile, { force: true });
    log.close();
  };
  const early: Happening[] = [];
  const mailIsHere = (made.cloud.SMTP_HOST ?? '') === '';
  const happened = (happening: Happening) => {
    if (stopping || (happening.kind === 'mail' && !mailIsHere)) return;
    // Ready means that the case was heard; before, on a slow machine, that it was not is no news and nobody's fault.
    if (happening.kind === 'case' && !isReady) return;
    // Beside the addresses, where somebody looks.
    if (happening.kind === 'owner-link' && !isReady) early.push(happening);
    else terminal.happened(happening);
  };
  try {
    const child = (name: string, script: string, args: readonly string[], env: Readonly<Record<string, string>>) => ({
      ...{ name, script: join(ROOT, script), args, env },
      onLine: (line: string) => log.line(name, line),
      onMessage: (message: unknown) => {
        if (isHappened(message)) happened(message.happening);
      },
      onCrash: (fault: Fault) => onCrash(withLastWords(fault, state.logFile)),
    });
    const world = await startChild(child('world', 'sim/src/world.ts', [], made.world));
    stops.push(world.stop);
    // Both Node-REDs load at once: they do not wait for each other.
    const edge = keepAlive({
      ...child('edge', 'start.ts', ['edge'], made.edge),
      onAgain: ({ message }) =>
        terminal.warn(message, `nothing, it is started again; if it happens twice, see ${state.logFile}`),
      onBack: () => terminal.say('the edge is back'),
    });
    const cloud = await startCloud({
      source: made.cloud,
      log: (line) => log.line('cloud', line),
      demo: { worldUrl: running.worldUrl },
      happened,
    });
    stops.push(cloud.stop);
    stops.push((await edge).stop);
    await caseReady(`http://127.0.0.1:${ports.shop}`);
    clearInterval(patience);
    isReady = true;
    writeFileSync(state.runningFile, JSON.stringify(running), { mode: 0o600 });
    const password = made.cloud.EDITOR_PASSWORD!;
    console.log(greeting({ places, caseId: CASE_ID, worldUrl: running.worldUrl, password, mailIsHere }));
    for (const happening of early) terminal.happened(happening);
  } catch (thrown) {
    clearInterval(patience);
    await stop();
    throw thrown instanceof Fault ? withLastWords(thrown, state.logFile) : thrown;
  }
  return {
    stop: async () => {
      console.log('Stopping the shop ...');
      await stop();
    },
  };
}

function whatRuns(ports: DemoPorts, made: DemoEnvironment, logFile: string): RunningShop {
  return {
    pid: process.pid,
    shopUrl: made.cloud.PUBLIC_URL!,
    staffUrl: made.cloud.STAFF_URL!,
    worldUrl: `http://localhost:${ports.world}`,
    edgeUrl: `http://localhost:${ports.edge}`,
    stripeUrl: made.stripeIsStandIn ? `http://localhost:${ports.stripe}` : null,
    caseId: CASE_ID,
    logFile,
  };
}

function placesOf(running: RunningShop, stateFolder: string): Places {
  const { shopUrl, staffUrl, edgeUrl, stripeUrl, caseId, logFile } = running;
  return { shopUrl, staffUrl, edgeUrl, stripeUrl, logFile, stateFolder, caseUrl: `${shopUrl}/case/${caseId}/virtual` };
}

function shopLog({ folder, logFile }: StateFolder, verbose: boolean, terminal: Terminal): ShopLog {
  try {
    return openLog({
      file: logFile,
      onFull: (reason) => terminal.warn(`the log can no longer be written: ${reason}`, `make room in ${folder}`),
      ...(verbose ? { echo: console.log } : {}),
    });
  } catch (thrown) {
    throw unusable(folder, thrown);
  }
}

/** What the edge sends of the happenings in its flows (start.ts). */
function isHappened(message: unknown): message is { readonly happening: Happening } {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'happened';
}

function withLastWords(fault: Fault, logFile: string): Fault {
  const { lastWords } = fault.details as { lastWords?: readonly string[] };
  const words = (lastWords ?? []).map((line) => `\n  ${line}`).join('');
  const message = `${fault.message}${words === '' ? '' : ` Its last words:${words}`}\nThe whole log: ${logFile}`;
  return new Fault(fault.code, message, fault.details, fault.cause);
}

/** PORT moves the whole row of six; each can be moved alone. */
function choosePorts(given: ShopOptions['given']): DemoPorts {
  const base = port(given, 'PORT', PORTS.shop);
  return {
    shop: base,
    edge: port(given, 'EDGE_PORT', base + 1),
    world: port(given, 'WORLD_PORT', base + 2),
    stripe: port(given, 'STRIPE_STANDIN_PORT', base + 3),
    broker: port(given, 'BROKER_PORT', base + 4),
    staff: port(given, 'STAFF_PORT', base + 5),
  };
}

function port(given: ShopOptions['given'], name: string, fallback: number): number {
  const value = Number(given[name] ?? fallback);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new Fault('start.bad-port', `${name} is not a port number.`);
}

/** Asked before anything is started, so that a second `npm start` says one sentence and leaves no trace. */
async function checkPorts(ports: DemoPorts): Promise<void> {
  for (const [name, number] of Object.entries(ports)) {
    if (await isFree(number)) continue;
    throw new Fault(
      'start.port-in-use',
      `Port ${number} (${name}) is in use. Stop what uses it, or choose another row of six: PORT=9080 npm start`,
      { name, port: number },
    );
  }
}

function isFree(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(number, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** The first radio connection and the signed time take a moment; a ready line before that would be a lie. */
const CASE_READY_MS_MAX = 120_000;
const CASE_ASK_MS = 100;

async function caseReady(shopUrl: string): Promise<void> {
  const untilMs = Date.now() + CASE_READY_MS_MAX;
  while (Date.now() < untilMs) {
    const response = await fetch(`${shopUrl}/api/cases/${CASE_ID}`);
    const { state } = (await response.json()) as { state?: string };
    if (state === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, CASE_ASK_MS));
  }
  throw new Fault('start.case-silent', `The simulated case was not heard within ${CASE_READY_MS_MAX / 1000} s.`);
}
