// Decides which request meets with which misfortune: by order, by pattern, or by chance that can be had again.
import { type Random, seededRandom } from '../shelf/random.ts';
import type { Misfortune, Plan, Weather } from './switches.ts';

/** What one request meets with. */
export type Fate = Pick<Plan, 'misfortune' | 'slowMs' | 'shouldRetry'>;

interface Pending {
  readonly plan: Plan;
  skip: number;
  left: number;
}

/** Longer than the SDK waits for a hold. */
const SLOW_MS = 12_000;
const SEED = 1;

export class Faults {
  readonly #pending: Pending[] = [];
  #weather: Weather = { probability: 0, kinds: [], slowMs: SLOW_MS, matching: /./ };
  #random: Random = seededRandom(SEED);
  /** How many requests have met with one. */
  met = 0;

  add({
    misfortune,
    times = 1,
    skip = 0,
    matching = /./,
    slowMs,
    shouldRetry,
  }: Partial<Plan> & { misfortune: Misfortune }): void {
    const plan = { misfortune, times, skip, matching, slowMs: slowMs ?? this.#weather.slowMs };
    this.#pending.push({
      plan: { ...plan, shouldRetry: shouldRetry === undefined ? false : shouldRetry },
      skip,
      left: times,
    });
  }

  /** The same seed gives the same weather to the same requests. */
  setWeather({ seed, ...weather }: Partial<Weather> & { seed?: number }): void {
    if (seed !== undefined) this.#random = seededRandom(seed);
    this.#weather = { ...this.#weather, ...weather };
  }

  clear(): void {
    this.#pending.length = 0;
    this.#weather = { ...this.#weather, probability: 0 };
  }

  /** What is still to come, for whoever looks. */
  planned(): readonly { misfortune: Misfortune; matching: string; skip: number; left: number }[] {
    return this.#pending.map(({ plan: { misfortune, matching }, skip, left }) => {
      return { misfortune, matching: matching.source, skip, left };
    });
  }

  /** `request`: `POST /v1/payment_intents`. */
  next(request: string): Fate | undefined {
    const fate = this.#planned(request) ?? this.#byChance(request);
    if (fate !== undefined) this.met += 1;
    return fate;
  }

  #planned(request: string): Fate | undefined {
    for (const pending of this.#pending) {
      if (!pending.plan.matching.test(request)) continue;
      if (pending.skip > 0) {
        pending.skip -= 1;
        continue;
      }
      pending.left -= 1;
      if (pending.left <= 0) this.#pending.splice(this.#pending.indexOf(pending), 1);
      return pending.plan;
    }
    return undefined;
  }

  #byChance(request: string): Fate | undefined {
    const { probability, kinds, slowMs, matching } = this.#weather;
    if (probability === 0 || kinds.length === 0 || !matching.test(request)) return undefined;
    if (this.#random() >= probability) return undefined;
    return { misfortune: kinds[Math.floor(this.#random() * kinds.length)]!, slowMs, shouldRetry: false };
  }
}
