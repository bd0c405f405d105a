// The shop under proof: the real cloud with the project's own flows, many cases, and everything around it.
import { createECDH, randomBytes, randomInt } from 'node:crypto';
import { cpSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Catalog } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { readFlowFiles, writeFolders } from '../host/flows/disk.ts';
import type { FlowNode } from '../host/flows/node.ts';
import { joinFlows, splitFlows } from '../host/flows/tabs.ts';
import { SESSION_COOKIE, SESSION_MS } from '../nodes/node-red-contrib-tapcase/src/shop/sessions/cookie.ts';
import { hashOfSecret, newSecret } from '../nodes/node-red-contrib-tapcase/src/shop/sessions/secrets.ts';
import type { Clock } from './clock.ts';
import { holdOf } from './stories.ts';

export interface ShopPlan {
  readonly folder: string;
  readonly caseIds: readonly string[];
  readonly ports: { readonly shop: number; readonly broker: number; readonly stripe: number; readonly push: number };
  /** Ports of the instances beside the first; they share the broker's frames with it. */
  readonly others?: readonly number[];
  /** '' for SQLite. */
  readonly databaseUrl: string;
}

export interface ProvedShop {
  /** Of the first instance. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of all of them, the first one first. */
  readonly environments: readonly Readonly<Record<string, string>>[];
  readonly catalog: Catalog;
  readonly masterKey: Buffer;
  readonly ledgerFile: string;
  readonly brokerPasswords: { readonly cloud: string; readonly device: string };
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string };
  readonly flows: readonly FlowNode[];
  cookie(customerId: string, ledger: Ledger, clock: Clock): Promise<string>;
}

/** The cameras' word is waited for however long the cloud is dead; the scale alone decides only where they are blind. */
const VISION_WAIT_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;

export function planShop({ folder, caseIds, ports, databaseUrl, others = [] }: ShopPlan, root: string): ProvedShop {
  const flowsFolder = join(folder, 'flows');
  cpSync(join(root, 'flows', 'core'), join(flowsFolder, 'core'), { recursive: true });
  const flows = joinFlows(readFlowFiles(join(root, 'flows', 'core'))).map((node) => widened(node, caseIds));
  writeFolders(flowsFolder, { core: splitFlows(flows, { before: flows }), own: {} });
  const masterKey = randomBytes(32);
  const sessionKey = secret();
  const brokerPasswords = { cloud: secret(), device: secret() };
  const stripe = { secretKey: `sk_test_${secret()}`, webhookSecret: `whsec_${secret()}` };
  const ledgerFile = join(folder, 'ledger.sqlite');
  const publicUrl = `http://localhost:${ports.shop}`;
  const { currency, products } = flows.find(({ type }) => type === 'tapcase-catalog') as unknown as Catalog;
  const environment = {
    HOST: '127.0.0.1',
    PORT: String(ports.shop),
    PUBLIC_URL: publicUrl,
    // Any that is free: nobody comes to it.
    STAFF_PORT: '0',
    USER_DIR: join(folder, 'node-red'),
    FLOWS_DIR: flowsFolder,
    ...(databaseUrl === '' ? { LEDGER_FILE: ledgerFile } : { DATABASE_URL: databaseUrl }),
    BROKER_URL: `mqtt://127.0.0.1:${ports.broker}`,
    BROKER_USER: 'cloud',
    BROKER_PASSWORD: brokerPasswords.cloud,
    BROKER_SHARE: others.length === 0 ? '' : 'proof',
    CREDENTIAL_SECRET: secret(),
    CASE_MASTER_KEY: masterKey.toString('hex'),
    SESSION_KEY: sessionKey,
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
    STRIPE_HOST: '127.0.0.1',
    STRIPE_PORT: String(ports.stripe),
    STRIPE_PROTOCOL: 'http',
    STRIPE_SUPPRESS_NOTICES: 'true',
    ...vapidKeys(),
    PUSH_ALLOW_HOSTS: `127.0.0.1:${ports.push}`,
    SMTP_HOST: '127.0.0.1',
    MAIL_FROM: 'shop@example.com',
  };
  return {
    environment,
    environments: [
      environment,
      ...others.map((port, at) => ({
        ...environment,
        ...{ PORT: String(port), USER_DIR: join(folder, `node-red-${at + 2}`), BROKER_USER: cloudAccount(at + 1) },
      })),
    ],
    catalog: { currency, products },
    masterKey,
    ledgerFile,
    brokerPasswords,
    stripe,
    flows,
    cookie: signIn,
  };
}

/** At the broker; an account is one client. */
export function cloudAccount(instance: number): string {
  return instance === 0 ? 'cloud' : `cloud-${instance + 1}`;
}

async function signIn(subject: string, ledger: Ledger, clock: Clock): Promise<string> {
  const secret = newSecret();
  const nowMs = clock.nowMs();
  await ledger.startSession({
    ...{ id: subject, kind: 'customer', subject, label: '' },
    ...{ tokenHash: hashOfSecret(secret)!, createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs: nowMs + SESSION_MS },
  });
  return `${SESSION_COOKIE}=${secret}`;
}

function widened(node: FlowNode, caseIds: readonly string[]): FlowNode {
  if (node.type !== 'tapcase-shop') return node;
  const cases = caseIds.map((id, number) => ({
    id,
    name: `Case ${id}`,
    holdMinor: holdOf(number),
    visionWaitMs: VISION_WAIT_MS,
    offlineAfterMs: WEEK_MS,
  }));
  return { ...node, cases };
}

function vapidKeys() {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys();
  const privateKey = Buffer.alloc(32);
  // A private key may begin with zeros, which ECDH drops.
  pair.getPrivateKey().copy(privateKey, 32 - pair.getPrivateKey().length);
  return {
    VAPID_PUBLIC_KEY: publicKey.toString('base64url'),
    VAPID_PRIVATE_KEY: privateKey.toString('base64url'),
    VAPID_SUBJECT: 'mailto:operator@tapcase.example',
  };
}

function secret(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Each is bound again and again, by processes that are killed in between: so none of those that the system hands out by itself
 * (Linux: from 32768), which somebody else could hold by then.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(20_000, 32_000);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Every node through which a message about a visit or its money passes: `settle.capture`. */
export function moneyNodes(flows: readonly FlowNode[]): string[] {
  const tabs = new Set(
    flows.filter(({ type, label }) => type === 'tab' && MONEY_TABS.test(String(label))).map(({ id }) => id),
  );
  const quiet = new Set(['group', 'comment', 'catch', 'inject', 'complete', 'debug', 'link in', 'link out', 'tab']);
  const isQuiet = (type: string) => quiet.has(type) || type.startsWith('ui-');
  return flows.filter(({ id, z, type }) => tabs.has(String(z)) && !isQuiet(type) && !RARE.test(id)).map(({ id }) => id);
}

/**
 * Twice an hour, once a day, when staff look, for a picture, which no visit waits for, or when Stripe refuses a list: an aim
 * that would be waited for in vain.
 */
const RARE = /^(books|learn|pictures)\.|^stripe\.list-refused$/;

const MONEY_TABS = /^(20|30|50|60|65|70|80|87) /;
