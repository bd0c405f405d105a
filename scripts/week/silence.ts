// Judges how long a powered modem carried nothing while nobody did anything about it.

/** A step of the ladder is due within this, whatever is silent. */
export const SILENCE_S_MAX = 600;

export class Silence {
  longestMs = 0;
  /** Of the last that the case said or heard and that arrived. */
  carriedAtMs = 0;
  private readonly nowMs: () => number;
  private readonly say: (line: string) => void;
  /** None while it has no power. */
  private sinceMs: number | undefined;

  constructor(nowMs: () => number, say: (line: string) => void) {
    this.nowMs = nowMs;
    this.say = say;
  }

  /** It said something that the broker took, or heard something. */
  carried(): void {
    this.carriedAtMs = this.nowMs();
    this.step();
  }

  /** The board starts, an attempt to connect begins, its key is pressed or its supply is cut. */
  step(): void {
    this.end();
    this.sinceMs = this.nowMs();
  }

  /** No power, or the end: what was silent until now counts. */
  end(): void {
    const { sinceMs } = this;
    this.sinceMs = undefined;
    if (sinceMs === undefined) return;
    const silentMs = this.nowMs() - sinceMs;
    this.longestMs = Math.max(this.longestMs, silentMs);
    if (silentMs > SILENCE_S_MAX * 1_000) this.say(`SILENT for ${Math.round(silentMs / 1_000)} s without a step`);
  }
}
