// node bench/settle.ts [sqlite|postgres]: how many visits a second go from evidence to a paid end through the real flows,
// with Stripe's stand-in answering at once; at 1,000 and at 100,000 visits in the ledger; and what a sweep costs there.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { Visit } from '@tapcase/domain';
import pg from 'pg';
import Stripe from 'stripe';
import { startCloud } from '../host/roles.ts';
import { openLedger } from '../ledger/src/open.ts';
import type { Ledger } from '../ledger/src/port.ts';
import { openPostgresLedger } from '../ledger/src/postgres.ts';
import { start } from '../prove/process.ts';
import { freePorts, planShop } from '../prove/shop.ts';
import { postgresProgram, startPostgres } from '../test/postgres.ts';

const ROOT = join(import.meta.dirname, '..');
const VISITS = 1_500;
const SMALL = 1_000;
const LARGE = 100_000;
const GRAMS = 710;
const require = createRequire(import.meta.url);
let sequence = 0;
let client: pg.Client | undefined;
let database: DatabaseSync | undefined;

/** Tables in the order in which they refer to each other; the columns that must be new in a copy. */
const COPIED: readonly (readonly [string, readonly string[]])[] = [
  ['visits', ['id', 'request_id', 'intent']],
  ['visit_events', ['visit_id']],
  ['evidence', ['visit_id']],
  ['money_steps', ['visit_id', 'idempotency_key', 'intent']],
  ['intents', ['id', 'visit_id']],
];

const store = process.argv[2] ?? 'sqlite';
const folder = mkdtempSync(join(tmpdir(), 'tapcase-bench-'));
const postgres = store === 'postgres' ? await startPostgres(postgresProgram(), { isDurable: true }) : undefined;
const databaseUrl = (await postgres?.database()) ?? '';
const [shopPort, brokerPort, pushPort] = (await freePorts(3)) as [number, number, number];
const caseIds = ['123'];
const plan = planShop(
  { folder, caseIds, ports: { shop: shopPort, broker: brokerPort, stripe: 1, push: pushPort }, databaseUrl },
  ROOT,
);
const double = fork(join(ROOT, 'bench', 'stripe-double.ts'), [plan.stripe.secretKey, plan.stripe.webhookSecret]);
const [{ port: stripePort }] = (await once(double, 'message')) as [{ port: number }];
const { cloud: cloudPassword, device } = plan.brokerPasswords;
const broker = start({
  script: join(ROOT, 'prove', 'broker.ts'),
  args: [String(brokerPort), '123', cloudPassword, device],
});
await broker.ready;
const cloud = await startCloud({ source: { ...plan.environment, STRIPE_PORT: String(stripePort) }, log: () => {} });
const ledger: Ledger =
  store === 'postgres' ? await openPostgresLedger({ url: databaseUrl }) : await openLedger({ file: plan.ledgerFile });
const sdk = new Stripe(plan.stripe.secretKey, {
  host: '127.0.0.1',
  port: stripePort,
  protocol: 'http',
  telemetry: false,
});
const { id: customer } = await sdk.customers.create({ email: 'bench@example.com' });
const { id: paymentMethod } = await sdk.paymentMethods.attach('pm_card_visa', { customer });
const card = { stripeCustomer: customer, paymentMethod, brand: 'visa', last4: '4242' };
await ledger.customerByEmail('bench@example.com', { id: 'bench', language: 'en', atMs: Date.now() });
await ledger.setCard('bench', card, Date.now());

await settleAll('warm', 300);
const small = await settleAll('small', VISITS);
report(`${store}: visits settled a second, ${SMALL} and more in the ledger`, small, '/s');
await grow(LARGE);
const large = await settleAll('large', VISITS);
report(`${store}: visits settled a second, ${LARGE} and more in the ledger`, large, '/s');
report(`${store}: cost of a visit there, compared`, (small / large) * 100, '%');
const sweeps = await Promise.all([1, 2, 3, 4, 5].map(() => timed(() => ledger.claimDueVisits(Date.now(), 1, 50))));
report(`${store}: a sweep over ${LARGE} finished visits, median`, sweeps.sort((a, b) => a - b)[2]!, 'ms');

await cloud.stop();
await ledger.close();
await client?.end();
database?.close();
double.kill();
await broker.kill();
await postgres?.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();

