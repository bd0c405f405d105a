// node bench/visit.ts [VISITS] [CASES] [--statements]: whole visits through the real cloud, from the phone's POST over MQTT, HMAC and
// evidence to the receipt on the phone, at many cases at once, on SQLite; how many a second, what one costs the ledger, and with
// --statements of which statements that is made.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Stripe from 'stripe';
import { startCloud } from '../host/roles.ts';
import { openLedger } from '../ledger/src/open.ts';
import { Case } from '../prove/case.ts';
import type { Clock } from '../prove/clock.ts';
import { phoneAddress, startPhones, tap } from '../prove/phones.ts';
import { start } from '../prove/process.ts';
import { seeded } from '../prove/random.ts';
import { freePorts, planShop } from '../prove/shop.ts';
import { until } from '../test/patience.ts';
import { type Counted, countStatements } from './count-statements.ts';

const ROOT = join(import.meta.dirname, '..');
const [VISITS, CASES] = [Number(process.argv[2] ?? 300), Number(process.argv[3] ?? 20)];
const WARM = Math.min(40, VISITS);
const IDLE_MS = 5_000;
const TAKEN = { cola: 1 };
const PRICE_MINOR = 200;

/** What of the ledger's statements were this process's: the bench's own are none here. */
const BY_NAME = process.argv.includes('--statements');
const named = new Map<string, number>();
let isNaming = false;
const count = countStatements((statements) => {
  if (BY_NAME && isNaming) for (const sql of statements) named.set(sql, (named.get(sql) ?? 0) + 1);
});

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

const folder = mkdtempSync(join(tmpdir(), 'tapcase-bench-'));
const [shopPort, brokerPort, pushPort] = (await freePorts(3)) as [number, number, number];
const caseIds = Array.from({ length: CASES }, (_, number) => `c${number + 1}`);
const ports = { shop: shopPort, broker: brokerPort, stripe: 1, push: pushPort };
const plan = planShop({ folder, caseIds, ports, databaseUrl: '' }, ROOT);
const double = fork(join(ROOT, 'bench', 'stripe-double.ts'), [plan.stripe.secretKey, plan.stripe.webhookSecret]);
const [{ port: stripePort }] = (await once(double, 'message')) as [{ port: number }];
const { cloud: cloudPassword, device } = plan.brokerPasswords;
const broker = start({
  script: join(ROOT, 'prove', 'broker.ts'),
  args: [String(brokerPort), caseIds.join(','), cloudPassword, device],
});
await broker.ready;
const cloud = await startCloud({ source: { ...plan.environment, STRIPE_PORT: String(stripePort) }, log: () => {} });
const phones = await startPhones(pushPort);
const ledger = await openLedger({ file: plan.ledgerFile });
const sdk = new Stripe(plan.stripe.secretKey, {
  host: '127.0.0.1',
  port: stripePort,
  protocol: 'http',
  telemetry: false,
});
const cookies: string[] = [];
for (const [number] of caseIds.entries()) {
  const id = `person-${number}`;
  await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: Date.now() });
  const { id: stripeCustomer } = await sdk.customers.create({ email: `${id}@example.com` });
  const { id: paymentMethod } = await sdk.paymentMethods.attach('pm_card_visa', { customer: stripeCustomer });
  await ledger.setCard(id, { stripeCustomer, paymentMethod, brand: 'visa', last4: '4242' }, Date.now());
  await ledger.putPushSubscription(id, phones.subscription(id), Date.now());
  cookies.push(await plan.cookie(id, ledger, clock));
}
await ledger.close();
const random = seeded(1);
const cases = caseIds.map(
  (id) =>
    new Case({ id, masterKey: plan.masterKey, brokerPort, password: device, catalog: plan.catalog, clock, random }),
);

await settle(WARM, 'warm');
const before = count();
await setTimeout(IDLE_MS);
const idle = count();
const startedMs = performance.now();
isNaming = true;
await settle(VISITS, 'visit');
isNaming = false;
const tookMs = performance.now() - startedMs;
const after = count();
// What sweeps cost all the time is no visit's.
const perVisit = (what: keyof Counted) =>
  (after[what] - idle[what] - ((idle[what] - before[what]) * tookMs) / IDLE_MS) / VISITS;
report(`visits a second, POST to receipt, ${CASES} cases at once`, VISITS / (tookMs / 1_000), '/s');
report('durable commits a visit', perVisit('commits'), '');
report('statements a visit', perVisit('statements'), '');
for (const [sql, times] of [...named].sort(([, a], [, b]) => b - a)) report(sql.slice(0, 120), times / VISITS, '');

for (const each of cases) await each.close();
await cloud.stop();
await phones.close();
double.kill();
await broker.kill();
rmSync(folder, { recursive: true, force: true });
process.exit();

/** So many visits, one after the other at each case; resolves when every phone has its receipt. */
async function settle(visits: number, name: string): Promise<void> {
  let begun = 0;
  await Promise.all(
    cases.map(async (at, number) => {
      for (let visit = begun; visit < visits; visit = begun) {
        begun += 1;
        const request = {
          shopUrls: [`http://localhost:${shopPort}`],
          caseId: caseIds[number]!,
          cookie: cookies[number]!,
          requestId: `${name}-${String(visit).padStart(6, '0')}`,
          address: phoneAddress(number),
        };
        const answer = await tap(request, () => true);
        if (answer.kind !== 'in') throw new Error(`case ${caseIds[number]}: ${JSON.stringify(answer)}`);
        const story = { number: visit, caseId: caseIds[number]!, card: 'visa', kind: 'take', taken: TAKEN } as const;
        at.expect(answer.visitId, { ...story, totalMinor: PRICE_MINOR });
        await until('the receipt', () => phones.receipts.has(answer.visitId));
      }
    }),
  );
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what}: ${value.toFixed(1)} ${unit}`);
}
