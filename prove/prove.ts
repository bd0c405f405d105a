// The proof itself: starts everything, tells the stories, kills, heals, waits until it is quiet, and has it judged.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Visit } from '@tapcase/domain';
import { startStripe } from '@tapcase/sim/stripe/start-stripe';
import type { Misfortune } from '@tapcase/sim/stripe/switches';
import { openLedger } from '../ledger/src/open.ts';
import type { Ledger } from '../ledger/src/port.ts';
import { openPostgresLedger } from '../ledger/src/postgres.ts';
import { mosquittoProgram, startMosquitto } from '../test/mosquitto.ts';
import { postgresProgram, startPostgres } from '../test/postgres.ts';
import { auditAll, type Told, type Verdict } from './audit.ts';
import { fileBackups, postgresBackups } from './backup.ts';
import { Case } from './case.ts';
import { createClock, runClock } from './clock.ts';
import { Cloud } from './cloud.ts';
import { Clouds } from './clouds.ts';
import { seedCustomers } from './customers.ts';
import { lendHands } from './hands.ts';
import { phoneAddress, startPhones, tap } from './phones.ts';
import { start } from './process.ts';
import { quieting } from './quiet.ts';
import { seeded } from './random.ts';
import { cloudAccount, freePorts, moneyNodes, planShop } from './shop.ts';
import { hireStaff, type ReviewForm } from './staff.ts';
import { nameOf, writeStories } from './stories.ts';
import { befall, planTroubles, type Shop, type Trouble } from './troubles.ts';

export interface ProveOptions {
  readonly folder: string;
  readonly store: 'sqlite' | 'postgres';
  readonly visits: number;
  readonly kills: number;
  readonly seed: number;
  readonly cases: number;
  /** Of the cloud, on one ledger. More than one want a Mosquitto, which shares what cases say among them. */
  readonly instances?: number;
  readonly log: (line: string) => void;
  readonly verbose?: boolean;
}

