// The proof itself: starts everything, tells the stories, kills, heals, waits until it is quiet, and has it judged.
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isPending } from '@tapcase/domain';
import { type RunningStripe, startStripe } from '@tapcase/sim/stripe/start-stripe';
import type { Misfortune } from '@tapcase/sim/stripe/switches';
import Stripe from 'stripe';
import type { Ledger } from '../nodes/node-red-contrib-tapcase/src/store/port.ts';
import { openPostgresLedger } from '../nodes/node-red-contrib-tapcase/src/store/postgres.ts';
import { openLedger } from '../nodes/node-red-contrib-tapcase/src/store/sqlite.ts';
import { postgresProgram, startPostgres } from '../test/postgres.ts';
import { auditAll, type Told, type Verdict } from './audit.ts';
import { Case } from './case.ts';
import { createClock } from './clock.ts';
import { type Phones, phoneAddress, startPhones, tap } from './phones.ts';
import { type Running, start } from './process.ts';
import { seeded } from './random.ts';
import { freePorts, moneyNodes, type ProvedShop, planShop } from './shop.ts';
import { hireStaff, type ReviewForm } from './staff.ts';
import { type Story, writeStories } from './stories.ts';

export interface ProveOptions {
  readonly folder: string;
  readonly store: 'sqlite' | 'postgres';
  readonly visits: number;
  readonly kills: number;
  readonly seed: number;
  readonly cases: number;
  readonly log: (line: string) => void;
  readonly verbose?: boolean;
}

export interface Proof extends Omit<Verdict, 'findings'> {
  readonly visits: number;
  readonly kills: number;
  readonly faults: number;
  /** What the phones were told at the door. */
  readonly answers: Readonly<Record<string, number>>;
  readonly store: string;
  readonly seed: number;
  readonly seconds: number;
  /** How many kills hit the point they were meant for. */
  readonly aimed: number;
  readonly isClean: boolean;
  readonly findings: readonly string[];
}

const ROOT = join(import.meta.dirname, '..');
const WEATHER: readonly Misfortune[] = [
  'drop-before',
  'drop-after',
  'error-after',
  'error-before',
  'rate-limit',
  'lock-timeout',
  'slow',
];
/** A kill whose point is not reached within this comes anyway. */
const AIM_MS_MAX = 1_800;
/** More than enough for a cold start. */
const READY_MS_MAX = 60_000;
/** Where the forms of the tab `87 Reviews` arrive. */
const REVIEWS_FORM = 'reviews.from-form';
/** How often staff look. */
const STAFF_MS = 700;
/** Each tick of the end moves the clock by this; half an hour of silence is 30 ticks. */
const TICK_MS = 60_000;
const TICKS_MAX = 400;

