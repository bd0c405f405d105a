// The cloud of a simulated week, of the real parts: the domain's frames and parsers, the ledger on SQLite. Only Node-RED
// and Stripe are missing: whoever taps has a good card.
import { randomUUID } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type Command,
  checkFresh,
  type DoorReport,
  Fault,
  openFrame,
  parseCommand,
  parseDoorReport,
  parseStatusReport,
  type StatusReport,
  sealFrame,
  topicOf,
  UNLOCK_VALID_SECONDS,
  type Unnumbered,
  type Visit,
} from '@tapcase/domain';
import { openLedger } from '../../ledger/src/open.ts';
import type { Effect, Ledger } from '../../ledger/src/port.ts';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import type { Frame } from './broker.ts';
import type { DoorEvent, Recorded } from './events.ts';

export const CASE_ID = '123';
const CUSTOMER = 'week';
const VISION_WAIT_MS = 2_000;
const LEASE_MS = 5_000;
const FRAMES_MAX = 50;
/** A visit whose deadline has passed is given up once. */
const FOREVER_MS = 400 * 24 * 3_600_000;
const DUE_MAX = 20;
const EXPECTED_MS = 24 * 3_600_000;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const COLA = { sku: 'cola', name: { en: 'cola', es: 'cola' }, massGrams: 355, toleranceGrams: 5, labels: ['cola'] };
const CATALOG = { currency: 'usd', products: [{ ...COLA, priceMinor: 200, picture: '' }] };
const HOLD_MINOR = 1_000;

export interface CloudOptions {
  readonly folder: string;
  readonly key: Uint8Array;
  /** Its own clock, which jumps now and then. */
  readonly nowMs: () => number;
  readonly publish: (frame: Frame) => void;
  readonly onStatus: (report: Extract<StatusReport, { type: 'status' }>) => void;
}

export interface Tally {
  /** What each ledger of this cloud held when it was put away, the last one now. */
  readonly ledgers: readonly Recorded[];
  /** Rows of all of them, each board's number once. */
  readonly recorded: number;
  /** Authentic frames that were taken for repetitions and are not in the ledger, and of which no fault tells. */
  readonly silentDiscards: number;
}

export class Cloud {
  readonly faults = new Map<string, number>();
  private readonly options: CloudOptions;
  private ledger: Ledger;
  private readonly file: string;
  /** A visit that is over. */
  private carrier: string | undefined;
  /** Of the ledgers that were put back: what they held. */
  private readonly replaced: Recorded[] = [];
  private silentDiscards = 0;
  /** One thing after the other, as one SQLite file takes it. */
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(options: CloudOptions, ledger: Ledger, file: string) {
    this.options = options;
    this.ledger = ledger;
    this.file = file;
  }

  static async open(options: CloudOptions): Promise<Cloud> {
    const file = join(options.folder, 'ledger.sqlite');
    const ledger = await openLedger({ file });
    const atMs = options.nowMs();
    await ledger.customerByEmail('week@example.com', { id: CUSTOMER, language: 'en', atMs });
    await ledger.setCard(CUSTOMER, CARD, atMs);
    const cloud = new Cloud(options, ledger, file);
    await cloud.backup();
    return cloud;
  }

  /** Any bytes from the broker: recorded, or counted as a fault. */
  hear({ topic, payload }: Frame): Promise<void> {
    return this.inTurn(async () => {
      const refused = await this.record(topic, payload);
      if (refused !== undefined) this.faults.set(refused.code, (this.faults.get(refused.code) ?? 0) + 1);
      await this.send();
    });
  }

