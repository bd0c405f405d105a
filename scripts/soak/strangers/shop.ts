// A shop to storm: the real cloud with the project's own flows on SQLite, a real broker, 64 cases, Stripe's stand-in.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openLedger } from '@tapcase/ledger';
import Stripe from 'stripe';
import { Case } from '../../../prove/case.ts';
import type { Clock } from '../../../prove/clock.ts';
import { phoneAddress, startPhones, tap } from '../../../prove/phones.ts';
import { start } from '../../../prove/process.ts';
import { seeded } from '../../../prove/random.ts';
import { freePorts, planShop } from '../../../prove/shop.ts';
import { until, within } from '../../../test/patience.ts';
import type { Holds } from './cloud.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** One that sells, and 63 whose doors are left open. */
const CASES = 64;
/** What one cola costs in the project's catalog. */
const PRICE_MINOR = 200;

export interface StormedShop {
  readonly url: string;
  readonly folder: string;
  /** Somebody who has signed in and has no card. */
  readonly guestCookie: string;
  /** Those with a card, one a case, in order. */
  readonly cookies: readonly string[];
  readonly caseIds: readonly string[];
  /** All that the cloud has written. */
  readonly lines: readonly string[];
  hasEnded(): boolean;
  holds(): Promise<Holds>;
  /** A cola bought at the first case, from the tap to the receipt on the phone; the visit. */
  purchase(): Promise<string>;
  /** A tap at another case, whose door is opened and then left so: a visit that lasts half an hour. */
  leftOpen(caseNumber: number): Promise<string>;
  stop(): Promise<void>;
}

/** The wall's own. */
const clock: Clock = {
  nowMs: () => Date.now(),
  seconds: () => Math.floor(Date.now() / 1_000),
  advance: () => {},
  wait: (ms) => setTimeout(ms),
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
};

export async function startStormedShop(): Promise<StormedShop> {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-strangers-'));
  const [shopPort, brokerPort, pushPort] = (await freePorts(3)) as [number, number, number];
  const caseIds = Array.from({ length: CASES }, (_, number) => `c${number + 1}`);
  const ports = { shop: shopPort, broker: brokerPort, stripe: 1, push: pushPort };
  const plan = planShop({ folder, caseIds, ports, databaseUrl: '' }, ROOT);
  const { cloud: cloudPassword, device } = plan.brokerPasswords;
  const double = start({
    script: join(ROOT, 'bench', 'stripe-double.ts'),
    args: [plan.stripe.secretKey, plan.stripe.webhookSecret],
  });
  const [{ port: stripePort }] = (await once(double.child, 'message')) as [{ port: number }];
  const broker = start({
    script: join(ROOT, 'prove', 'broker.ts'),
    args: [String(brokerPort), caseIds.join(','), cloudPassword, device],
  });
  await broker.ready;
  const lines: string[] = [];
  let hasEnded = false;
  const cloud = start({
    script: join(import.meta.dirname, 'cloud.ts'),
    env: { ...plan.environment, STRIPE_PORT: String(stripePort) },
    onLine: (line) => lines.push(line),
  });
  void cloud.ended.then(() => {
    hasEnded = true;
  });
  if (!(await within('the cloud', cloud.ready))) throw new Error(`the cloud did not start:\n${lines.join('\n')}`);
  const phones = await startPhones(pushPort);
  const { cookies, guestCookie } = await customersOf();
  const random = seeded(1);
  const cases = caseIds.map(
    (id) =>
      new Case({ id, masterKey: plan.masterKey, brokerPort, password: device, catalog: plan.catalog, clock, random }),
  );

  async function customersOf(): Promise<{ cookies: string[]; guestCookie: string }> {
    const host = { host: '127.0.0.1', port: stripePort, protocol: 'http', telemetry: false } as const;
    const stripe = new Stripe(plan.stripe.secretKey, host);
    const ledger = await openLedger({ file: plan.ledgerFile });
    const found: string[] = [];
    for (const caseId of caseIds) {
      const id = `person-${caseId}`;
      const email = `${id}@example.com`;
      await ledger.customerByEmail(email, { id, language: 'en', atMs: Date.now() });
      const { id: stripeCustomer } = await stripe.customers.create({ email });
      const { id: paymentMethod } = await stripe.paymentMethods.attach('pm_card_visa', { customer: stripeCustomer });
      await ledger.setCard(id, { stripeCustomer, paymentMethod, brand: 'visa', last4: '4242' }, Date.now());
      await ledger.putPushSubscription(id, phones.subscription(id), Date.now());
      found.push(await plan.cookie(id, ledger, clock));
    }
    await ledger.customerByEmail('guest@example.com', { id: 'guest', language: 'en', atMs: Date.now() });
    const guest = await plan.cookie('guest', ledger, clock);
    await ledger.close();
    return { cookies: found, guestCookie: guest };
  }

  const url = `http://127.0.0.1:${shopPort}`;
  let taps = 0;
  const visitAt = async (caseNumber: number, kind: 'take' | 'left-open') => {
    taps += 1;
    const caseId = caseIds[caseNumber]!;
    const requestId = `soak-${String(taps).padStart(6, '0')}`;
    const request = {
      shopUrls: [url],
      caseId,
      cookie: cookies[caseNumber]!,
      requestId,
      address: phoneAddress(caseNumber),
    };
    const answer = await tap(request, () => !hasEnded);
    if (answer.kind !== 'in') throw new Error(`no door at ${caseId}: ${JSON.stringify(answer)}`);
    const story = { number: taps, caseId, card: 'visa', kind, taken: { cola: 1 }, totalMinor: PRICE_MINOR } as const;
    cases[caseNumber]!.expect(answer.visitId, story);
    return answer.visitId;
  };

  return {
    ...{ url, folder, guestCookie, cookies, caseIds, lines },
    hasEnded: () => hasEnded,
    holds: async () => {
      const answer = once(cloud.child, 'message') as Promise<[Holds]>;
      cloud.child.send({ kind: 'holds' });
      return (await within('what the cloud holds', answer))[0];
    },
    purchase: async () => {
      const id = await visitAt(0, 'take');
      await until('the receipt', () => phones.receipts.has(id));
      return id;
    },
    leftOpen: (caseNumber) => visitAt(caseNumber, 'left-open'),
    stop: async () => {
      for (const each of cases) await each.close();
      await cloud.kill();
      await phones.close();
      await double.kill();
      await broker.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