export interface Proof extends Omit<Verdict, 'findings'> {
  readonly visits: number;
  readonly instances: number;
  /** Customers who were let in; one who was not may have been refused for a good reason, but not many. */
  readonly letIn: number;
  /** Visits by what the customers did, or somebody at Stripe's dashboard; and how often each trouble met somebody. */
  readonly stories: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly faults: number;
  /** What the phones were told at the door. */
  readonly answers: Readonly<Record<string, number>>;
  readonly store: string;
  readonly seed: number;
  readonly seconds: number;
  /** How many kills hit the point they were meant for. */
  readonly aimed: number;
  /** How many were meant for a hand-over between two nodes. */
  readonly atHandOvers: number;
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
/** How long the cloud lies dead before it is started again; an unlock lives for 10 s, a lease on a frame for 5. */
const OUTAGES_MS = [0, 0, 500, 500, 2_000, 2_000, 4_000, 4_000, 6_000, 15_000] as const;
/** A proof in which fewer were let in, or fewer of those paid, would have proved little. */
const LET_IN_MIN = 0.85;
const CHARGED_MIN = 0.6;
/** Between two nodes a message is nobody's: so many of the kills are meant for there. */
const HAND_OVERS_MIN = 0.5;
/** In a proof of so many kills each trouble meets somebody, and the rest is as it was meant. */
const TROUBLED_KILLS = 40;
/** A kill whose point is not reached within this comes anyway. */
const AIM_MS_MAX = 1_800;
/** Before a day is leapt over, visits that run have so long to end. */
const CALM_MS = 20_000;
/** A phone asks for so long. */
const PATIENCE_MS = 120_000;
/** Where the forms of the tab `87 Reviews` arrive. */
const REVIEWS_FORM = 'reviews.from-form';
const DAY_MS = 86_400_000;
/** How often, by the wall, it is looked whether a dead instance has lain there for long enough. */
const LOOK_MS = 20;
/** How often staff look. */
const STAFF_MS = 700;
const VISITS_MAX = 1_000_000;
/** Under which key a card is charged while its owner is away. */
const CHARGE_KEY = /:charge:\d+$/;
/** Of so many visits one is likely to be charged beside its hold. */
const CROWD = 4;
/** Such a charge comes within this, or not in this life. */
const CHARGE_MS_MAX = 10_000;

export async function prove(options: ProveOptions): Promise<Proof> {
  const closers: (() => Promise<unknown> | undefined)[] = [];
  try {
    return await proof(options, (close) => void closers.unshift(close));
  } finally {
    // In reverse, whatever went wrong: nobody is left behind.
    for (const close of closers) await close();
  }
}

/** `afterwards` takes what must be closed. */
async function proof(
  options: ProveOptions,
  afterwards: (close: () => Promise<unknown> | undefined) => void,
): Promise<Proof> {
  const startedMs = Date.now();
  const { folder, store, visits, kills, seed, log, instances = 1 } = options;
  const random = seeded(seed);
  const clock = createClock();
  const [shopPort, brokerPort, stripePort, pushPort, ...others] = (await freePorts(3 + instances)) as [
    number,
    number,
    number,
    number,
    ...number[],
  ];
  const postgres = store === 'postgres' ? await startPostgres(postgresProgram()) : undefined;
  afterwards(() => postgres?.stop());
  let databaseUrl = (await postgres?.database()) ?? '';
  const caseIds = Array.from({ length: options.cases }, (_, number) => `c${number + 1}`);
  const ports = { shop: shopPort, broker: brokerPort, stripe: stripePort, push: pushPort };
  const shop = planShop({ folder, caseIds, ports, databaseUrl, others }, ROOT);
  const stories = writeStories(visits, caseIds, shop.catalog, random);
  const shopUrls = [shopPort, ...others].map((port) => `http://127.0.0.1:${port}`);

  /** Where the ledger is, once one was put back. */
  let place: Readonly<Record<string, string>> = {};
  const backups =
    postgres === undefined
      ? fileBackups(folder, shop.ledgerFile)
      : postgresBackups(folder, databaseUrl, postgres, postgresProgram());
  /** Nodes through which something has passed: a kill aimed there meets somebody. */
  const passed = new Set<string>();
  const clouds = shop.environments.map(
    (environment, instance) =>
      new Cloud({
        // Also where its ledger was put back.
        environment: () => ({ ...environment, ...place }),
        wakeFile: join(folder, `wake-${instance}`),
        clock,
        onPassed: (found) => {
          for (const node of found) passed.add(node);
        },
        onLine: (line) => {
          if (options.verbose === true || /^tapcase:|cannot start/.test(line)) log(`cloud ${instance + 1}: ${line}`);
        },
      }),
  );
  const cloud = new Clouds(clouds);
  afterwards(() => cloud.close());
  let asked = 0;
  let aimAtStripe: { stage: 'received' | 'executed'; left: number; victim: Cloud; key?: RegExp } | undefined;
  /** A copy of the ledger is made when Stripe is next asked for a charge. */
  let isCopyWanted = false;
  let isCopied = false;
  /** So many had been let in when it was put back. */
  let restoredAt = 0;
  /** Whose receipt had not been shown when a day went by at once, and when that was. */
  const unshown = new Map<string, number>();
  let hands: ReturnType<typeof lendHands> | undefined;
  const stripe = await startStripe({
    ...shop.stripe,
    port: stripePort,
    webhookUrl: `${shopUrls[0]}/api/stripe/webhook`,
    now: clock.nowMs,
    stateFile: join(folder, 'stripe.sqlite'),
    onRequest: async (stage, { idempotencyKey = '' }) => {
      asked += 1;
      if (stage === 'executed') hands?.look();
      if (isCopyWanted && stage === 'received' && CHARGE_KEY.test(idempotencyKey)) {
        isCopyWanted = false;
        await backups.make();
        isCopied = true;
      }
      if (aimAtStripe === undefined || aimAtStripe.stage !== stage) return;
      if (aimAtStripe.key?.test(idempotencyKey) === false) return;
      aimAtStripe.left -= 1;
      if (aimAtStripe.left > 0) return;
      const { victim } = aimAtStripe;
      aimAtStripe = undefined;
      victim.shoot();
    },
  });
  afterwards(() => stripe.close());
  const phones = await startPhones(pushPort);
  afterwards(() => phones.close());
  const openBooks = (): Promise<Ledger> =>
    store === 'postgres'
      ? openPostgresLedger({ url: databaseUrl, poolMax: 4 })
      : openLedger({ file: place.LEDGER_FILE ?? shop.ledgerFile });
  let ledger = await openBooks();
  afterwards(() => ledger.close());
  log(`${visits} customers get a card`);
  const { cookies, customers, sdk } = await seedCustomers({ stories, ledger, stripe, phones, shop, clock });
  hands = lendHands({ stories, customers, stripe, sdk, random: seeded(seed + 2) });

  const broker = await startBroker();
  afterwards(() => broker.close());
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
  afterwards(() => Promise.all([...cases.values()].map((each) => each.close())));
  // The stories run while the cloud dies and lives; visits are let in at the pace of the kills.
  const told = new Map<string, Told>();
  let killed = 0;
  let finished = 0;
  let tapping = 0;
  let isPaused = false;
  /** Let in beside them, so that a trouble meets somebody who is charged. */
  let crowd = 0;
  const answers: Record<string, number> = {};
  /** Some for every life of the cloud, so that each kill meets somebody; the last when nobody kills any more. */
  const pace = () => (killed === kills ? visits : Math.ceil(((killed + 2) / (kills + 3)) * visits) + crowd);
  const queues = caseIds.map((id) => stories.filter((story) => story.caseId === id));
  const workers = queues.map(async (queue) => {
    for (const story of queue) {
      while (isPaused || story.number >= pace()) await clock.wait(50);
      tapping += 1;
      const { caseId, number } = story;
      const requestId = `story-${seed}-${number}`;
      const phone = { cookie: cookies[number]!, address: phoneAddress(number), first: number };
      const request = { shopUrls, caseId, requestId, ...phone };
      const untilMs = clock.nowMs() + PATIENCE_MS;
      const answer = await tap(request, () => clock.nowMs() < untilMs);
      if (answer.kind === 'in') {
        told.set(answer.visitId, { story, reported: false });
        cases.get(caseId)!.expect(answer.visitId, story);
      }
      const word = answer.kind === 'no' ? answer.code : answer.kind;
      answers[word] = (answers[word] ?? 0) + 1;
      finished += 1;
      tapping -= 1;
    }
  });
  const everybody = Promise.all(workers);
  const handIn = (form: ReviewForm) => cloud.press(REVIEWS_FORM, form);
  const staff = hireStaff(() => ledger, shop.catalog, seeded(seed + 1), handIn);
  let isOver = false;
  // The store, too, must keep up.
  const keepsUp = async () => (await cloud.keepsUp()) && (await ledger.faultCounts()) !== undefined;
  const time = runClock(clock, keepsUp, () => isOver);
  afterwards(() => {
    isOver = true;
    return time.catch(() => {});
  });
  let isStaffThere = true;
  const shift = async () => {
    for (; isStaffThere; await clock.wait(STAFF_MS)) await staff.press();
    // At the end they are asked once for each tick.
    await time;
  };
  const nodes = random.shuffled(moneyNodes(shop.flows));
  let lastBrokerKill = 0;
  let aimed = 0;
  let atHandOvers = 0;
  const befell: Record<string, number> = { restore: 0, zombie: 0, clock: 0 };
  const troubles = planTroubles(Math.ceil(kills / instances));
  /** Those whose life has come, and who have met nobody yet. */
  const awaited: Trouble[] = [];
  /** Nobody starts before it resolves. */
  let gate = Promise.resolve();
  // Whoever of the three fails ends the proof.
  await Promise.race([Promise.all(clouds.map(lives)).then(rest), time, shift()]);
  isOver = true;
  await time;
  for (const [visitId, { story }] of told) {
    told.set(visitId, { story, reported: cases.get(story.caseId)!.told.has(visitId) });
  }
  await cloud.stop();
  await hands.idle();
  const { findings, ...counts } = await auditAll(ledger, stripe.books, {
    ...{ told, receipts: phones.receipts, hands: hands.done, restoredAt, isTooOld },
  });
  const { doubleCharged, overCharged, lost, stuckHolds, stuckVisits, unlearnt } = counts;
  const bad = [doubleCharged, overCharged, lost, stuckHolds, stuckVisits, unlearnt];
  const letIn = told.size;
  const few = [
    ...(letIn < LET_IN_MIN * visits ? [`let in were ${letIn} of ${visits}: ${JSON.stringify(answers)}`] : []),
    ...(kills >= TROUBLED_KILLS && atHandOvers < HAND_OVERS_MIN * kills
      ? [`only ${atHandOvers} of ${kills} kills were meant for hand-overs`]
      : []),
    ...Object.entries(kills < TROUBLED_KILLS ? {} : befell).flatMap(([name, times]) =>
      times === 0 ? [`${name} met nobody`] : [],
    ),
    ...(counts.charged < CHARGED_MIN * letIn ? [`charged were ${counts.charged} of ${letIn} who were let in`] : []),
  ];
  return {
    visits,
    instances,
    letIn,
    stories: {
      ...countBy(
        stories.filter(({ hand }) => hand === undefined),
        nameOf,
      ),
      ...countBy([...hands.done.values()], ({ hand }) => `dashboard-${hand}`),
      ...befell,
    },
    kills: killed,
    faults: stripe.faultsMet(),
    ...counts,
    answers,
    store,
    seed,
    aimed,
    atHandOvers,
    seconds: Math.round((Date.now() - startedMs) / 1_000),
    isClean: few.length === 0 && [...bad, counts.receiptsMissing].every((count) => count === 0),
    findings: [...findings, ...few],
  };

  /** One instance lives and dies, as often as its share of the kills; the others go on meanwhile. */
  async function lives(victim: Cloud, instance: number): Promise<void> {
    for (let number = instance; number < kills; number += instances) {
      await gate;
      rough(number);
      if (instance === 0) awaited.push(...(troubles.get(number / instances) ?? []));
      const trouble = instance === 0 ? nextTrouble() : undefined;
      if (trouble !== undefined) {
        crowd = CROWD;
        const hit = await befall(trouble, victim, shopFor(victim));
        crowd = 0;
        const name = trouble.startsWith('clock') ? 'clock' : trouble;
        if (hit) befell[name] = (befell[name] ?? 0) + 1;
        log(`${trouble}: ${hit ? 'met somebody' : 'met nobody'}`);
        if (!hit) awaited.push(trouble);
        killed += 1;
        continue;
      }
      const aim = chooseAim(number);
      if (isHandOver(aim.failAt)) atHandOvers += 1;
      const isReady = await victim.start(aim.failAt);
      if (isReady && aim.stripe !== undefined) aimAtStripe = { ...aim.stripe, victim };
      const limitMs = aim.failAt === '' && aim.stripe === undefined ? random.whole(50, 1_500) : AIM_MS_MAX;
      const hit = await Promise.race([victim.ended.then(() => true), clock.wait(limitMs).then(() => false)]);
      if (aimAtStripe?.victim === victim) aimAtStripe = undefined;
      if (hit) aimed += 1;
      else await victim.kill();
      killed += 1;
      if (number < kills - instances) await lieDead(random.pick(OUTAGES_MS));
      if (killed - lastBrokerKill >= 12) {
        lastBrokerKill = killed;
        await broker.restart();
      }
      if (killed % 10 === 0)
        log(`${killed} kills (${aimed} where they were aimed), ${finished} of ${visits} stories told`);
    }
  }

  /** The first that waits for its life; a ledger is put back once there is a copy of it. */
  function nextTrouble(): Trouble | undefined {
    const isWithoutCopy = awaited[0] === 'restore' && !isCopied;
    if (awaited.includes('restore')) isCopyWanted = !isCopied;
    return awaited.splice(isWithoutCopy ? 1 : 0, 1)[0];
  }

  /** What a trouble may do to the shop, whose first instance it strikes. */
  function shopFor(victim: Cloud): Shop {
    const others = clouds.filter((each) => each !== victim);
    return {
      ...{ clock, stripe, clouds: cloud, others, log, calm, ledger: () => ledger },
      pause: () => {
        isPaused = true;
      },
      goOn: () => {
        isPaused = false;
      },
      stopAll: async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate = promise;
        await Promise.all(clouds.map((each) => each.kill()));
        return { release: resolve };
      },
      dieAtCharge: async () => {
        if (await victim.start('')) aimAtStripe = { stage: 'executed', left: 1, victim, key: CHARGE_KEY };
        const late = clock.wait(CHARGE_MS_MAX).then(() => false);
        const hit = await Promise.race([victim.ended.then(() => true), late]);
        if (aimAtStripe?.victim === victim) aimAtStripe = undefined;
        return hit;
      },
      dayGoesBy: noteUnshown,
      leap: (ms) => {
        noteUnshown();
        clock.advance(ms);
        stripe.advance(0);
      },
      putBack: async () => {
        stripe.weather({ probability: 0 });
        place = await backups.putBack();
        restoredAt = told.size;
        databaseUrl = place.DATABASE_URL ?? databaseUrl;
        const old = ledger;
        ledger = await openBooks();
        // Whoever still reads in it reads to the end.
        afterwards(() => old.close());
      },
      environment: () => ({ ...shop.environment, ...place }),
    };
  }