  /** A customer taps: the unlock goes out, unless somebody else has the case. */
  tap(id: string): Promise<boolean> {
    return this.inTurn(async () => {
      const atMs = this.options.nowMs();
      // As the shop does: nobody is let in where what they take would be charged to nobody.
      if ((await this.ledger.caseRow(CASE_ID)).hasUnexpectedBoard) return false;
      const fixed = { caseId: CASE_ID, customerId: CUSTOMER, language: 'en', catalog: CATALOG, card: CARD } as const;
      const opened = await this.ledger.openVisit({
        id,
        requestId: randomUUID(),
        holdMinor: HOLD_MINOR,
        atMs,
        ...fixed,
      });
      if (opened.kind !== 'opened') return false;
      const at = Math.floor(atMs / 1000);
      const command = { type: 'unlock', id, at, exp: at + UNLOCK_VALID_SECONDS } as const;
      await this.advance(id, 'hold_made', []);
      await this.advance(id, 'unlock_sent', [{ kind: 'command', caseId: CASE_ID, command }]);
      await this.send();
      return true;
    });
  }

  /** The receipt that the display shows. */
  receipt(id: string): Promise<void> {
    return this.inTurn(async () => {
      const visit = await this.ledger.visit(id);
      if (visit?.phase !== 'closed') return;
      this.carrier = id;
      const at = Math.floor(this.options.nowMs() / 1000);
      const items: [string, number][] = [['cola', 1]];
      const told = { outcome: 'charged', items, total: 200, currency: 'usd', lang: 'en' } as const;
      await this.advance(id, 'basket_decided', [
        { kind: 'command', caseId: CASE_ID, command: { type: 'show', id, at, ...told } },
      ]);
      await this.send();
    });
  }

  /** Any other command, now; it takes its number as a visit's do. False when this cloud has no such command. */
  command(wanted: Readonly<Record<string, unknown>>): Promise<boolean> {
    return this.inTurn(async () => {
      const at = Math.floor(this.options.nowMs() / 1000);
      const command = { ...wanted, at } as Unnumbered<Command>;
      if (parseCommand({ ...command, seq: 1 }) instanceof Fault) return false;
      // The ledger numbers what a visit causes; an event that tells an old one nothing new carries it.
      if (this.carrier === undefined) return false;
      await this.advance(this.carrier, 'door_unlocked', [{ kind: 'command', caseId: CASE_ID, command }]);
      await this.send();
      return true;
    });
  }

  /** What the sweep of the tab `70 Jobs` does: whoever the case was silent about is given up. */
  sweep(): Promise<void> {
    return this.inTurn(async () => {
      const due = await this.ledger.claimDueVisits(this.options.nowMs(), FOREVER_MS, DUE_MAX);
      for (const { id, phase } of due.filter(waitsForCase)) {
        await this.advance(id, 'case_silent', [], { flagged: true, review: phase === 'open' || phase === 'unlocked' });
      }
    });
  }

  /** Staff say that the board which is there, or comes, is right. */
  newBoard(): Promise<'accepted' | 'expected'> {
    return this.inTurn(() => {
      const atMs = this.options.nowMs();
      const by = { staffId: null, name: 'week', role: null, address: null };
      const act = { ...by, atMs, act: 'board-expected', subject: CASE_ID, detail: {} } as const;
      return this.ledger.expectBoard({ caseId: CASE_ID, device: 'controller', untilMs: atMs + EXPECTED_MS, act });
    });
  }

  visit(id: string): Promise<Visit | undefined> {
    return this.inTurn(() => this.ledger.visit(id));
  }

  held(): Promise<number> {
    return this.inTurn(() => this.ledger.heldReports(CASE_ID, this.options.nowMs()));
  }

  /** A board speaks that nobody of the staff expected. */
  hasUnexpectedBoard(): Promise<boolean> {
    return this.inTurn(async () => (await this.ledger.caseRow(CASE_ID)).hasUnexpectedBoard);
  }

  /** A copy of the ledger as it stands, for `restore`. */
  backup(): Promise<void> {
    return this.inTurn(async () => {
      const database = new DatabaseSync(this.file);
      rmSync(`${this.file}.copy`, { force: true });
      database.exec(`vacuum into '${this.file}.copy'`);
      database.close();
    });
  }

