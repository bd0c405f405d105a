// Seeded chance: a stream of its own for each thing that happens, so that one more visit does not change the weather.
import { type Random, seededRandom } from '../../sim/src/shelf/random.ts';

export type { Random };

const STREAM_STEP = 7_919;

export function dice(seed: number, stream: number): Random {
  return seededRandom(seed * STREAM_STEP + stream);
}

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** Short ones are common, long ones happen: each factor of ten is as likely as the next. */
export function logBetween(random: Random, least: number, most: number): number {
  return least * (most / least) ** random();
}

/** Time to the next of things that happen by themselves, so many a day. */
export function nextMs(random: Random, perDay: number): number {
  return (-Math.log(1 - random()) / perDay) * DAY_MS;
}

export const DAY_MS = 24 * 3_600_000;

export function pick<T>(random: Random, weighted: readonly (readonly [number, T])[]): T {
  let left = random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of weighted) {
    left -= weight;
    if (left < 0) return value;
  }
  return weighted.at(-1)![1];
}
