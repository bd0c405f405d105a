// Judges whether the lock was ever released without a command that was on its way and still good.
import type { Frame } from './broker.ts';

interface Unlock {
  readonly visit: string;
  readonly untilMs: number;
}

/** An unlock lives for ten seconds, its clocks are whole seconds off by some; the controller may weigh for four first. */
const UNLOCK_LIFE_MS = 45_000;
/** A command that was delivered is obeyed within this. */
const OBEYED_MS = 2_000;

export class Door {
  withoutCommand = 0;
  lockedOut = false;
  private lockedOutAtMs = 0;
  private readonly nowMs: () => number;
  private readonly good = new Map<string, Unlock>();
  private readonly used = new Set<string>();

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** Visits that the lock was released for. */
  get released(): ReadonlySet<string> {
    return this.used;
  }

  /** The controller obeys a lockout, or its end; a board that knows of none is put in. */
  keepsOut(on: boolean): void {
    this.lockedOut = on;
    this.lockedOutAtMs = this.nowMs();
  }

  /** A frame has reached the modem. */
  delivered({ topic, payload }: Frame): void {
    if (!topic.endsWith('/cmd')) return;
    const text = Buffer.from(payload).toString('utf8');
    const command = JSON.parse(text.slice(0, text.lastIndexOf('|'))) as { type: string; id?: string };
    if (command.type !== 'unlock' || command.id === undefined || this.used.has(command.id)) return;
    this.good.set(command.id, { visit: command.id, untilMs: this.nowMs() + UNLOCK_LIFE_MS });
  }

  /** The lock's pin went to where it lets people in. */
  release(say: (line: string) => void): void {
    const nowMs = this.nowMs();
    // Two at once cannot be told apart from outside. The newer one was meant: an older one that was not obeyed at once never is,
    // and one that comes twice keeps its place.
    const unlock = [...this.good.values()].filter(({ untilMs }) => untilMs >= nowMs).at(-1);
    const isLockedOut = this.lockedOut && nowMs - this.lockedOutAtMs > OBEYED_MS;
    if (unlock === undefined || isLockedOut) {
      this.withoutCommand += 1;
      say(isLockedOut ? 'RELEASED while locked out' : 'RELEASED without a command');
      return;
    }
    this.good.delete(unlock.visit);
    this.used.add(unlock.visit);
    say(`released for ${unlock.visit}`);
  }
}
