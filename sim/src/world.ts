// The simulated world as a process of its own: configured by the environment, ready message to whoever forked it.
import { startWorld, type World } from './start-world.ts';

function wanted(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the world needs ${name}`);
  return value;
}

let world: World | undefined;
let stopping = false;
process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('disconnect', () => void stop(0));

try {
  world = await startWorld({
    host: wanted('HOST'),
    port: Number(wanted('WORLD_PORT')),
    caseId: wanted('CASE_ID'),
    publicUrl: wanted('PUBLIC_URL'),
    controllerKey: Buffer.from(wanted('CONTROLLER_KEY'), 'hex'),
    passwords: {
      cloud: wanted('CLOUD_PASSWORD'),
      controller: wanted('CONTROLLER_PASSWORD'),
      pi: wanted('PI_PASSWORD'),
    },
    brokerPort: Number(wanted('BROKER_PORT')),
    flashFolder: wanted('FLASH_DIR'),
    ...(process.env.STRIPE_PORT
      ? {
          stripe: {
            port: Number(process.env.STRIPE_PORT),
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
