// Makes up, for one run, everything that a shop without accounts needs: keys, passwords, addresses of the stand-ins.
import { createECDH, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deriveDeviceKey } from '@tapcase/node-red-contrib-hmac';
import { isKnown } from './environment.ts';
import { CREDENTIAL_SECRET_FILE, LEDGER } from './state-folder.ts';

export interface DemoPorts {
  readonly shop: number;
  readonly edge: number;
  readonly world: number;
  readonly stripe: number;
  readonly broker: number;
  readonly staff: number;
}

export interface DemoEnvironment {
  readonly cloud: Readonly<Record<string, string>>;
  readonly edge: Readonly<Record<string, string>>;
  readonly world: Readonly<Record<string, string>>;
  /** Whether the stand-in plays Stripe; false when the person's own key is used. */
  readonly stripeIsStandIn: boolean;
}

type Given = Readonly<Record<string, string | undefined>>;

export interface DemoOptions {
  readonly ports: DemoPorts;
  readonly caseId: string;
  /** Holds what this run writes; emptied at its start but for what was typed into an editor. */
  readonly stateFolder: string;
  readonly root: string;
  /** The person's own environment: what is set there wins over what would be made up. */
  readonly given: Given;
}

export function demoEnvironment({ ports, caseId, stateFolder, root, given }: DemoOptions): DemoEnvironment {
  const host = given.HOST ?? '127.0.0.1';
  const publicUrl = given.PUBLIC_URL ?? `http://localhost:${ports.shop}`;
  const staffUrl = given.STAFF_URL ?? `http://localhost:${ports.staff}`;
  const worldUrl = `http://localhost:${ports.world}`;
  const masterKey = given.CASE_MASTER_KEY ?? secret();
  const device = { controller: deviceSecrets('controller'), pi: deviceSecrets('pi') };
  const shared = {
    HOST: host,
    BROKER_URL: `mqtt://127.0.0.1:${ports.broker}`,
    CREDENTIAL_SECRET: given.CREDENTIAL_SECRET ?? credentialSecret(stateFolder),
    USER_DIR: join(stateFolder, 'node-red'),
    ...(given.LOG_FORMAT ? { LOG_FORMAT: given.LOG_FORMAT } : {}),
  };
  const stripe = stripeEnvironment(given, ports.stripe);
  const runtime = runtimeEnvironment(given);
  const cloudPassword = secret();
  return {
    stripeIsStandIn: stripe.STRIPE_HOST !== '',
    cloud: {
      // What an operator's own flow takes from the environment, and what is for Node.js itself.
      ...foreignTo('cloud', given),
      ...shared,
      ...vapidKeys(given),
      ...stripe,
      ...mail(given),
      PORT: String(ports.shop),
      PUBLIC_URL: publicUrl,
      STAFF_PORT: String(ports.staff),
      STAFF_URL: staffUrl,
      ...(given.TRUST_PROXY ? { TRUST_PROXY: given.TRUST_PROXY } : {}),
      ...(given.STAFF_HOST ? { STAFF_HOST: given.STAFF_HOST } : {}),
      LEDGER_FILE: join(stateFolder, LEDGER),
      CASE_MASTER_KEY: masterKey,
      SESSION_KEY: given.SESSION_KEY ?? secret(),
      BROKER_USER: 'cloud',
      BROKER_PASSWORD: cloudPassword,
      PUSH_ALLOW_HOSTS: `localhost:${ports.world}`,
      FIRMWARE_DIR: given.FIRMWARE_DIR ?? join(root, 'firmware-images'),
      EVIDENCE_DIR: join(stateFolder, 'evidence'),
      PICTURES_DIR: join(root, 'sim', 'src', 'shelf', 'pictures'),
      FLOWS_DIR: given.FLOWS_DIR ?? join(root, 'flows'),
    },
    edge: {
      ...shared,
      ...runtime,
      PORT: String(ports.edge),
      // For a script: people come by the cloud.
      EDITOR_PASSWORD: given.EDITOR_PASSWORD ?? randomBytes(9).toString('base64url'),
      ...(given.TECHNICIAN_PASSWORD ? { TECHNICIAN_PASSWORD: given.TECHNICIAN_PASSWORD } : {}),
      CASE_ID: caseId,
      STAFF_URL: staffUrl,
      DEVICE_KEY: device.pi.key,
      DEVICE_STATE_DIR: join(stateFolder, 'pi'),
      MODEL_DIR: given.MODEL_DIR ?? join(root, 'models', 'demo-shelf'),
      CAMERA_0: `${worldUrl}/sim/cases/${caseId}/camera/0`,
      CAMERA_1: `${worldUrl}/sim/cases/${caseId}/camera/1`,
      SIGNAL_LINE: `${worldUrl}/sim/cases/${caseId}/line`,
      RECORDINGS_DIR: join(stateFolder, 'recordings'),
      SNAPSHOTS_DIR: join(stateFolder, 'snapshots'),
      CLOUD_URL: given.CLOUD_URL ?? publicUrl,
      BROKER_USER: `${caseId}-pi`,
      BROKER_PASSWORD: device.pi.password,
      FLOWS_DIR: given.EDGE_FLOWS_DIR ?? join(root, 'edge-flows'),
    },
    world: {
      ...runtime,
      HOST: host,
      WORLD_PORT: String(ports.world),
      PUBLIC_URL: publicUrl,
      CASE_ID: caseId,
      CONTROLLER_KEY: device.controller.key,
      CONTROLLER_PASSWORD: device.controller.password,
      PI_PASSWORD: device.pi.password,
      CLOUD_PASSWORD: cloudPassword,
      BROKER_PORT: String(ports.broker),
      FLASH_DIR: join(stateFolder, 'flash'),
      ...(given.CASE_LIMITS ? { CASE_LIMITS: given.CASE_LIMITS } : {}),
      ...(stripe.STRIPE_HOST === ''
        ? {}
        : {
            STRIPE_PORT: String(ports.stripe),
            STRIPE_SECRET_KEY: stripe.STRIPE_SECRET_KEY,
            STRIPE_WEBHOOK_SECRET: stripe.STRIPE_WEBHOOK_SECRET,
          }),
    },
  };

  function deviceSecrets(name: 'controller' | 'pi') {
    const key = deriveDeviceKey(Buffer.from(masterKey, 'hex'), caseId, name);
    return { key: Buffer.from(key).toString('hex'), password: secret() };
  }
}

