// The whole shop on one machine: the simulated world, the cloud and the edge as child processes, none in this one.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Fault } from '@tapcase/domain';
import type { Places } from './advice.ts';
import { startChild } from './child.ts';
import { type DemoEnvironment, type DemoPorts, demoEnvironment } from './demo-environment.ts';
import type { Role } from './environment.ts';
import { readFlows } from './flows/read-folder.ts';
import type { Happening } from './happenings.ts';
import { HUNG_MS_MAX } from './heartbeat.ts';
import { type KeptAlive, keepAlive } from './kept-alive.ts';
import { ledgerHand } from './ledger-hand.ts';
import { openLog, type ShopLog } from './log.ts';
import { jsonLine, type LogFormat, logFormatOf } from './log-line.ts';
import { ROOT } from './root.ts';
import { STANDIN_KEY_FILE, type StateFolder, takeStateFolder, unusable } from './state-folder.ts';
import { ROLE_PROCESS, WITHOUT_OWN_TABS } from './supervised-role.ts';
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
  /** In a log for machines there is no sign-in code. */
  readonly logFormat: LogFormat;
  /** Process numbers; another one after each death. */
  readonly processes: Readonly<Partial<Record<Role, number>>>;
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
  const format = logFormatOf(given);
  let running = whatRuns(ports, made, state.logFile, format);
  const places = placesOf(running, state.folder);
  const terminal = createTerminal({ places, write: console.log, colour: wantsColour(process.stdout, process.env) });
  const log = shopLog(state, verbose, terminal, format);
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
  const kept: Partial<Record<Role, KeptAlive>> = {};
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
    const atLedger = ledgerHand({
      file: made.cloud.LEDGER_FILE!,
      around: async (work) => (await kept.cloud?.around(work)) ?? false,
      tell: (news) => world.say(news),
      say: (line) => terminal.say(line),
    });
    const child = (name: string, script: string, args: readonly string[], env: Readonly<Record<string, string>>) => ({
      ...{ name, script, args, env },
      onLine: (line: string, isError: boolean) => log.line(name, line, isError),
      onMessage: (message: unknown) => {
        if (isHappened(message)) happened(message.happening);
        // Hands at the ledger are the simulated world's alone.
        else if (name === 'world' && isReady) atLedger(message);
      },
      onCrash: (fault: Fault) => onCrash(withLastWords(fault, state.logFile)),
    });
    const role = (name: Role, args: readonly string[], env: Readonly<Record<string, string>>) => {
      const one = keepAlive({
        ...child(name, ROLE_PROCESS, [name, '--tells', ...args], env),
        hungMs: HUNG_MS_MAX,
        carefulEnv: WITHOUT_OWN_TABS,
        onAgain: ({ message, code }) =>
          terminal.warn(message, code === 'start.child-hung' ? LOOK_FOR_LOOPS : againTodo(state.logFile)),
        onReady: (pid) => {
          running = { ...running, processes: { ...running.processes, [name]: pid } };
          if (isReady) writeRunning(state.runningFile, running);
        },
        onBack: () => terminal.say(`the ${name} is back`),
      });
      kept[name] = one;
      stops.push(one.stop);
      return one.ready;
    };
    if (made.stripeIsStandIn) writeStandInKey(state.folder, made.cloud.STRIPE_SECRET_KEY!);
    const world = await startChild(child('world', join(ROOT, 'sim/src/world.ts'), [], made.world));
    stops.push(world.stop);
    // Both Node-REDs load at once: they do not wait for each other.
    await Promise.all([role('cloud', ['--world', running.worldUrl], made.cloud), role('edge', [], made.edge)]);
    await caseReady(`http://127.0.0.1:${ports.shop}`);
    clearInterval(patience);
    isReady = true;
    writeRunning(state.runningFile, running);
    console.log(greeting({ places, caseId: CASE_ID, worldUrl: running.worldUrl, mailIsHere }));
    for (const happening of early) terminal.happened(happening);
  } catch (thrown) {
    clearInterval(patience);
    if (thrown instanceof Fault) log.line('shop', `error: ${thrown.message}`);
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

const LOOK_FOR_LOOPS =
  'look for a function of an own flow that loops for ever; if it stands still once more, your own tabs are switched off until the next start';

function againTodo(logFile: string): string {
  return `nothing, it is started again; if it happens twice, see ${logFile}`;
}

/** Whoever reads it at this moment has the one before. */
function writeRunning(file: string, running: RunningShop): void {
  writeFileSync(`${file}.new`, JSON.stringify(running));
  renameSync(`${file}.new`, file);
}

/** For `npm run ledger:restore-check` beside the running shop. */
function writeStandInKey(folder: string, key: string): void {
  writeFileSync(join(folder, STANDIN_KEY_FILE), key, { mode: 0o600 });
}

function whatRuns(ports: DemoPorts, made: DemoEnvironment, logFile: string, logFormat: LogFormat): RunningShop {
  return {
    pid: process.pid,
    shopUrl: made.cloud.PUBLIC_URL!,
    staffUrl: made.cloud.STAFF_URL!,
    worldUrl: `http://localhost:${ports.world}`,
    edgeUrl: `http://localhost:${ports.edge}`,
    stripeUrl: made.stripeIsStandIn ? `http://localhost:${ports.stripe}` : null,
    caseId: CASE_ID,
    logFile,
    logFormat,
    processes: {},
  };
}

function placesOf(running: RunningShop, stateFolder: string): Places {
  const { shopUrl, staffUrl, edgeUrl, stripeUrl, caseId, logFile } = running;
  return { shopUrl, staffUrl, edgeUrl, stripeUrl, logFile, stateFolder, caseUrl: `${shopUrl}/case/${caseId}/virtual` };
}

function shopLog({ folder, logFile }: StateFolder, verbose: boolean, terminal: Terminal, format: LogFormat): ShopLog {
  try {
    return openLog({
      file: logFile,
      ...(format === 'json'
        ? { asJson: (from: string, text: string, isError: boolean) => jsonLine(from, text, {}, isError) }
        : {}),
      onFull: (reason) => terminal.warn(`the log can no longer be written: ${reason}`, `make room in ${folder}`),
      ...(verbose ? { echo: console.log } : {}),
    });
  } catch (thrown) {
    throw unusable(folder, thrown);
  }
}

/** What a role sends of the happenings in its flows (role-process.ts). */
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
    if ((await caseState(shopUrl)) === 'ready') return;
    await new Promise((resolve) => setTimeout(resolve, CASE_ASK_MS));
  }
  throw new Fault('start.case-silent', `The simulated case was not heard within ${CASE_READY_MS_MAX / 1000} s.`);
}

/** Undefined from a cloud that is just being started again. */
async function caseState(shopUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${shopUrl}/api/cases/${CASE_ID}`);
    return ((await response.json()) as { state?: string }).state;
  } catch {
    return undefined;
  }
}
