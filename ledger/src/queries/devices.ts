// The ledger's devices: which numbers were heard, what they reported, when a case was last alive.
import {
  arrive,
  checkRising,
  closedBy,
  type DoorReport,
  EMPTY_WINDOW,
  type Fault,
  type SeenWindow,
  type StatusReport,
  type VisionReport,
  type Visit,
  type VisitEvent,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { CaseReport, CaseRow, Evidence, Recorded } from '../port.ts';
import type { Tables } from '../tables.ts';
import { isAwaited, tellEvent } from './events.ts';
import { putEffect } from './outbox.ts';
import { openReview } from './review-open.ts';
import type { Db } from './rows.ts';
import { advance, find, occupant } from './visits.ts';

/** More reports than a visit can make in a day; what a settle reads stays bounded. */
const EVIDENCE_MAX = 500;

/** Evidence only: these move no visit, and no money. */
type Telling = 'forced' | 'fault' | 'restocked';
const EVENT_OF: Readonly<Record<Exclude<DoorReport['type'], Telling>, VisitEvent>> = {
  unlocked: 'door_unlocked',
  opened: 'door_opened',
  closed: 'door_closed',
  timeout: 'door_timeout',
  open_too_long: 'door_open_too_long',
};

interface At {
  readonly atMs: number;
  readonly visionWaitMs: number;
}

export function devices(db: Kysely<Tables>) {
  return {
    recordReport: (caseId: string, report: CaseReport, at: At): Promise<Recorded> =>
      db.transaction().execute((tx) => record(tx, caseId, report, at)),
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
      db.transaction().execute(async (tx) => {
        const last = await window(tx, caseId, 'status');
        const replayed = checkRising(last.highest, report.seq);
        if (replayed !== undefined) return replayed;
        await putWindow(tx, caseId, 'status', { highest: report.seq, bitmap: '' });
        if (report.type === 'status') await tellState(tx, caseId, report, atMs);
        await putHeard(tx, caseId, atMs, report.type === 'status' ? await withBoot(tx, caseId, report) : undefined);
        if (report.type === 'hello') {
          const command = { type: 'time', at: Math.floor(atMs / 1000), nonce: report.nonce } as const;
          await putEffect(tx, { kind: 'command', caseId, command }, atMs);
        }
        return undefined;
      }),
    async caseRow(caseId: string): Promise<CaseRow> {
      const row = await statusRow(db, caseId);
      return {
        id: caseId,
        lastStatus: lastStatusOf(row),
        heardAtMs: row?.heard_at_ms ?? null,
        openVisitId: (await occupant(db, caseId)) ?? null,
      };
    },
  };
}

async function record(tx: Db, caseId: string, told: CaseReport, at: At): Promise<Recorded> {
  const { channel, report } = told;
  const last = await window(tx, caseId, channel);
  const arrival = arrive(last, report.seq);
  // Refused, not acked: the device keeps it, and a person hears of it.
  if (arrival.kind === 'leap') throw checkRising(last.highest, report.seq)!;
  const recorded = arrival.kind === 'new' ? await keep(tx, caseId, told, at) : { kind: arrival.kind };
  if (arrival.kind === 'new') await putWindow(tx, caseId, channel, arrival.window);
  // Seen or not, the device must stop sending it. Last, because whoever settles a visit takes the visit's lock before
  // that of the case's numbers.
  await acknowledge(tx, caseId, channel, report.seq, at.atMs);
  return recorded;
}

/** Only what is new changes anything. */
async function keep(tx: Db, caseId: string, { channel, report }: CaseReport, at: At): Promise<Recorded> {
  if (channel === 'door') await putHeard(tx, caseId, at.atMs);
  // Staff's work is no visit, whatever its id.
  const visitId = 'id' in report && report.type !== 'restocked' ? report.id : undefined;
  const visit = visitId === undefined ? undefined : await find(tx, visitId);
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
    })
    .execute();
  if (own === undefined) return { kind: 'new', visit: null };
  return { kind: 'new', visit: channel === 'door' ? await moveBy(tx, own, report, at) : own };
}

async function moveBy(tx: Db, visit: Visit, report: DoorReport, at: At): Promise<Visit> {
  if (report.type === 'forced' || report.type === 'fault' || report.type === 'restocked') return visit;
  const isLate = tellsTooLate(visit, report);
  const moved = await advance(tx, visit.id, {
    event: EVENT_OF[report.type],
    ...at,
    note: { seq: report.seq, ...('dmass' in report ? { dmass: report.dmass, sigma: report.sigma } : {}) },
    set: {
      ...(report.type === 'open_too_long' ? { openTooLong: true } : {}),
      ...(isLate ? { flagged: true } : {}),
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
  return type === 'closed' || (type !== 'unlocked' && type !== 'timeout' && visit.basket === null);
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

/** Why a case booted is said only after the boot; it stays known until the next one. */
async function withBoot(tx: Db, caseId: string, report: Status): Promise<Status> {
  if (report.boot !== undefined) return report;
  const last = lastStatusOf(await statusRow(tx, caseId));
  return last?.type === 'status' && last.boot !== undefined ? { ...report, boot: last.boot } : report;
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

/** Locked: two deliveries of one report at once are judged one after the other. */
async function window(tx: Db, caseId: string, channel: string): Promise<SeenWindow> {
  const locked = () =>
    tx
      .selectFrom('device_seqs')
      .select(['highest', 'bitmap'])
      .where('case_id', '=', caseId)
      .where('channel', '=', channel)
      .forUpdate();
  let row = await locked().executeTakeFirst();
  if (row === undefined) {
    // The first of its life; of two at once the second waits here for the row of the first.
    await tx
      .insertInto('device_seqs')
      .values({ case_id: caseId, channel, ...EMPTY_WINDOW })
      .onConflict((conflict) => conflict.columns(['case_id', 'channel']).doNothing())
      .execute();
    row = await locked().executeTakeFirstOrThrow();
  }
  return { highest: Number(row.highest), bitmap: row.bitmap };
}

async function putWindow(tx: Db, caseId: string, channel: string, { highest, bitmap }: SeenWindow): Promise<void> {
  await tx
    .insertInto('device_seqs')
    .values({ case_id: caseId, channel, highest, bitmap })
    .onConflict((conflict) => conflict.columns(['case_id', 'channel']).doUpdateSet({ highest, bitmap }))
    .execute();
}
