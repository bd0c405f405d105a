// Decides which request meets with which misfortune: by order, by pattern, or at random.
import type { Misfortune, Weather } from './switches.ts';

interface Planned {
  readonly misfortune: Misfortune;
  readonly matching: RegExp;
  times: number;
}

/** Longer than the SDK waits for a hold. */
const SLOW_MS = 12_000;

export class Faults {
  readonly #planned: Planned[] = [];
  #weather: Weather = { probability: 0, kinds: [], slowMs: SLOW_MS };
  /** How many requests have met with one. */
  met = 0;

  get slowMs(): number {
    return this.#weather.slowMs;
  }

  add(misfortune: Misfortune, times: number, matching: RegExp): void {
    this.#planned.push({ misfortune, times, matching });
  }

  setWeather(weather: Partial<Weather>): void {
    this.#weather = { ...this.#weather, ...weather };
  }

  next(request: string): Misfortune | undefined {
    const misfortune = this.#next(request);
    if (misfortune !== undefined) this.met += 1;
    return misfortune;
  }

  #next(request: string): Misfortune | undefined {
    const planned = this.#planned.find(({ matching }) => matching.test(request));
    if (planned !== undefined) {
      planned.times -= 1;
      if (planned.times <= 0) this.#planned.splice(this.#planned.indexOf(planned), 1);
      return planned.misfortune;
    }
    const { probability, kinds } = this.#weather;
    if (kinds.length === 0 || Math.random() >= probability) return undefined;
    return kinds[Math.floor(Math.random() * kinds.length)];
  }
}