export async function prove(options: ProveOptions): Promise<Proof> {
  const startedMs = Date.now();
  const { folder, store, visits, kills, seed, log } = options;
  const random = seeded(seed);
  const clock = createClock();
  const [shopPort, brokerPort, stripePort, pushPort] = (await freePorts(4)) as [number, number, number, number];
  const postgres = store === 'postgres' ? await startPostgres(postgresProgram()) : undefined;
  const databaseUrl = (await postgres?.database()) ?? '';
  const caseIds = Array.from({ length: options.cases }, (_, number) => `c${number + 1}`);
  const ports = { shop: shopPort, broker: brokerPort, stripe: stripePort, push: pushPort };
  const shop = planShop({ folder, caseIds, ports, databaseUrl }, ROOT);
  const stories = writeStories(visits, caseIds, shop.catalog, random);
  const shopUrl = `http://127.0.0.1:${shopPort}`;

  let cloud: Running | undefined;
  let aimAtStripe: { stage: 'received' | 'executed'; left: number } | undefined;
  let faults = 0;
  const stripe = await startStripe({
    ...shop.stripe,
    port: stripePort,
    webhookUrl: `${shopUrl}/api/stripe/webhook`,
    now: clock.nowMs,
    stateFile: join(folder, 'stripe.sqlite'),
    onRequest: (stage) => {
      if (aimAtStripe === undefined || aimAtStripe.stage !== stage) return;
      aimAtStripe.left -= 1;
      if (aimAtStripe.left > 0) return;
      aimAtStripe = undefined;
      cloud?.child.kill('SIGKILL');
    },
  });
  const phones = await startPhones(pushPort);
  const openBooks = (): Promise<Ledger> =>
    store === 'postgres' ? openPostgresLedger({ url: databaseUrl, poolMax: 4 }) : openLedger({ file: shop.ledgerFile });
  const ledger = await openBooks();
  log(`${visits} customers get a card`);
  const cookies = await seedCustomers({ stories, ledger, stripe, phones, shop, clock: clock.nowMs() });

  const startBrokerProcess = () =>
    start({
      script: join(ROOT, 'prove', 'broker.ts'),
      args: [String(brokerPort), caseIds.join(','), shop.brokerPasswords.cloud, shop.brokerPasswords.device],
    });
  let broker = startBrokerProcess();
  await broker.ready;
  const cases = new Map(
    caseIds.map((id) => [
      id,
      new Case({
        id,
        masterKey: shop.masterKey,
        brokerPort,
        password: shop.brokerPasswords.device,
        catalog: shop.catalog,
        clock,
        random,
      }),
    ]),
  );
  const startCloud = (failAt: string): Running =>
    start({
      script: join(ROOT, 'start.ts'),
      args: ['cloud'],
      env: { ...shop.environment, PROVE_FAIL_AT: failAt, PROVE_CLOCK_MS: String(clock.offsetMs()) },
      preload: join(ROOT, 'prove', 'fail-points.ts'),
      onLine: (line) => {
        if (options.verbose === true || /^tapcase:|cannot start/.test(line)) log(`cloud: ${line}`);
      },
    });

  // The stories run while the cloud dies and lives; visits are let in at the pace of the kills.
  const told = new Map<string, Told>();
  let killed = 0;
  let finished = 0;
  const answers: Record<string, number> = {};
  const pace = () => (kills === 0 ? visits : Math.ceil(((killed + 3) / kills) * visits));
  const queues = caseIds.map((id) => stories.filter((story) => story.caseId === id));
  const workers = queues.map(async (queue) => {
    for (const story of queue) {
      while (story.number >= pace()) await setTimeout(50);
      const { caseId, number } = story;
      const requestId = `story-${seed}-${number}`;
      const request = { shopUrl, caseId, cookie: cookies[number]!, requestId, address: phoneAddress(number) };
      const answer = await tap(request, Date.now() + 120_000);
      if (answer.kind === 'in') {
        told.set(answer.visitId, { story, reported: false });
        cases.get(caseId)!.expect(answer.visitId, story);
      }
      const word = answer.kind === 'no' ? answer.code : answer.kind;
      answers[word] = (answers[word] ?? 0) + 1;
      finished += 1;
    }
  });
  const everybody = Promise.all(workers);
  const handIn = (form: ReviewForm) => {
    if (cloud?.child.connected === true) cloud.child.send({ kind: 'form', node: REVIEWS_FORM, form }, () => {});
  };
  const staff = hireStaff(ledger, shop.catalog, seeded(seed + 1), handIn);
  let isStaffThere = true;
  const shift = (async () => {
    for (; isStaffThere; await setTimeout(STAFF_MS)) await staff.press();
  })();
  let over = false;
  void everybody.then(() => {
    over = true;
  });

  const nodes = random.shuffled(moneyNodes(shop.flows));
  let aimed = 0;
  for (let number = 0; number < kills; number += 1) {
    const aim = chooseAim(number);
    rough(number);
    cloud = startCloud(aim.failAt);
    const isReady = await Promise.race([cloud.ready, setTimeout(READY_MS_MAX, false)]);
    if (isReady && aim.stripe !== undefined) aimAtStripe = aim.stripe;
    const limitMs = aim.failAt === '' && aim.stripe === undefined ? random.whole(50, 1_500) : AIM_MS_MAX;
    const hit = await Promise.race([cloud.ended.then(() => true), setTimeout(limitMs, false)]);
    aimAtStripe = undefined;
    if (hit) aimed += 1;
    else await cloud.kill();
    killed += 1;
    if (number % 12 === 11) {
      await broker.kill();
      broker = startBrokerProcess();
      await broker.ready;
    }
    if (number % 10 === 9)
      log(`${killed} kills (${aimed} where they were aimed), ${finished} of ${visits} stories told`);
  }

  function chooseAim(number: number): { failAt: string; stripe?: { stage: 'received' | 'executed'; left: number } } {
    const roll = random.next();
    if (roll < 0.15) return { failAt: '' };
    if (roll < 0.35) {
      return { failAt: '', stripe: { stage: random.pick(['received', 'executed']), left: random.whole(1, 6) } };
    }
    if (roll < 0.45) return { failAt: `commit:${random.pick(['before', 'after'])}:${random.whole(3, 40)}` };
    return { failAt: `${nodes[number % nodes.length]}:${random.pick(['receive', 'send'])}:${random.whole(1, 3)}` };
  }

  /** What else goes wrong in this life of the cloud. */
  function rough(number: number): void {
    stripe.weather({ probability: random.pick([0, 0.05, 0.15]), kinds: WEATHER, slowMs: 400 });
    stripe.deliver(
      random.pick([
        { kind: 'normal' },
        { kind: 'twice' },
        { kind: 'never' },
        { kind: 'late', ms: 200 },
        { kind: 'shuffled', batch: 8 },
      ] as const),
    );
    stripe.switches.increments = number % 5 === 1;
    stripe.switches.overcapturePercent = number % 5 === 2 ? 20 : 0;
    stripe.switches.partialCapture = number % 2 === 0 ? 'released' : 'refunded';
  }

  // Quiet: everything is well again, and the clock runs until nothing is left to do.
  stripe.weather({ probability: 0 });
  stripe.deliver({ kind: 'normal' });
  cloud = startCloud('');
  if (!(await cloud.ready)) throw new Error('the cloud did not come back');
  const patience = Date.now() + 60_000;
  while (!over && Date.now() < patience) await setTimeout(100);
  await everybody;
  log('all stories told; waiting until it is quiet');
  let ticks = 0;
  for (; ticks < TICKS_MAX; ticks += 1) {
    await setTimeout(400);
    const waiting = (await ledger.latestVisits({ flagged: false, limit: 1_000_000 })).filter(
      ({ phase }) => phase !== 'done',
    );
    const isQuiet =
      waiting.length === 0 &&
      [...cases.values()].every((each) => each.isQuiet) &&
      (await isDecided(ledger, staff.seen.keys(), clock.nowMs()));
    if (isQuiet) break;
    if (ticks % 20 === 19) for (const visit of waiting.slice(0, 3)) log(await stateOf(ledger, visit.id, clock.nowMs()));
    clock.advance(TICK_MS);
    stripe.advance(0);
    cloud.child.send({ kind: 'clock', offsetMs: clock.offsetMs() });
  }
  isStaffThere = false;
  await shift;
  // The last receipts are on their way.
  await setTimeout(3_000);
  for (const [visitId, { story }] of told) {
    told.set(visitId, { story, reported: cases.get(story.caseId)!.told.has(visitId) });
  }
  cloud.child.kill('SIGTERM');
  await Promise.race([once(cloud.child, 'exit'), setTimeout(10_000)]);
  if (cloud.child.exitCode === null && cloud.child.signalCode === null) await cloud.kill();
  faults = stripe.faultsMet();
  const verdict = await auditAll(ledger, stripe.books, told, phones.receipts);
  await Promise.all([...cases.values()].map((each) => each.close()));
  await broker.kill();
  await ledger.close();
  await phones.close();
  await stripe.close();
  await postgres?.stop();
  const { findings, ...counts } = verdict;
  const bad = [counts.doubleCharged, counts.overCharged, counts.lost, counts.stuckHolds, counts.stuckVisits];
  return {
    visits,
    kills: killed,
    faults,
    ...counts,
    answers,
    store,
    seed,
    aimed,
    seconds: Math.round((Date.now() - startedMs) / 1_000),
    isClean: [...bad, counts.receiptsMissing].every((count) => count === 0),
    findings,
  };
}

