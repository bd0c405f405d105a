// The simulated world as a process of its own: configured by the environment, ready message to whoever forked it.
import { isLedgerNews } from './cloud-hand.ts';
import { startWorld, type World, type WorldOptions } from './start-world.ts';

function wanted(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the world needs ${name}`);
  return value;
}

function wantedPort(name: string): number {
  const port = Number(wanted(name));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} is a port, 0 to 65535`);
  return port;
}

/** The value is never shown: it is a secret. */
function wantedKey(name: string): Uint8Array {
  const hex = wanted(name);
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error(`${name} is 64 hex digits`);
  return Buffer.from(hex, 'hex');
}

const LIMITS = ['open_within_ms', 'open_too_long_ms', 'status_ms', 'resend_ms'];

/** CASE_LIMITS='{"open_within_ms":20000}': what the provisioning of this case says instead of the firmware's own numbers. */
function limitsOf(text: string | undefined): Pick<WorldOptions, 'limits'> {
  if (text === undefined || text === '') return {};
  const limits = JSON.parse(text) as Readonly<Record<string, unknown>>;
  for (const [name, ms] of Object.entries(limits)) {
    if (!LIMITS.includes(name)) throw new Error(`CASE_LIMITS knows ${LIMITS.join(', ')}, and no ${name}`);
    if (!Number.isInteger(ms) || Number(ms) < 1) throw new Error(`CASE_LIMITS: ${name} is a number of milliseconds`);
  }
  return { limits };
}

let world: World | undefined;
let stopping = false;
process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('disconnect', () => void stop(0));
process.on('message', (message) => {
  if (isLedgerNews(message)) world?.ledgerNews(message);
});

try {
  world = await startWorld({
    host: wanted('HOST'),
    port: wantedPort('WORLD_PORT'),
    caseId: wanted('CASE_ID'),
    publicUrl: wanted('PUBLIC_URL'),
    controllerKey: wantedKey('CONTROLLER_KEY'),
    passwords: {
      cloud: wanted('CLOUD_PASSWORD'),
      controller: wanted('CONTROLLER_PASSWORD'),
      pi: wanted('PI_PASSWORD'),
    },
    brokerPort: wantedPort('BROKER_PORT'),
    flashFolder: wanted('FLASH_DIR'),
    ...limitsOf(process.env.CASE_LIMITS),
    ...(process.send === undefined ? {} : { askLedger: (wish) => void process.send?.(wish) }),
    ...(process.env.STRIPE_PORT
      ? {
          stripe: {
            port: wantedPort('STRIPE_PORT'),
            secretKey: wanted('STRIPE_SECRET_KEY'),
            webhookSecret: wanted('STRIPE_WEBHOOK_SECRET'),
          },
        }
      : {}),
    log: console.log,
  });
  process.send?.({ kind: 'ready', url: world.url });
} catch (thrown) {
  process.send?.({ kind: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) });
  process.exitCode = 1;
  await stop(1);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await world?.close().catch(() => {});
  process.exit(code);
}