  function noteUnshown(): void {
    for (const id of told.keys()) if (!phones.receipts.has(id)) unshown.set(id, clock.nowMs());
  }

  /** The shop rings nobody for a visit that ended a day ago: the page has the receipt. */
  function isTooOld({ id, endedAtMs }: Visit): boolean {
    return endedAtMs !== null && endedAtMs <= (unshown.get(id) ?? 0);
  }

  /** Until no visit runs and no phone asks; not for longer than a while, and not where nobody lives who could end it. */
  async function calm(): Promise<void> {
    for (const untilMs = clock.nowMs() + CALM_MS; clock.nowMs() < untilMs; await setTimeout(LOOK_MS * 10)) {
      if (!clouds.some(({ isUp }) => isUp)) return;
      const visits = await ledger.latestVisits({ flagged: false, limit: VISITS_MAX });
      if (tapping === 0 && visits.every(({ phase }) => phase === 'done')) return;
    }
  }

  /** The others live through it; where nobody lives the clock stands still, and must be moved. */
  async function lieDead(ms: number): Promise<void> {
    for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; await setTimeout(LOOK_MS)) {
      if (!clouds.some(({ isUp }) => isUp)) clock.advance(untilMs - clock.nowMs());
    }
  }

  /** More than half of them at a hand-over, and most of these where something is known to pass. */
  function chooseAim(number: number): { failAt: string; stripe?: { stage: 'received' | 'executed'; left: number } } {
    const roll = atHandOvers < HAND_OVERS_MIN * (killed + instances) ? 1 : random.next();
    if (roll < 0.08) return { failAt: '' };
    if (roll < 0.25) {
      return { failAt: '', stripe: { stage: random.pick(['received', 'executed']), left: random.whole(1, 6) } };
    }
    if (roll < 0.35) return { failAt: `commit:${random.pick(['before', 'after'])}:${random.whole(3, 40)}` };
    const busy = nodes.filter((node) => passed.has(node));
    const from = busy.length > 0 && random.chance(0.8) ? busy : nodes;
    return { failAt: `${from[number % from.length]}:${random.pick(['receive', 'send'])}:${random.whole(1, 3)}` };
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

  /** The laptop's broker for one instance; for more of them one that shares. Both can be killed and started again. */
  async function startBroker(): Promise<{ restart(): Promise<void>; close(): Promise<void> }> {
    const { cloud: ours, device } = shop.brokerPasswords;
    if (instances > 1) {
      const accounts = clouds.map((_, instance) => cloudAccount(instance));
      const devices = caseIds.flatMap((id) => [`${id}-controller`, `${id}-pi`]);
      const access = caseIds.map(
        (id) => `user ${id}-controller
topic read case/${id}/cmd
topic write case/${id}/door
topic write case/${id}/status
user ${id}-pi
topic read case/${id}/vision/cmd
topic write case/${id}/vision`,
      );
      return startMosquitto(mosquittoProgram(), {
        passwords: new Map([...accounts.map((user) => [user, ours]), ...devices.map((user) => [user, device])] as [
          string,
          string,
        ][]),
        access: access.join('\n'),
        clouds: accounts.slice(1),
        port: brokerPort,
      });
    }
    const words = [String(brokerPort), caseIds.join(','), ours, device];
    const begin = async () => {
      const begun = start({ script: join(ROOT, 'prove', 'broker.ts'), args: words });
      await begun.ready;
      return begun;
    };
    let running = await begin();
    return {
      restart: async () => {
        await running.kill();
        running = await begin();
      },
      close: () => running.kill(),
    };
  }

  /** Everything is well again, and the clock runs until nothing is left to do. */
  async function rest(): Promise<void> {
    stripe.weather({ probability: 0 });
    stripe.deliver({ kind: 'normal' });
    for (const each of clouds) if (!(await each.start(''))) throw new Error('the cloud did not come back');
    await everybody;
    await hands?.idle();
    log('all stories told; waiting until it is quiet');
    isStaffThere = false;
    const { still, untilQuiet, auditDay } = quieting({
      ...{ clock, cloud, stripe, phones, cases, staff, isTooOld, log },
      ...{ ledger: () => ledger, asked: () => asked },
    });
    await still();
    await untilQuiet();
    log('quiet; the books of each day are compared');
    const sinceMs = startedMs - DAY_MS;
    for (let dayMs = sinceMs; dayMs < clock.nowMs() + DAY_MS; dayMs += DAY_MS) await auditDay(dayMs);
    await untilQuiet();
  }
}

/** `settle.price:receive:3`, and no commit or nowhere. */
function isHandOver(failAt: string): boolean {
  return failAt !== '' && !failAt.startsWith('commit:');
}

function countBy<T>(all: readonly T[], wordOf: (each: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) counts[wordOf(each)] = (counts[wordOf(each)] ?? 0) + 1;
  return counts;
}