/** Visits a second, from the evidence being in to the last one done. */
async function settleAll(name: string, count: number): Promise<number> {
  const visits: Visit[] = [];
  for (let number = 0; number < count; number += 1) visits.push(await closedVisit(`${name}${number}`));
  const RED = require('node-red') as {
    runtime: { flows: unknown };
    nodes: { getNode(id: string): { receive(message: object): void } };
  };
  const entry = RED.nodes.getNode('settle.from-visit');
  const startedMs = performance.now();
  // As the broker would hand them on: many at once, not all.
  const WINDOW = 50;
  let begun = 0;
  for (;;) {
    const open = await unfinished();
    while (begun < visits.length && begun < visits.length - open + WINDOW && begun - (visits.length - open) < WINDOW) {
      entry.receive({ visit: visits[begun]! });
      begun += 1;
    }
    if (open === 0) break;
    await setTimeout(5);
  }
  return (count / (performance.now() - startedMs)) * 1_000;
}

async function closedVisit(id: string): Promise<Visit> {
  const atMs = Date.now();
  const opening = {
    id,
    caseId: '123',
    customerId: 'bench',
    requestId: `tap-${id}`,
    language: 'en',
    catalog: plan.catalog,
  } as const;
  await ledger.openVisit({ ...opening, card, holdMinor: 1_500, atMs });
  const intent = await sdk.paymentIntents.create({
    amount: 1_500,
    currency: 'usd',
    customer,
    payment_method: paymentMethod,
    capture_method: 'manual',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: { visit: id },
  });
  const held = { purpose: 'hold', status: 'requires_capture', amountMinor: 1_500, capturableMinor: 1_500 } as const;
  const facts = { captureMaxMinor: 1_500, canIncrement: false, receivedMinor: 0, captureBeforeMs: null };
  await ledger.holdMade(id, { intent: intent.id, ...held, ...facts }, { atMs, visionWaitMs: 600_000, effects: [] });
  const at = { atMs, visionWaitMs: 600_000 };
  const seq = nextSeq();
  const seconds = Math.floor(atMs / 1_000);
  const closed = { type: 'closed', id, seq, at: seconds, mass: -GRAMS, dmass: GRAMS, sigma: 2.1 } as const;
  await ledger.recordReport('123', { channel: 'door', report: closed }, at);
  const report = { type: 'report', id, seq, at: seconds, model: null, ms: 1 } as const;
  await ledger.recordReport(
    '123',
    { channel: 'vision', report: { ...report, before: { 0: { cola: 5 } }, after: { 0: { cola: 3 } } } },
    at,
  );
  return (await ledger.visit(id))!;
}

function nextSeq(): number {
  sequence += 1;
  return sequence;
}

async function unfinished(): Promise<number> {
  const sql = 'select count(*) as n from visits where due_at_ms is not null';
  return Number((await ask(sql))[0]?.n);
}

/** Copies what is there until the ledger has this many visits, all finished. */
async function grow(total: number): Promise<void> {
  for (let round = 0; ; round += 1) {
    const [{ n } = { n: 0 }] = await ask('select count(*) as n from visits');
    if (Number(n) >= total) break;
    for (const [table, ids] of COPIED) await ask(await copyOf(table, ids, `r${round}`, total - Number(n)));
  }
  await ask('analyze');
}

async function copyOf(table: string, ids: readonly string[], suffix: string, most: number): Promise<string> {
  const [row] = await ask(`select * from ${table} limit 1`);
  const columns = Object.keys(row ?? {}).filter((name) => name !== 'id' || ids.includes('id'));
  const values = columns.map((name) => (ids.includes(name) ? `${name} || '${suffix}'` : name));
  const visit = table === 'visits' ? 'id' : 'visit_id';
  const chosen = `select id from visits where id not like '%${suffix}' order by id limit ${most}`;
  return `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from ${table} where ${visit} in (${chosen})`;
}

/** One connection of its own, kept: opening one costs more than what is measured. */
async function ask(sql: string): Promise<readonly Record<string, unknown>[]> {
  if (store === 'postgres') {
    if (client === undefined) {
      client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
    }
    return (await client.query(sql)).rows as Record<string, unknown>[];
  }
  database ??= new DatabaseSync(plan.ledgerFile);
  database.exec('pragma busy_timeout = 20000');
  const statement = database.prepare(sql);
  const isQuestion = statement.columns().length > 0;
  const rows = isQuestion ? statement.all() : [];
  if (!isQuestion) statement.run();
  return rows as Record<string, unknown>[];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(64)} ${value.toFixed(0).padStart(7)} ${unit}`);
}
