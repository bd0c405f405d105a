// The time of a simulated week: events of the world in order, promises settled between them, and a firmware at rest that is
// woken less often.
import { VirtualClock } from '../../sim/src/case/clock.ts';

/**
 * While nothing happens at the case its loop may wake this late: a loop that stands still for half a second is one that the
 * firmware must bear, far below its watchdog's 8 s, and it is what makes a week a matter of minutes.
 */
const CALM_LAG_MS = 500;
/** After anything happened at the door the loop keeps its own pace for this long; after a word of the radio, for less. */
const STIR_MS = 3_000;
export const RADIO_STIR_MS = 40;

export class World {
  readonly clock: VirtualClock;
  private stirredUntilMs = 0;
  private dirty = false;
  private readonly working = new Set<Promise<unknown>>();
  private readonly lagMs: number;
  private failure: unknown;

  constructor(lagMs: number = CALM_LAG_MS) {
    this.lagMs = lagMs;
    this.clock = new VirtualClock(() => (this.clock.nowMs() < this.stirredUntilMs ? 0 : this.lagMs));
  }

  /** Something happens at the case: its firmware is simulated in full for a while. */
  stir(forMs: number = STIR_MS): void {
    this.stirredUntilMs = Math.max(this.stirredUntilMs, this.clock.nowMs() + forMs);
    this.dirty = true;
  }

  after(ms: number, call: () => void): void {
    this.clock.after(ms, () => {
      this.dirty = true;
      call();
    });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** True as soon as `look` is, false when it never was. */
  async until(look: () => boolean, msMax: number, stepMs = 100): Promise<boolean> {
    const endMs = this.clock.nowMs() + msMax;
    while (!look()) {
      if (this.clock.nowMs() >= endMs) return false;
      await this.sleep(stepMs);
    }
    return true;
  }

  /** Time stands still until this is done. What it throws ends the run. */
  hold(work: Promise<unknown>): void {
    const held = work.catch((thrown: unknown) => {
      this.failure ??= thrown;
    });
    this.working.add(held);
    this.dirty = true;
    void held.finally(() => this.working.delete(held));
  }

  /** Goes on beside the clock: may sleep in it. */
  spawn(work: Promise<unknown>): void {
    void work.catch((thrown: unknown) => {
      this.failure ??= thrown;
    });
    this.dirty = true;
  }

  async run(ms: number): Promise<void> {
    await this.settled();
    await this.clock.advance(ms, () => (this.dirty ? this.settled() : undefined));
  }

  private async settled(): Promise<void> {
    do {
      this.dirty = false;
      // All that is awaited here ends in microtasks or in what `hold` was given.
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(this.working);
    } while (this.dirty || this.working.size > 0);
    if (this.failure !== undefined) throw this.failure;
  }
}
