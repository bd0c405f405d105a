// A switch as its wire shows it: it bounces when it moves, and when the coil beside it switches or somebody shakes the case.
import { between, chance, type Random } from './dice.ts';

/** A shaken door bounces for up to 200 ms, a spike of the coil is over in one. */
const BOUNCE_MS = [1, 200] as const;
/** Between two changes of a contact that bounces. */
const FLIP_MS = [1, 60] as const;
/** Of its own moves; the others are good ones. */
const MOVE_SHARE = 0.7;
/** Contacts stand still for so long between two bounces: what bounces for longer is broken, and that is another trouble. */
const STILL_MS = 250;

export interface ContactOptions {
  readonly random: Random;
  readonly nowMs: () => number;
  /** While it bounces the firmware is simulated in full. */
  readonly stir: () => void;
}

export class Contact {
  bounces = 0;
  private readonly options: ContactOptions;
  private was = false;
  /** Moments at which the wire changes, the last of which finds it as the switch is. */
  private flips: readonly number[] = [];

  constructor(options: ContactOptions) {
    this.options = options;
  }

  /** What the wire says of a switch that is `on`. */
  read(on: boolean): boolean {
    const { random, nowMs } = this.options;
    if (on !== this.was) {
      this.was = on;
      if (chance(random, MOVE_SHARE)) this.begin(0);
    }
    const left = this.flips.filter((atMs) => atMs > nowMs()).length;
    return left % 2 === 0 ? on : !on;
  }

  /** Something shakes it, within the next `withinMs`. */
  shake(withinMs: number): void {
    if ((this.flips.at(-1) ?? Number.NEGATIVE_INFINITY) + STILL_MS > this.options.nowMs()) return;
    this.begin(between(this.options.random, 0, withinMs));
  }

  private begin(afterMs: number): void {
    const { random, nowMs, stir } = this.options;
    const fromMs = nowMs() + afterMs;
    const endMs = fromMs + between(random, ...BOUNCE_MS);
    const flips = [];
    for (let atMs = fromMs; atMs < endMs; atMs += between(random, ...FLIP_MS)) flips.push(atMs);
    // An even number of changes: it begins and ends as the switch is.
    this.flips = flips.length % 2 === 0 ? flips : [...flips, endMs];
    this.bounces += 1;
    stir();
  }
}