/** Whether no review waits for a person, and no decision for the money that follows from it. */
async function isDecided(ledger: Ledger, visitIds: Iterable<string>, nowMs: number): Promise<boolean> {
  if ((await ledger.openReviews({ limit: 1 })).length > 0) return false;
  for (const id of visitIds) {
    const { steps, debt } = await ledger.money(id);
    if (steps.some(isPending)) return false;
    if (debt?.state === 'open' && debt.nextTryAtMs !== null && debt.nextTryAtMs <= nowMs) return false;
  }
  return true;
}

/** What a visit waits for, in a line. */
async function stateOf(ledger: Ledger, id: string, nowMs: number): Promise<string> {
  const visit = await ledger.visit(id);
  const { steps } = await ledger.money(id);
  const due = visit?.dueAtMs == null ? 'never' : `in ${Math.round((visit.dueAtMs - nowMs) / 1_000)} s`;
  const asked = steps.map(({ kind, state, code, tries }) => `${kind} ${state} ${code ?? ''} (${tries})`);
  return `${id} is ${visit?.phase}, due ${due}: ${asked.join(', ')}`;
}

interface Seeding {
  readonly stories: readonly Story[];
  readonly ledger: Ledger;
  readonly stripe: RunningStripe;
  readonly phones: Phones;
  readonly shop: ProvedShop;
  readonly clock: number;
}

/** Each story has a customer of its own, so that one's debt keeps nobody else out. Returns their cookies. */
async function seedCustomers({ stories, ledger, stripe, phones, shop, clock }: Seeding): Promise<string[]> {
  const sdk = new Stripe(shop.stripe.secretKey, {
    host: '127.0.0.1',
    port: stripe.port,
    protocol: 'http',
    telemetry: false,
  });
  const magic = new Map(
    ((await (await fetch(`${stripe.url}/sim/cards`)).json()) as { name: string; magic: string }[]).map((card) => [
      card.name,
      card.magic,
    ]),
  );
  const cookies: string[] = [];
  for (const { number, card } of stories) {
    const id = `person-${number}`;
    await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: clock });
    const { id: stripeCustomer } = await sdk.customers.create({ email: `${id}@example.com` });
    const method = await sdk.paymentMethods.attach(magic.get(card)!, { customer: stripeCustomer });
    const { brand = 'visa', last4 = '4242' } = method.card ?? {};
    await ledger.setCard(id, { stripeCustomer, paymentMethod: method.id, brand, last4 }, clock);
    await ledger.putPushSubscription(id, phones.subscription(id), clock);
    cookies.push(await shop.cookie(id, createClock()));
  }
  return cookies;
}
