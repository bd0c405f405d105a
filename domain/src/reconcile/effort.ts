// The hard bound on the work for one visit: whatever the evidence, a basket comes in bounded time, and says so if the
// bound was reached.

/** Partial baskets, draws and ways tried together: about a tenth of a second on a small machine. */
export const WORK_MAX = 500_000;

export class Effort {
  private spent = 0;
  private stopped = false;

  /** Counts one thing tried; false once there have been too many: then nothing more is tried. */
  step(): boolean {
    if (this.isOver) return false;
    this.spent += 1;
    return true;
  }

  /** Some other bound was reached. */
  stop(): void {
    this.stopped = true;
  }

  get isOver(): boolean {
    return this.stopped || this.spent >= WORK_MAX;
  }

  get tried(): number {
    return this.spent;
  }
}