/**
 * What is for Node.js itself and means all three processes: where it keeps what it has compiled, which makes a start
 * a fifth cheaper; the time zone; a false clock (libfaketime).
 */
const RUNTIME = ['NODE_COMPILE_CACHE', 'TZ', 'LD_PRELOAD', 'FAKETIME', 'FAKETIME_DONT_FAKE_MONOTONIC'] as const;

export function runtimeEnvironment(given: Given): Record<string, string> {
  return Object.fromEntries(RUNTIME.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
}

/** What the role does not ask for: what it asks for is made up or chosen, one by one. */
function foreignTo(role: 'cloud', given: Given): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || isKnown(role, name) ? [] : [[name, value]],
    ),
  );
}

/** A person's own test key talks to Stripe itself; otherwise the stand-in answers. */
function stripeEnvironment(given: Given, port: number) {
  if (given.STRIPE_SECRET_KEY) {
    return {
      STRIPE_SECRET_KEY: given.STRIPE_SECRET_KEY,
      // Without `stripe listen` no webhook comes; the shop works without them, and refuses unsigned ones.
      STRIPE_WEBHOOK_SECRET: given.STRIPE_WEBHOOK_SECRET ?? `whsec_${secret()}`,
      STRIPE_HOST: '',
      STRIPE_PORT: '',
      STRIPE_PROTOCOL: '',
    };
  }
  return {
    STRIPE_SECRET_KEY: `sk_test_${secret()}`,
    STRIPE_WEBHOOK_SECRET: `whsec_${secret()}`,
    STRIPE_HOST: '127.0.0.1',
    STRIPE_PORT: String(port),
    STRIPE_PROTOCOL: 'http',
  };
}

/** Without a mail server the sign-in codes go to the log. */
function mail(given: Given) {
  const names = ['SMTP_HOST', 'SMTP_PORT', 'SMTP_SECURE', 'SMTP_USER', 'SMTP_PASSWORD', 'MAIL_FROM'] as const;
  return Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
}

function vapidKeys(given: Given) {
  if (given.VAPID_PUBLIC_KEY && given.VAPID_PRIVATE_KEY) {
    return {
      VAPID_PUBLIC_KEY: given.VAPID_PUBLIC_KEY,
      VAPID_PRIVATE_KEY: given.VAPID_PRIVATE_KEY,
      VAPID_SUBJECT: given.VAPID_SUBJECT ?? 'mailto:operator@tapcase.example',
    };
  }
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys();
  // A private key may begin with zeros, which ECDH drops.
  const privateKey = Buffer.alloc(32);
  pair.getPrivateKey().copy(privateKey, 32 - pair.getPrivateKey().length);
  return {
    VAPID_PUBLIC_KEY: publicKey.toString('base64url'),
    VAPID_PRIVATE_KEY: privateKey.toString('base64url'),
    VAPID_SUBJECT: 'mailto:operator@tapcase.example',
  };
}

/** Kept from run to run, so that what was typed into an editor can be read again. */
function credentialSecret(stateFolder: string): string {
  const file = join(stateFolder, CREDENTIAL_SECRET_FILE);
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  const made = secret();
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(file, made, { mode: 0o600 });
  return made;
}

function secret(): string {
  return randomBytes(32).toString('hex');
}
