// What befalls the shop beside plain kills, each once or more in a proof: an instance that sleeps at a charge for a day, clocks that
// are wrong across a kill, yesterday's ledger put back. Each counts only where it met somebody.
import { setTimeout } from 'node:timers/promises';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { Ledger } from '../ledger/src/port.ts';
import { restoreCheck } from '../scripts/ledger/restore-check.ts';
import type { Clock } from './clock.ts';
import { type Cloud, SLEEP } from './cloud.ts';
import type { Clouds } from './clouds.ts';

export type Trouble = 'zombie' | 'clock-behind' | 'clock-ahead' | 'restore';

export interface Shop {
  readonly clock: Clock;
  readonly stripe: RunningStripe;
  readonly clouds: Clouds;
  readonly others: readonly Cloud[];
  /** Lets nobody in any more, until `goOn`; what runs may end. */
  pause(): void;
  goOn(): void;
  /** Resolves when no visit runs, or after a while, or when nobody lives who could end it. */
  calm(): Promise<void>;
  /** Kills all, and lets none of them start before `release` is called. */
  stopAll(): Promise<{ release: () => void }>;
  /** Starts it with this point, and kills it where Stripe has just charged somebody; whether it came to that. */
  dieAtCharge(victim: Cloud): Promise<boolean>;
  /** Stripe forgets keys, what is due is due: for everybody. */
  leap(ms: number): void;
  /** Only the shop believes that a day has gone by. */
  dayGoesBy(): void;
  /** From now on the ledger is yesterday's. */
  putBack(): Promise<void>;
  ledger(): Ledger;
  /** How the check at the command line finds ledger and Stripe. */
  environment(): Readonly<Record<string, string>>;
  log(line: string): void;
}

const HOUR_MS = 3_600_000;
/** Stripe keeps a key for a day. */
const DAY_AND_MORE_MS = 25 * HOUR_MS;
const DOWN_MS = 26 * HOUR_MS;
const BEHIND_MS = 5 * HOUR_MS;
const AHEAD_MS = 30 * HOUR_MS;
/** Nobody else sends a step that was just sent. */
const LEASE_MS = 35_000;
/** A charge that an instance is to sleep at comes within this, or not in this life. */
const CHARGE_MS_MAX = 8_000;
/** The job that balances the books; it runs by itself half a minute after the start, and when it is pressed. */
const BOOKS = 'books.audit';
const SWEEP = 'clock.due';
/** How often, and how many times, it is looked whether a restored ledger was recognised. */
const LOOK_MS = 250;
const LOOKS_MAX = 400;
/** How many lives lie between two troubles at least, and how many troubles there are at least. */
const LIVES_BETWEEN = 20;
const CYCLE = ['zombie', 'clock-behind', 'clock-ahead'] as const;

/** Which lives of one instance meet with a trouble, or the next that is free. The copy to put back is made meanwhile. */
export function planTroubles(lives: number): ReadonlyMap<number, readonly Trouble[]> {
  const wanted = Math.max(CYCLE.length + 1, Math.round(lives / LIVES_BETWEEN));
  const count = Math.max(0, Math.min(lives - 1, wanted));
  const kinds = Array.from({ length: count }, (_, at): Trouble => (at === 3 ? 'restore' : CYCLE[at % 3]!));
  return Map.groupBy(kinds, (_, at) => Math.floor(((at + 1) * lives) / (count + 1)));
}

/** Whether it met somebody. The victim is dead before and afterwards. Throws what proves the shop wrong. */
export async function befall(kind: Trouble, victim: Cloud, shop: Shop): Promise<boolean> {
  try {
    return await ACTS[kind](victim, shop);
  } finally {
    await victim.kill();
    for (const each of [victim, ...shop.others]) each.skewMs = 0;
    shop.goOn();
  }
}

/** Another instance ends what it slept over, if there is one; a day later it wakes. */
async function sleepAtCharge(victim: Cloud, shop: Shop): Promise<boolean> {
  const { clock, stripe, clouds } = shop;
  if (!(await victim.start(SLEEP)) && !(await victim.isAsleep())) return false;
  const hit = await Promise.race([
    victim.slept,
    victim.ended.then(() => false),
    clock.wait(CHARGE_MS_MAX).then(() => false),
  ]);
  if (!hit) return false;
  shop.pause();
  await shop.calm();
  clock.advance(LEASE_MS);
  clouds.press(SWEEP, {});
  await shop.calm();
  shop.leap(DAY_AND_MORE_MS);
  // A server does not hold the line for a day.
  stripe.hangUp();
  victim.wake();
  await shop.calm();
  return true;
}

/** Killed between charge and record, down for 26 hours, and then five hours behind. */
async function behind(victim: Cloud, shop: Shop): Promise<boolean> {
  if (!(await shop.dieAtCharge(victim))) return false;
  shop.pause();
  const { release } = await shop.stopAll();
  shop.leap(DOWN_MS);
  for (const each of [victim, ...shop.others]) each.skewMs = -BEHIND_MS;
  release();
  await victim.start('');
  await shop.calm();
  return true;
}

/** 30 hours ahead when it dies at a charge; whoever comes after is right. */
async function ahead(victim: Cloud, shop: Shop): Promise<boolean> {
  shop.dayGoesBy();
  victim.skewMs = AHEAD_MS;
  const hit = await shop.dieAtCharge(victim);
  // What others have ended meanwhile, it may have found a day old.
  shop.dayGoesBy();
  return hit;
}

/** As docs/payments.md says it: recognised first, for nobody thinks of the check before the cloud stands still. */
async function restore(victim: Cloud, shop: Shop): Promise<boolean> {
  await victim.start('');
  shop.pause();
  await shop.calm();
  const { release } = await shop.stopAll();
  try {
    shop.leap(DAY_AND_MORE_MS);
    await shop.putBack();
    if (await nothingStrange(shop)) return false;
    await victim.start('');
    if (!(await isRecognised(victim, shop))) throw new Error('a ledger that was put back was not recognised');
    await victim.kill();
    const said: string[] = [];
    const check = (...args: string[]) =>
      restoreCheck(args, {
        environment: shop.environment(),
        now: shop.clock.nowMs,
        ...{ out: (text) => said.push(text), err: (text) => said.push(text) },
      });
    const code = (await check('--repair')) === 0 ? 0 : await check('--accept');
    shop.log(`a ledger was put back: ${said.at(-1)?.trim()}`);
    if (code !== 0) throw new Error(`the repair of a ledger that was put back failed: ${said.join('')}`);
  } finally {
    release();
  }
  await victim.start('');
  await shop.calm();
  return true;
}

/** The check alone, which changes nothing where something differs. */
async function nothingStrange(shop: Shop): Promise<boolean> {
  const quiet = () => {};
  return (
    (await restoreCheck([], { environment: shop.environment(), now: shop.clock.nowMs, out: quiet, err: quiet })) === 0
  );
}

async function isRecognised(victim: Cloud, shop: Shop): Promise<boolean> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    // By itself it looks half a minute after the start; pressed again where Stripe had a bad moment.
    if (looks % 20 === 0) victim.press(BOOKS, {});
    if ((await shop.ledger().moneyGuard()).stoppedAtMs !== null) return true;
    await setTimeout(LOOK_MS);
  }
  return false;
}

const ACTS: Readonly<Record<Trouble, (victim: Cloud, shop: Shop) => Promise<boolean>>> = {
  zombie: sleepAtCharge,
  'clock-behind': behind,
  'clock-ahead': ahead,
  restore,
};
