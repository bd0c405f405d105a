// Judges the resets of a simulated week: what the case says about each must fit what was done to it.

/** How a chip says that it starts: after the supply was gone, by its watchdog, or because it was asked to. */
type Cause = 'power' | 'watchdog' | 'hard' | 'sleep' | 'soft';

interface Told {
  readonly cause: string;
  readonly count: number;
}

interface Life {
  /** What its statuses must say. */
  readonly cause: string;
  untilMs: number;
}

/** A frame of the life before may hang in the network for so long. */
const LATE_MS = 120_000;

export interface ResetsOptions {
  readonly nowMs: () => number;
  /** Whether there is an update that a case may restart for. */
  readonly isUpdating: () => boolean;
  /** Whether the radio has carried nothing for so long that the ladder may end with the board itself. */
  readonly isCutOff: () => boolean;
  readonly say: (line: string) => void;
}

export class Resets {
  unexplained = 0;
  private readonly options: ResetsOptions;
  private readonly lives: Life[] = [];
  private asked: string | undefined;

  constructor(options: ResetsOptions) {
    this.options = options;
  }

  booted(cause: Cause): void {
    const before = this.lives.at(-1);
    if (before !== undefined) before.untilMs = this.options.nowMs();
    const says = cause === 'hard' ? (this.asked ?? 'hard') : cause;
    this.lives.push({ cause: says, untilMs: Number.POSITIVE_INFINITY });
  }

  /** The chip has reset itself. Only an update is a reason for that, and a radio that no step of its ladder brought back. */
  reset(reason: string, mark: string | undefined): void {
    this.asked = mark;
    const { isUpdating, isCutOff } = this.options;
    const isMeant = (mark === 'update' && isUpdating()) || (mark === 'radio' && isCutOff());
    const isFine = reason !== 'watchdog' && isMeant;
    this.options.say(`${isFine ? 'reset' : 'RESET'}: ${reason}, for ${mark ?? 'nothing'}`);
    if (!isFine) this.unexplained += 1;
  }

  /** A status says why its case has started. */
  told({ cause, count }: Told): void {
    const nowMs = this.options.nowMs();
    const recent = this.lives.filter(({ untilMs }) => untilMs > nowMs - LATE_MS);
    if (recent.some((life) => life.cause === cause) && count <= this.lives.length) return;
    this.unexplained += 1;
    this.options.say(`RESET that says ${cause}, number ${count} of ${this.lives.length}`);
  }
}
