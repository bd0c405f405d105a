// The whole shop on one machine: the simulated world and the edge as child processes, the cloud in this one.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { startChild } from './child.ts';
import { type DemoPorts, demoEnvironment } from './demo-environment.ts';
import { keepAlive } from './kept-alive.ts';
import { openLog } from './log.ts';
import { ROOT, startCloud } from './roles.ts';

export interface ShopOptions {
  readonly given: Readonly<Record<string, string | undefined>>;
  readonly onCrash: (fault: Fault) => void;
}

/** What `npm run demo` needs to find a running shop; holds no secret. */
export interface RunningShop {
  readonly pid: number;
  readonly shopUrl: string;
  readonly worldUrl: string;
  readonly edgeUrl: string;
  readonly stripeUrl: string | null;
  readonly caseId: string;
  readonly logFile: string;
}

const CASE_ID = '123';
const PORTS: DemoPorts = { shop: 8080, edge: 8081, world: 8082, stripe: 8083, broker: 8084 };

export async function startShop({ given, onCrash }: ShopOptions): Promise<{ stop(): Promise<void> }> {
  if (!existsSync(join(ROOT, 'pwa', 'dist', 'index.html'))) {
    throw new Fault('start.not-built', 'The pages are not built. Run npm run build.');
  }
  const ports = choosePorts(given);
  await checkPorts(ports);
  const stateFolder = given.STATE_DIR ?? join(ROOT, '.tapcase');
  // A demo begins empty: new keys fit no old ledger. Changes to flows stay, they are files of the project.
  rmSync(stateFolder, { recursive: true, force: true });
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const log = openLog(join(stateFolder, 'log.txt'));
  const made = demoEnvironment({ ports, caseId: CASE_ID, stateFolder, root: ROOT, given });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const next of stops.reverse()) await next();
    rmSync(join(stateFolder, 'running.json'), { force: true });
    log.close();
  };
  try {
    const child = (name: string, script: string, args: readonly string[], env: Readonly<Record<string, string>>) => ({
      ...{ name, script: join(ROOT, script), args, env, onCrash },
      onLine: (line: string) => log.line(name, line),
    });
    const world = await startChild(child('world', 'sim/src/world.ts', [], made.world));
    stops.push(world.stop);
    // Both Node-REDs load at once: they do not wait for each other.
    const worldUrl = `http://localhost:${ports.world}`;
    const edge = keepAlive(child('edge', 'start.ts', ['edge'], made.edge));
    const cloud = await startCloud({ source: made.cloud, log: (line) => log.line('cloud', line), demo: { worldUrl } });
    stops.push(cloud.stop);
    stops.push((await edge).stop);
    await caseReady(`http://127.0.0.1:${ports.shop}`);
    const running: RunningShop = {
      pid: process.pid,
      shopUrl: made.cloud.PUBLIC_URL!,
      worldUrl,
      edgeUrl: `http://localhost:${ports.edge}`,
      stripeUrl: made.stripeIsStandIn ? `http://localhost:${ports.stripe}` : null,
      caseId: CASE_ID,
      logFile: log.file,
    };
    writeFileSync(join(stateFolder, 'running.json'), JSON.stringify(running), { mode: 0o600 });
    console.log(greeting(running, made.cloud.EDITOR_PASSWORD!));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { stop };
}

/** PORT moves the whole row of five; each can be moved alone. */
function choosePorts(given: ShopOptions['given']): DemoPorts {
  const base = port(given, 'PORT', PORTS.shop);
  return {
    shop: base,
    edge: port(given, 'EDGE_PORT', base + 1),
    world: port(given, 'WORLD_PORT', base + 2),
    stripe: port(given, 'STRIPE_STANDIN_PORT', base + 3),
    broker: port(given, 'BROKER_PORT', base + 4),
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
      `Port ${number} (${name}) is in use. Stop what uses it, or choose another row of five: PORT=9080 npm start`,
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
const CASE_READY_MS_MAX = 30_000;
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

function greeting({ shopUrl, edgeUrl, worldUrl, stripeUrl, caseId }: RunningShop, password: string): string {
  const standIns = [
    '  mail     the sign-in code is printed in this log          real: SMTP_HOST, SMTP_USER, SMTP_PASSWORD, MAIL_FROM',
    stripeUrl === null
      ? '  Stripe   your own key is used'
      : `  Stripe   ${stripeUrl}, test cards only               real: STRIPE_SECRET_KEY=sk_test_...`,
    `  case     ${worldUrl}: fridge, firmware, radio, broker     real: npm start -- cloud, npm start -- edge`,
  ];
  return [
    '',
    'Tapcase is ready.',
    `  Customer's page   ${shopUrl}/case/${caseId}`,
    `  Virtual case      ${shopUrl}/case/${caseId}/virtual`,
    `  Cloud editor      ${shopUrl}/editor    user owner, password ${password}`,
    `  Staff's desk      ${shopUrl}/dashboard/money    same user and password`,
    `  Reviews           ${shopUrl}/dashboard/reviews  the same`,
    `  Sensors           ${shopUrl}/dashboard/sensors  the same`,
    `  Edge editor       ${edgeUrl}/editor    the same`,
    `  Technician        ${edgeUrl}/dashboard/technician    the same: cameras, detections, the Pi`,
    '',
    'Stand-ins, and the environment that replaces each:',
    ...standIns,
    '',
    'Try: npm run demo, in another terminal. Stop: Ctrl-C.',
    '',
  ].join('\n');
}
