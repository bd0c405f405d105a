// The ledger's devices: which numbers were heard, what they reported, when a case was last alive.
import {
  arrive,
  checkRising,
  closedBy,
  type DoorReport,
  deviceOf,
  Fault,
  type StatusReport,
  turnedAwayBy,
  UNLOCK_VALID_SECONDS,
  type VisionReport,
  type Visit,
  type VisitEvent,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { CaseReport, CaseRow, Evidence, Recorded } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import {
  boardSpeaks,
  countedAs,
  type Heard,
  heardOf,
  ledgerEpoch,
  renewLedgerEpoch,
  reporterOf,
  type Speaker,
  speakerOf,
} from './epochs.ts';
import { isAwaited, tellEvent } from './events.ts';
import { flag } from './flags.ts';
import { lockVisit } from './money-rows.ts';
import { putEffect, unlockOf } from './outbox.ts';
import { openReview } from './review-open.ts';
import type { Db } from './rows.ts';
import { applyChange, occupant } from './visits.ts';
import { putWindow, windowOf } from './windows.ts';

/** More reports than a visit can make in a day; what a settle reads stays bounded. */
const EVIDENCE_MAX = 500;

/** What a desk still shows of reports that were kept aside: whoever looks once a week sees each. */
const HELD_SHOWN_MS = 7 * 86_400_000;
/** Reports of one number: one that counts, and what was kept aside since. */
const SAME_NUMBER_MAX = 50;

/** What is left of an unlock's life, and two seconds for clocks that are whole seconds here and there. */
const UNLOCK_GONE_MS = (UNLOCK_VALID_SECONDS + 2) * 1000;

/** Evidence only: these move no visit, and no money. */
type Telling = 'forced' | 'fault' | 'restocked';
const EVENT_OF: Readonly<Record<Exclude<DoorReport['type'], Telling>, VisitEvent>> = {
  unlocked: 'door_unlocked',
  opened: 'door_opened',
  closed: 'door_closed',
  timeout: 'door_timeout',
  open_too_long: 'door_open_too_long',
  refused: 'door_refused',
};

/** Whoever tells these lets nobody in. */
const SHUT: ReadonlySet<string> = new Set<DoorReport['type']>(['timeout', 'fault', 'refused']);

interface At {
  readonly atMs: number;
  readonly visionWaitMs: number;
}

export function devices(db: Kysely<Tables>) {
  const repeats = repeated();
  return {
    recordReport: (caseId: string, report: CaseReport, at: At): Promise<Recorded> =>
      repeats.once(caseId, report, at.atMs, () => transact(db, (tx) => record(tx, caseId, report, at))),
    async evidence(visitId: string): Promise<Evidence> {
      const rows = await db
        .selectFrom('evidence')
        .select(['channel', 'report'])
        .where('visit_id', '=', visitId)
        .orderBy('id')
        .limit(EVIDENCE_MAX)
        .execute();
      const of = (channel: string) =>
        rows.filter((row) => row.channel === channel).map((row) => JSON.parse(row.report));
      const visions = of('vision') as VisionReport[];
      // A Pi that restarted reports that it saw nothing; what it saw before the restart counts more.
      const vision = visions.find(({ fault }) => fault === undefined) ?? visions[0] ?? null;
      return { door: of('door') as DoorReport[], vision };
    },
    recordStatus: (caseId: string, report: StatusReport, atMs: number): Promise<Fault | undefined> =>
      transact(db, (tx) => hear(tx, caseId, report, atMs)),
    async caseRow(caseId: string): Promise<CaseRow> {
      const row = await statusRow(db, caseId);
      return {
        id: caseId,
        lastStatus: lastStatusOf(row),
        heardAtMs: row?.heard_at_ms ?? null,
        openVisitId: (await occupant(db, caseId)) ?? null,
        hasUnexpectedBoard: (await speakerOf(db, caseId, 'controller')).isHeld,
        hasUnexpectedPi: (await speakerOf(db, caseId, 'pi')).isHeld,
      };
    },
    async heldReports(caseId: string, nowMs: number): Promise<number> {
      const { count } = await db
        .selectFrom('evidence')
        .select((eb) => eb.fn.countAll().as('count'))
        .where('case_id', '=', caseId)
        .where('held', 'is not', null)
        .where('at_ms', '>', nowMs - HELD_SHOWN_MS)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

/**
 * A device that has not heard its ack yet says the same again, at the very moment when there is most to do: within this the ack is on its
 * way, and it gets no second one. Less than a controller waits (RESEND_MS in firmware/app/config.py): an ack that was lost is missed once.
 */
export const ACK_APART_MS = 2_000;
/** Reports of a moment; what does not fit is looked up. */
const REPEATS_MAX = 1_000;

/** What was recorded just now, by this process. Whatever is not known here, or failed, the ledger is asked. */
function repeated() {
  const recorded = new Map<string, JustRecorded>();
  // Either way: after a clock that was set back nobody waits for it to come round.
  const isOver = (before: JustRecorded, atMs: number) => Math.abs(atMs - before.atMs) >= ACK_APART_MS;
  const makeRoom = (atMs: number) => {
    for (const [key, before] of recorded) {
      if (recorded.size < REPEATS_MAX && !isOver(before, atMs)) return;
      recorded.delete(key);
    }
  };
  return {
    async once(caseId: string, { channel, report }: CaseReport, atMs: number, record: () => Promise<Recorded>) {
      const key = `${caseId} ${channel} ${report.seq}`;
      const words = wordsOf(report);
      const before = recorded.get(key);
      const isRepeated = before?.words === words && !isOver(before, atMs);
      if (isRepeated && (await isKept(before.done))) return { kind: 'seen' } as const;
      makeRoom(atMs);
      const done = record();
      recorded.delete(key);
      recorded.set(key, { words, atMs, done });
      return done;
    },
  };
}

interface JustRecorded {
  readonly words: string;
  readonly atMs: number;
  readonly done: Promise<Recorded>;
}

function isKept(done: Promise<Recorded>): Promise<boolean> {
  return done.then(
    () => true,
    () => false,
  );
}

/** A state, or a hello: its number, then what it says. A hello is answered with the time, whoever says it. */
async function hear(tx: Db, caseId: string, report: StatusReport, atMs: number): Promise<Fault | undefined> {
  const heard = await heardOf(tx, caseId, 'status', 'controller');
  const isHello = report.type === 'hello' && report.epoch !== undefined;
  const speaker = isHello
    ? await boardSpeaks(tx, { caseId, device: 'controller', epoch: report.epoch! }, report.seq, atMs)
    : heard.speaker;
  if (speaker instanceof Fault) return speaker;
  const counted = countedAs('status', speaker);
  // A new board that was accepted in this moment brings numbers of its own.
  const last = isHello ? await windowOf(tx, caseId, counted) : heard.last;
  const refused = checkRising(last.highest, report.seq);
  if (refused !== undefined) return refused;
  await putWindow(tx, caseId, counted, { highest: report.seq, bitmap: '' });
  if (report.type === 'status') await tellState(tx, caseId, report, atMs);
  await putHeard(tx, caseId, atMs, report.type === 'status' ? await withBoot(tx, caseId, report) : undefined);
  return report.type === 'hello' ? answerHello(tx, caseId, report, speaker, atMs) : undefined;
}

async function answerHello(
  tx: Db,
  caseId: string,
  { epoch, knows, last = 0, ledger, nonce }: Extract<StatusReport, { type: 'hello' }>,
  { isHeld }: Speaker,
  atMs: number,
): Promise<Fault | undefined> {
  const ours = await ledgerEpoch(tx, atMs);
  const given = (await windowOf(tx, caseId, 'cmd')).highest;
  // It has heard more of us than we have said: this is a copy of yesterday.
  const isRestored = !isHeld && ledger === ours.epoch && last > given;
  const told = isRestored
    ? await renewLedgerEpoch(tx, `case ${caseId} has heard ${last}, given ${given}`, atMs)
    : ours.epoch;
  const command = { type: 'time', at: Math.floor(atMs / 1000), nonce } as const;
  // Firmware of before epochs gets what it knows.
  const whole = epoch === undefined ? command : { ...command, epoch: told };
  await putEffect(tx, { kind: 'command', caseId, command: whole }, atMs);
  if (isHeld) return unexpectedBoard(caseId);
  if (knows !== undefined) await endCutShort(tx, caseId, { knows, last, isOurs: ledger === ours.epoch }, atMs);
  if (!isRestored) return undefined;
  return new Fault('ledger.restored', 'a device has heard numbers that this ledger never gave: it was put back', {
    caseId,
    last,
    given,
  });
}

/**
 * A controller that has just booted does not know the visit that it was to unlock for: the command is lost. Where it has taken the
 * command's number it will never obey it, and the visit is over now. Otherwise a copy may still be on its way, for as long as an
 * unlock lives; what it says of that copy ends the visit, or that time does.
 */
async function endCutShort(
  tx: Db,
  caseId: string,
  { knows, last, isOurs }: { readonly knows: string; readonly last: number; readonly isOurs: boolean },
  atMs: number,
): Promise<void> {
  const id = await occupant(tx, caseId);
  const visit = id === undefined || id === knows ? undefined : await lockVisit(tx, id);
  if (visit?.phase !== 'unlocking') return;
  const given = await unlockOf(tx, visit);
  if (isOurs && given !== undefined && given <= last) {
    const end = { event: 'door_refused', atMs, visionWaitMs: 0, dueAtMs: atMs } as const;
    await applyChange(tx, visit, { ...end, note: { last, given }, set: { turnedAway: 'restarted' } });
    return;
  }
  const dueAtMs = visit.enteredAtMs + UNLOCK_GONE_MS;
  const hurried = { turned_away: 'restarted', due_at_ms: dueAtMs, due_set_at_ms: atMs };
  await tx.updateTable('visits').set(hurried).where('id', '=', visit.id).execute();
}

function unexpectedBoard(caseId: string): Fault {
  return new Fault('device.unexpected-board', `case ${caseId} has a board that nobody of the staff expected`, {
    caseId,
  });
}

async function record(tx: Db, caseId: string, told: CaseReport, at: At): Promise<Recorded> {
  const { channel, report } = told;
  const { speaker, counted, last } = await tellerOf(tx, caseId, told, at.atMs);
  const arrival = arrive(last, report.seq);
  if (channel === 'door' && arrival.kind === 'new') await putHeard(tx, caseId, at.atMs);
  const aside = arrival.kind === 'new' ? strangeness(caseId, speaker) : await whyAside(tx, caseId, told, last.highest);
  const recorded: Recorded =
    aside !== undefined
      ? await keepAside(tx, caseId, told, speaker, aside, at)
      : arrival.kind === 'new'
        ? await keep(tx, caseId, told, speaker, at)
        : { kind: 'seen' };
  if (arrival.kind === 'new') await putWindow(tx, caseId, counted, arrival.window);
  // Seen or not, the device must stop sending it. Last, because whoever settles a visit takes the visit's lock before
  // that of the case's numbers.
  await acknowledge(tx, caseId, channel, report.seq, at.atMs);
  return recorded;
}

/** A controller says in its hello which board it is, a Pi in each report: it has no hello, and who counts may change in between. */
async function tellerOf(tx: Db, caseId: string, { channel, report }: CaseReport, atMs: number): Promise<Heard> {
  const device = deviceOf(channel);
  const heard = await heardOf(tx, caseId, channel, device);
  const epoch = 'epoch' in report ? report.epoch : undefined;
  if (epoch === undefined || epoch === heard.speaker.epoch) return heard;
  return reporterOf(tx, { caseId, device, epoch }, channel, report.seq, atMs);
}

function strangeness(caseId: string, { isHeld }: Speaker): Fault | undefined {
  return isHeld ? unexpectedBoard(caseId) : undefined;
}

/**
 * Why a number that is no news is all the same no repetition; undefined where the very report is in the ledger. Whoever counts from
 * 1 again (an erased flash, another board) says new things under old numbers.
 */
async function whyAside(
  tx: Db,
  caseId: string,
  { channel, report }: CaseReport,
  highest: number,
): Promise<Fault | undefined> {
  const { seq } = report;
  const rows = await tx
    .selectFrom('evidence')
    .select('report')
    .where('case_id', '=', caseId)
    .where('channel', '=', channel)
    .where('seq', '=', seq)
    .orderBy('id')
    .limit(SAME_NUMBER_MAX)
    .execute();
  const said = wordsOf(report);
  if (rows.some((row) => wordsOf(JSON.parse(row.report)) === said)) return undefined;
  if (seq > highest) return checkRising(highest, seq);
  return new Fault('seq.reused', `number ${seq} of ${channel} came with another content`, { seq, caseId });
}

/** Without the time: a report from before the time was known gets it anew at each boot. Nor the epoch: it came with an update. */
function wordsOf(report: CaseReport['report']): string {
  return JSON.stringify({ ...report, at: 0, epoch: undefined });
}

/** Kept word for word, shown, acked, and it counts for nothing. A visit that it speaks of is for a person to look at. */
async function keepAside(
  tx: Db,
  caseId: string,
  { channel, report }: CaseReport,
  { epoch }: Speaker,
  fault: Fault,
  { atMs }: At,
): Promise<Recorded> {
  const values = { case_id: caseId, visit_id: null, channel, seq: report.seq, report: JSON.stringify(report) };
  await tx
    .insertInto('evidence')
    .values({ ...values, at_ms: atMs, epoch, held: fault.code })
    .execute();
  const named = 'id' in report && report.type !== 'restocked' ? report.id : undefined;
  const visit = named === undefined ? undefined : await lockVisit(tx, named);
  if (visit?.caseId === caseId) {
    const { type, seq } = report;
    const weighed = 'dmass' in report ? { dmass: report.dmass } : {};
    await flag(tx, visit, 'report_kept_aside', { code: fault.code, type, seq, ...weighed }, atMs);
    // Somebody may have taken goods of which nothing that counts will ever be heard.
    if (channel === 'door' && !SHUT.has(type)) await openReview(tx, visit, 'late_report', atMs);
  }
  return { kind: 'held', fault };
}

/** Only what is new changes anything. */
async function keep(
  tx: Db,
  caseId: string,
  { channel, report }: CaseReport,
  { epoch }: Speaker,
  at: At,
): Promise<Recorded> {
  // Staff's work is no visit, whatever its id.
  const visitId = 'id' in report && report.type !== 'restocked' ? report.id : undefined;
  // Locked: of a door and its cameras that speak at once, whoever comes second finds the other's word.
  const visit = visitId === undefined ? undefined : await lockVisit(tx, visitId);
  // A report may only speak of a visit at its own case.
  const own = visit?.caseId === caseId ? visit : undefined;
  await tx
    .insertInto('evidence')
    .values({
      case_id: caseId,
      visit_id: own?.id ?? null,
      channel,
      seq: report.seq,
      report: JSON.stringify(report),
      at_ms: at.atMs,
      epoch,
      held: null,
    })
    .execute();
  if (own === undefined) return { kind: 'new', visit: null };
  return { kind: 'new', visit: channel === 'door' ? await moveBy(tx, own, report, at) : own };
}

async function moveBy(tx: Db, visit: Visit, report: DoorReport, at: At): Promise<Visit> {
  if (report.type === 'forced' || report.type === 'fault' || report.type === 'restocked') return visit;
  const isLate = tellsTooLate(visit, report);
  const moved = await applyChange(tx, visit, {
    event: EVENT_OF[report.type],
    ...at,
    note: {
      seq: report.seq,
      ...('dmass' in report ? { dmass: report.dmass, sigma: report.sigma } : {}),
      ...(report.type === 'refused' ? { code: report.code } : {}),
    },
    set: {
      ...(report.type === 'open_too_long' ? { openTooLong: true } : {}),
      ...(isLate ? { flagged: true } : {}),
      ...(report.type === 'refused' && visit.phase === 'unlocking' ? { turnedAway: turnedAwayBy(report.code) } : {}),
    },
  });
  // A report that the table has no place for is kept as evidence and moves nothing.
  if (moved instanceof Error) return visit;
  if (isLate) await openReview(tx, moved, 'late_report', at.atMs);
  return moved;
}

/** Evidence that the basket was decided without is for a person to look at, never for a second charge. */
function tellsTooLate(visit: Visit, { type }: DoorReport): boolean {
  if (visit.phase !== 'reconciled' && visit.phase !== 'settling' && visit.phase !== 'done') return false;
  // An opening that overtook its own close tells nothing new; one of a visit that was never weighed does.
  return type === 'closed' || (type !== 'unlocked' && !SHUT.has(type) && visit.basket === null);
}

function statusRow(db: Db, caseId: string) {
  return db.selectFrom('case_status').selectAll().where('case_id', '=', caseId).executeTakeFirst();
}

function lastStatusOf(row: { readonly last_status: string | null } | undefined): StatusReport | null {
  const lastStatus = row?.last_status ?? null;
  return lastStatus === null ? null : (JSON.parse(lastStatus) as StatusReport);
}

/** Whether it would let customers in, where that is another word than its last one. */
async function tellState(tx: Db, caseId: string, report: Status, atMs: number): Promise<void> {
  if (!isAwaited('case-state-changed')) return;
  const was = closedBy(lastStatusOf(await statusRow(tx, caseId))) ?? 'ready';
  const state = closedBy(report) ?? 'ready';
  if (state !== was) await tellEvent(tx, 'case-state-changed', atMs, { case: { id: caseId, state, was } });
}

/** Why a case booted, or lost its radio, is said only after it; it stays known until the next time. */
async function withBoot(tx: Db, caseId: string, report: Status): Promise<Status> {
  if (report.boot !== undefined) return report;
  const last = lastStatusOf(await statusRow(tx, caseId));
  if (last?.type !== 'status') return report;
  const { boot, link } = last;
  return { ...(boot === undefined ? {} : { boot }), ...(link === undefined ? {} : { link }), ...report };
}

type Status = Extract<StatusReport, { type: 'status' }>;

/** A status is kept; any other word only says that the controller lives. */
async function putHeard(tx: Db, caseId: string, atMs: number, status?: StatusReport): Promise<void> {
  const row = { heard_at_ms: atMs, ...(status === undefined ? {} : { last_status: JSON.stringify(status) }) };
  await tx
    .insertInto('case_status')
    .values({ case_id: caseId, last_status: null, ...row })
    .onConflict((conflict) => conflict.column('case_id').doUpdateSet(row))
    .execute();
}

async function acknowledge(tx: Db, caseId: string, channel: CaseReport['channel'], of: number, atMs: number) {
  const at = Math.floor(atMs / 1000);
  if (channel === 'door') {
    await putEffect(tx, { kind: 'command', caseId, command: { type: 'ack', at, topic: 'door', of } }, atMs);
  } else {
    await putEffect(tx, { kind: 'vision-command', caseId, command: { type: 'ack', at, topic: 'vision', of } }, atMs);
  }
}
