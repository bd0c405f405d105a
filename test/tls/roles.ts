// The cloud and the Pi as processes of their own, with all that they must know: for what they do to the world, and do not do.
import { type ChildProcess, fork } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runtimeEnvironment } from '../../host/demo-environment.ts';
import { freePort } from '../free-port.ts';
import { within } from '../patience.ts';

const ROOT = join(import.meta.dirname, '../..');

export type RoleName = 'cloud' | 'edge';
export type Variables = Readonly<Record<string, string>>;

export const ROLES: readonly RoleName[] = ['cloud', 'edge'];

/** Complete, with nobody at its other ends. `folder` is this role's own. */
export function environmentOf(role: RoleName, folder: string): Variables {
  const shared = {
    // What this run is given for every process of its own: its compiled code, its clock and zone.
    ...runtimeEnvironment(process.env),
    ...{ PATH: process.env.PATH ?? '', USER_DIR: folder, PORT: '1' },
    ...{ BROKER_URL: 'mqtt://127.0.0.1:1', BROKER_USER: `${role}-user`, BROKER_PASSWORD: `${role}-password` },
    ...{ EDITOR_PASSWORD: 'a-long-owner-password', CREDENTIAL_SECRET: 'c'.repeat(32) },
  };
  if (role === 'edge')
    return {
      ...shared,
      ...{ CASE_ID: '123', DEVICE_KEY: '07'.repeat(32), SIGNAL_LINE: 'none' },
      ...{ CAMERA_0: 'http://127.0.0.1:1/0', CAMERA_1: 'http://127.0.0.1:1/1' },
      ...{ DEVICE_STATE_DIR: folder, SNAPSHOTS_DIR: folder },
    };
  const pair = createECDH('prime256v1');
  return {
    ...shared,
    ...{ PUBLIC_URL: 'https://shop.example', LEDGER_FILE: join(folder, 'ledger.sqlite') },
    ...{ CASE_MASTER_KEY: 'ab'.repeat(32), SESSION_KEY: randomBytes(32).toString('hex') },
    ...{ STRIPE_SECRET_KEY: 'sk_test_123', STRIPE_WEBHOOK_SECRET: 'whsec_123' },
    ...{ STRIPE_HOST: '127.0.0.1', STRIPE_PORT: '1', STRIPE_PROTOCOL: 'http' },
    VAPID_PUBLIC_KEY: pair.generateKeys().toString('base64url'),
    VAPID_PRIVATE_KEY: pair.getPrivateKey().toString('base64url').padStart(43, 'A'),
    ...{ VAPID_SUBJECT: 'mailto:a@shop.example', SMTP_HOST: '127.0.0.1', MAIL_FROM: 'shop@shop.example' },
    ...{ EVIDENCE_DIR: join(folder, 'evidence'), FIRMWARE_DIR: join(folder, 'images') },
  };
}

export interface RunningRole {
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Resolves once it is ready; rejects with what it wrote where it ends before. */
export async function startRole(role: RoleName, more: Variables): Promise<RunningRole> {
  const { lines, isReady, stop } = await started(role, { ...(await freePorts()), ...more });
  if (isReady) return { lines, stop };
  await stop();
  throw new Error(`the ${role} did not start:\n${lines.join('\n')}`);
}

/** What a role that refuses to start says; '' where it starts. */
export async function refusalOf(role: RoleName, more: Variables): Promise<string> {
  const { lines, isReady, stop } = await started(role, { ...(await freePorts()), ...more });
  await stop();
  return isReady ? '' : lines.join('\n');
}

async function started(role: RoleName, more: Variables): Promise<RunningRole & { readonly isReady: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), `tapcase-${role}-`));
  const env = { ...environmentOf(role, folder), ...more };
  const child = fork(join(ROOT, 'start.ts'), [role], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const isReady = new Promise<boolean>((resolve) => {
    child.once('message', (message) => resolve((message as { kind?: string }).kind === 'ready'));
    child.once('close', () => resolve(false));
  });
  return { lines, stop, isReady: await within(`the ${role}`, isReady) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGTERM');
  await gone;
}

async function freePorts(): Promise<Variables> {
  return { PORT: String(await freePort()), STAFF_PORT: String(await freePort()) };
}
