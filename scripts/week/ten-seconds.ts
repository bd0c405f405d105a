// Judges whether whom the lock let in had his ten seconds to open the door.

/** As the firmware has it (config.py, OPEN_WITHIN_MS). */
const TEN_SECONDS_MS = 10_000;
/** The lock's pin and the person's clock are read a moment apart. */
const SLACK_MS = 50;

export class TenSeconds {
  lost = 0;
  private readonly nowMs: () => number;
  private readonly say: (line: string) => void;
  private sinceMs: number | undefined;

  constructor(nowMs: () => number, say: (line: string) => void) {
    this.nowMs = nowMs;
    this.say = say;
  }

  released(): void {
    this.sinceMs = this.nowMs();
  }

  /** The door itself, not its contact: who has opened it had what is his. */
  opened(): void {
    this.sinceMs = undefined;
  }

  /** The supply is gone: nobody is promised anything. */
  dark(): void {
    this.sinceMs = undefined;
  }

  /** The lock shut, or the chip started anew by itself. */
  locked(why: string): void {
    const { sinceMs } = this;
    this.sinceMs = undefined;
    if (sinceMs === undefined) return;
    const hadMs = this.nowMs() - sinceMs;
    if (hadMs >= TEN_SECONDS_MS - SLACK_MS) return;
    this.lost += 1;
    this.say(`ROBBED of his ten seconds after ${Math.round(hadMs)} ms: ${why}`);
  }
}