  /** The copy is put back, and the cloud starts on it, as if nothing had been since. */
  restore(): Promise<void> {
    return this.inTurn(async () => {
      await this.ledger.close();
      this.replaced.push(doorEventsIn(this.file));
      for (const end of ['', '-wal', '-shm']) rmSync(`${this.file}${end}`, { force: true });
      copyFileSync(`${this.file}.copy`, this.file);
      this.ledger = await openLedger({ file: this.file });
      this.carrier = undefined;
    });
  }

  async close(): Promise<Tally> {
    await this.queue;
    await this.ledger.close();
    const ledgers = [...this.replaced, doorEventsIn(this.file)];
    const names = ledgers.flat().map(({ board, seq, type, visit }) => `${board} ${seq} ${type} ${visit}`);
    return { ledgers, recorded: new Set(names).size, silentDiscards: this.silentDiscards };
  }

  private async record(topic: string, frame: Uint8Array): Promise<Fault | undefined> {
    // The broker's own hint for people.
    if (topic.includes('/online/')) return undefined;
    const payload = openFrame({ topic, frame, keys: [this.options.key], hmac });
    if (payload instanceof Fault) return payload;
    const atMs = this.options.nowMs();
    if (topic === topicOf(CASE_ID, 'door')) {
      const report = parseDoorReport(payload);
      if (report instanceof Fault) return report;
      const at = { atMs, visionWaitMs: VISION_WAIT_MS };
      const recorded = await this.ledger.recordReport(CASE_ID, { channel: 'door', report }, at);
      if (recorded.kind === 'seen' && !this.has(report)) this.silentDiscards += 1;
      return recorded.kind === 'held' ? recorded.fault : undefined;
    }
    const report = parseStatusReport(payload);
    if (report instanceof Fault) return report;
    const stale = report.type === 'hello' ? undefined : checkFresh(report, Math.floor(atMs / 1000));
    const refused = stale ?? (await this.ledger.recordStatus(CASE_ID, report, atMs));
    if (refused === undefined && report.type === 'status') this.options.onStatus(report);
    return refused;
  }

  /** Whether the ledger has this report, by its own words and asked beside the ledger's code. */
  private has(report: DoorReport): boolean {
    const visit = 'id' in report ? report.id : '';
    return doorEventsIn(this.file, report.seq).some((row) => row.type === report.type && row.visit === visit);
  }

  /** All that the ledger wants said. */
  private async send(): Promise<void> {
    const atMs = this.options.nowMs();
    for (const { outboxId, topic, payload } of await this.ledger.takeFrames(atMs, LEASE_MS, FRAMES_MAX)) {
      const frame = sealFrame({ topic, payload, key: this.options.key, hmac });
      if (frame instanceof Fault) throw frame;
      this.options.publish({ topic, payload: frame });
      await this.ledger.outboxDone([outboxId], atMs);
    }
  }

  private async advance(
    id: string,
    event: Parameters<Ledger['advanceVisit']>[1]['event'],
    effects: readonly Effect[],
    set: NonNullable<Parameters<Ledger['advanceVisit']>[1]['set']> = {},
  ): Promise<void> {
    const atMs = this.options.nowMs();
    const moved = await this.ledger.advanceVisit(id, { event, atMs, visionWaitMs: VISION_WAIT_MS, effects, set });
    // The case may have spoken in this very moment.
    if (moved instanceof Fault && moved.code !== 'visit.wrong-phase') throw moved;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => {});
    return turn;
  }
}

function doorEventsIn(file: string, seq?: number): readonly DoorEvent[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const ofNumber = seq === undefined ? '' : ' and seq = ?';
  const rows = database
    .prepare(`select epoch, seq, report from evidence where channel = 'door'${ofNumber} order by id`)
    .all(...(seq === undefined ? [] : [seq])) as { epoch: string | null; seq: number; report: string }[];
  database.close();
  return rows.map(({ epoch, seq, report }) => {
    const { type, id = '' } = JSON.parse(report) as { type: string; id?: string };
    return { board: epoch ?? '', seq: Number(seq), type, visit: id };
  });
}

function waitsForCase({ phase }: Visit): boolean {
  return ['requested', 'held', 'unlocking', 'unlocked', 'open'].includes(phase);
}
