// Every door event of a simulated week by the board that made it and its number: what became of it, and what must not.

export interface DoorEvent {
  /** The epoch of the board's state. */
  readonly board: string;
  readonly seq: number;
  readonly type: string;
  /** Empty where it belongs to none. */
  readonly visit: string;
}

interface Sent extends DoorEvent {
  acked: boolean;
}

/** What a ledger was found to hold at its end. */
export type Recorded = readonly DoorEvent[];

export interface Reckoning {
  /** Without what went away inside a board that was taken out or erased. */
  readonly sent: number;
  /** In any ledger, each once. */
  readonly recorded: number;
  /** Twice in one ledger. */
  readonly duplicates: number;
  /** The board was told that it was safe, and it is nowhere. */
  readonly ackedAndGone: number;
  /** In a ledger under another board's name. */
  readonly misnamed: number;
  /** Let in, and neither weighed nor timed out; but for those whose board was taken away meanwhile. */
  readonly withoutEnd: number;
}

export class DoorEvents {
  private readonly say: (line: string) => void;
  private readonly sent = new Map<string, Sent>();
  private readonly retired = new Set<string>();
  /** Visits whose end went away with a board, or never came to be. */
  private readonly excused = new Set<string>();

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  put(event: DoorEvent): void {
    const name = nameOf(event);
    if (this.sent.has(name)) return;
    this.sent.set(name, { ...event, acked: false });
    this.say(`report ${event.seq} ${event.type}`);
  }

  /** The board heard that number `seq` is safe. */
  acked(board: string, seq: number): void {
    for (const event of this.sent.values()) if (event.board === board && event.seq === seq) event.acked = true;
  }

  /** It was taken out or erased, with all that it had not told; `released` are the visits that the lock let in so far. */
  retire(board: string, released: Iterable<string>): void {
    this.retired.add(board);
    const told = new Set(this.ends().flatMap(({ acked, visit }) => (acked ? [visit] : [])));
    for (const visit of released) if (!told.has(visit)) this.excused.add(visit);
  }

  reckon(ledgers: readonly Recorded[], released: ReadonlySet<string>): Reckoning {
    const rows = ledgers.flat();
    const names = new Set(rows.map(nameOf));
    const words = new Set(rows.map(wordsOf));
    const all = [...this.sent.values()];
    const misnamed = all.filter((event) => !names.has(nameOf(event)) && words.has(wordsOf(event)));
    const absent = all.filter((event) => !words.has(wordsOf(event)));
    const gone = absent.filter(({ board, acked }) => this.retired.has(board) && !acked);
    const lost = absent.filter((event) => !gone.includes(event));
    const said = new Set(all.map(wordsOf));
    const unsaid = new Set(rows.map(wordsOf).filter((one) => !said.has(one)));
    for (const event of lost) this.say(`LOST ${nameOf(event)}${event.acked ? ', acked' : ''}`);
    for (const event of misnamed) this.say(`misnamed ${nameOf(event)}`);
    for (const one of unsaid) this.say(`UNSAID ${one}`);
    const ended = new Set(rows.filter(isEnd).map(({ visit }) => visit));
    const endless = [...released].filter((visit) => !ended.has(visit) && !this.excused.has(visit));
    for (const visit of endless) this.say(`ENDLESS ${visit}`);
    return {
      sent: all.length - gone.length,
      recorded: all.length - absent.length + unsaid.size,
      duplicates: ledgers.reduce((sum, ledger) => sum + this.twiceIn(ledger), 0),
      ackedAndGone: lost.filter(({ acked }) => acked).length,
      misnamed: misnamed.length,
      withoutEnd: endless.length,
    };
  }

  /** Two boards may say the same under the same number; one says it once. */
  private twiceIn(ledger: Recorded): number {
    const boards = new Map<string, number>();
    for (const event of this.sent.values()) boards.set(wordsOf(event), (boards.get(wordsOf(event)) ?? 0) + 1);
    const rows = new Map<string, number>();
    for (const row of ledger) rows.set(wordsOf(row), (rows.get(wordsOf(row)) ?? 0) + 1);
    let twice = 0;
    for (const [words, count] of rows) {
      const more = count - (boards.get(words) ?? 1);
      if (more <= 0) continue;
      twice += more;
      this.say(`TWICE ${words}`);
    }
    return twice;
  }

  private ends(): readonly Sent[] {
    return [...this.sent.values()].filter(isEnd);
  }
}

function isEnd({ type }: DoorEvent): boolean {
  return type === 'closed' || type === 'timeout';
}

function nameOf(event: DoorEvent): string {
  return `${event.board} ${wordsOf(event)}`;
}

function wordsOf({ seq, type, visit }: DoorEvent): string {
  return `${seq} ${type} ${visit}`;
}
