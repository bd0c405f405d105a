// Whose numbers they are: which board counts in a case and which one speaks, and which ledger this is.
import { randomBytes } from 'node:crypto';
import { arrive, type Channel, checkRising, type Device, type Fault, type SeenWindow } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { BoardOrder, LedgerEpoch } from '../port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { writeAct } from './staff-acts.ts';
import { windowOf } from './windows.ts';

/** Boards that a case has had; whoever has its key could make them up. The oldest that nobody accepted goes. */
const BOARDS_MAX = 50;
/** Commands to one device since the copy was made: a year of them; far below the largest step. */
const FORGOTTEN_MAX = 2 ** 20;
const TO_DEVICES: readonly Channel[] = ['cmd', 'vision/cmd'];
/** What each device counts; the first is what it says hello on. */
const COUNTED: Readonly<Record<Device, readonly Channel[]>> = { controller: ['status', 'door'], pi: ['vision'] };

/** Who says what a case says now. */
export interface Speaker {
  /** null: firmware of before epochs. */
  readonly epoch: string | null;
  /** Nobody of the staff said that this board comes: what it reports is kept aside. */
  readonly isHeld: boolean;
}

export interface Heard {
  readonly speaker: Speaker;
  /** The name under which their numbers stand. */
  readonly counted: string;
  readonly last: SeenWindow;
}

export interface Board {
  readonly caseId: string;
  readonly device: Device;
  readonly epoch: string;
}

/** Under which name the numbers of this speaker stand: what counts has the channel's own. */
export function countedAs(channel: Channel, { epoch, isHeld }: Speaker): string {
  return isHeld ? asideOf(channel, epoch) : channel;
}

function asideOf(channel: Channel, epoch: string | null): string {
  return `${channel}@${epoch ?? ''}`;
}

export async function speakerOf(db: Db, caseId: string, device: Device): Promise<Speaker> {
  const row = await db
    .selectFrom('device_epochs')
    .select(['epoch', 'state'])
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .where('speaks', '=', 1)
    .executeTakeFirst();
  return row === undefined ? { epoch: null, isHeld: false } : { epoch: row.epoch, isHeld: row.state !== 'current' };
}

/** Who speaks, and which of their numbers were seen: what every report asks, in one question. Locked as `windowOf` locks. */
export async function heardOf(tx: Db, caseId: string, channel: Channel, device: Device): Promise<Heard> {
  const row = await tx
    .selectFrom('device_seqs as seen')
    .leftJoin('device_epochs as board', (join) =>
      join.onRef('board.case_id', '=', 'seen.case_id').on('board.device', '=', device).on('board.speaks', '=', 1),
    )
    .select(['seen.highest', 'seen.bitmap', 'board.epoch', 'board.state'])
    .where('seen.case_id', '=', caseId)
    .where('seen.channel', '=', channel)
    .forUpdate('seen')
    .executeTakeFirst();
  const isKnown = row !== undefined && (row.state === null || row.state === 'current');
  if (isKnown) {
    const speaker = { epoch: row.epoch, isHeld: false };
    return { speaker, counted: channel, last: { highest: Number(row.highest), bitmap: row.bitmap } };
  }
  const speaker = await speakerOf(tx, caseId, device);
  const counted = countedAs(channel, speaker);
  return { speaker, counted, last: await windowOf(tx, caseId, counted) };
}

/**
 * A board says which it is. Nothing is written where its number is no news (`seq.replayed`, `seq.leap`): whoever recorded a hello
 * of a board that was replaced must not give it the word again. The caller has locked the numbers of the first channel.
 */
export async function boardSpeaks(tx: Db, board: Board, seq: number, atMs: number): Promise<Speaker | Fault> {
  const [first] = COUNTED[board.device] as readonly [Channel];
  const isNext = ({ highest }: SeenWindow) => checkRising(highest, seq) === undefined;
  const standing = await standingOf(tx, board, first, isNext);
  return checkRising(standing.own.highest, seq) ?? giveWord(tx, board, standing, atMs);
}

/**
 * Whose report it is that names its board, as a Pi's do, and which of its numbers were seen. As with a hello: a number that is no news
 * gives nobody the word.
 */
export async function reporterOf(tx: Db, board: Board, channel: Channel, seq: number, atMs: number): Promise<Heard> {
  const goesOn = (seen: SeenWindow) => ['new', 'seen'].includes(arrive(seen, seq).kind);
  const standing = await standingOf(tx, board, channel, goesOn);
  if (arrive(standing.own, seq).kind !== 'new') {
    const speaker = { epoch: board.epoch, isHeld: !standing.isOwn };
    return { speaker, counted: countedAs(channel, speaker), last: standing.own };
  }
  const speaker = await giveWord(tx, board, standing, atMs);
  const counted = countedAs(channel, speaker);
  // A new board that was accepted in this moment brings numbers of its own.
  return { speaker, counted, last: await windowOf(tx, board.caseId, counted) };
}

/** What is known of a board that speaks, before anything is written. */
interface Standing {
  readonly boards: readonly KnownBoard[];
  readonly current: string | undefined;
  /** Its numbers are those that count. */
  readonly isOwn: boolean;
  readonly own: SeenWindow;
}
type KnownBoard = { epoch: string; state: string; speaks: number; heard_at_ms: number };

async function standingOf(
  tx: Db,
  { caseId, device, epoch }: Board,
  channel: Channel,
  goesOn: (counts: SeenWindow) => boolean,
): Promise<Standing> {
  const boards = await tx
    .selectFrom('device_epochs')
    .select(['epoch', 'state', 'speaks', 'heard_at_ms'])
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .execute();
  const current = boards.find(({ state }) => state === 'current')?.epoch;
  // The first epoch of a case goes on where its numbers stood: an update brought it, or nobody was ever here.
  const counts = await windowOf(tx, caseId, channel);
  const isFirst = current === undefined && !boards.some((each) => each.epoch === epoch) && goesOn(counts);
  const isOwn = current === epoch || isFirst;
  return { boards, current, isOwn, own: isOwn ? counts : await windowOf(tx, caseId, asideOf(channel, epoch)) };
}

async function giveWord(tx: Db, board: Board, { boards, current, isOwn }: Standing, atMs: number): Promise<Speaker> {
  const { caseId, device, epoch } = board;
  const expected = isOwn ? undefined : await takeExpected(tx, caseId, device, atMs);
  const isHeld = !isOwn && expected === undefined;
  await makeRoom(tx, board, boards);
  await quieten(tx, caseId, device);
  const state = isHeld ? 'held' : 'current';
  await tx
    .insertInto('device_epochs')
    .values({ case_id: caseId, device, epoch, state, speaks: 1, heard_at_ms: atMs, accepted_by: expected ?? null })
    .onConflict((conflict) =>
      conflict.columns(['case_id', 'device', 'epoch']).doUpdateSet({ state, speaks: 1, heard_at_ms: atMs }),
    )
    .execute();
  if (expected !== undefined) await replace(tx, board, current, expected);
  return { epoch, isHeld };
}

/** The new board's numbers are what counts from here on; those of the old one are kept for the day on which it comes back. */
async function replace(tx: Db, { caseId, device, epoch }: Board, old: string | undefined, by: string): Promise<void> {
  for (const channel of COUNTED[device]) {
    await rename(tx, caseId, channel, asideOf(channel, old ?? null));
    await rename(tx, caseId, asideOf(channel, epoch), channel);
  }
  const boards = tx.updateTable('device_epochs').where('case_id', '=', caseId).where('device', '=', device);
  await boards.set({ state: 'retired' }).where('state', '=', 'current').execute();
  await boards.set({ state: 'current', accepted_by: by }).where('epoch', '=', epoch).execute();
}

async function rename(tx: Db, caseId: string, from: string, to: string): Promise<void> {
  await tx.deleteFrom('device_seqs').where('case_id', '=', caseId).where('channel', '=', to).execute();
  await tx
    .updateTable('device_seqs')
    .set({ channel: to })
    .where('case_id', '=', caseId)
    .where('channel', '=', from)
    .execute();
}

async function quieten(tx: Db, caseId: string, device: Device): Promise<void> {
  await tx
    .updateTable('device_epochs')
    .set({ speaks: 0 })
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .where('speaks', '=', 1)
    .execute();
}

async function makeRoom(tx: Db, { caseId, device, epoch }: Board, boards: readonly KnownBoard[]): Promise<void> {
  if (boards.length < BOARDS_MAX || boards.some((each) => each.epoch === epoch)) return;
  const strangers = boards.filter(({ state, speaks }) => state === 'held' && speaks === 0);
  const [oldest] = strangers.sort((a, b) => Number(a.heard_at_ms) - Number(b.heard_at_ms));
  if (oldest === undefined) return;
  for (const channel of COUNTED[device]) {
    const aside = asideOf(channel, oldest.epoch);
    await tx.deleteFrom('device_seqs').where('case_id', '=', caseId).where('channel', '=', aside).execute();
  }
  await tx
    .deleteFrom('device_epochs')
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .where('epoch', '=', oldest.epoch)
    .execute();
}

/** Who expected a new board here, once. */
async function takeExpected(tx: Db, caseId: string, device: Device, atMs: number): Promise<string | undefined> {
  const row = await tx
    .deleteFrom('boards_expected')
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .returningAll()
    .executeTakeFirst();
  return row !== undefined && Number(row.until_ms) > atMs ? row.expected_by : undefined;
}

/** The newest; made when it is first asked for. */
export async function ledgerEpoch(db: Db, nowMs: number): Promise<LedgerEpoch> {
  const newest = () => db.selectFrom('ledger_epochs').selectAll().orderBy('id', 'desc').limit(1);
  const row = await newest().executeTakeFirst();
  if (row !== undefined) return { epoch: row.epoch, why: row.why, atMs: Number(row.at_ms) };
  await begin(db, 'the first', nowMs);
  return ledgerEpoch(db, nowMs);
}

/**
 * From here on every device that hears it in a signed time takes numbers from there. Who cannot hear it (a Pi, firmware of before
 * epochs) takes the numbers because they go on above all that the ledger has forgotten.
 */
export async function renewLedgerEpoch(db: Db, why: string, atMs: number): Promise<string> {
  await db
    .updateTable('device_seqs')
    .set((eb) => ({ highest: eb('highest', '+', FORGOTTEN_MAX) }))
    .where('channel', 'in', TO_DEVICES)
    .execute();
  return begin(db, why, atMs);
}

async function begin(db: Db, why: string, atMs: number): Promise<string> {
  // Sixteen hex digits, as the protocol has them: chance, so that no two are ever the same.
  const epoch = randomBytes(8).toString('hex');
  await db.insertInto('ledger_epochs').values({ epoch, why, at_ms: atMs }).execute();
  return epoch;
}

export function epochs(db: Kysely<Tables>) {
  return {
    ledgerEpoch: (nowMs: number) => ledgerEpoch(db, nowMs),
    renewLedgerEpoch: (why: string, atMs: number) => db.transaction().execute((tx) => renewLedgerEpoch(tx, why, atMs)),
    expectBoard: ({ caseId, device, untilMs, act }: BoardOrder): Promise<'accepted' | 'expected'> =>
      db.transaction().execute(async (tx) => {
        const [first] = COUNTED[device] as readonly [Channel];
        // As whoever says hello locks it: an order and the board that it is about come one after the other.
        await windowOf(tx, caseId, first);
        const { epoch, isHeld } = await speakerOf(tx, caseId, device);
        const waits = isHeld && epoch !== null;
        await writeAct(tx, { ...act, detail: { ...act.detail, device, waits } });
        if (waits) {
          await replace(tx, { caseId, device, epoch }, await currentOf(tx, caseId, device), act.name);
          return 'accepted';
        }
        const row = { until_ms: untilMs, expected_by: act.name };
        await tx
          .insertInto('boards_expected')
          .values({ case_id: caseId, device, ...row })
          .onConflict((conflict) => conflict.columns(['case_id', 'device']).doUpdateSet(row))
          .execute();
        return 'expected';
      }),
  };
}

async function currentOf(db: Db, caseId: string, device: Device): Promise<string | undefined> {
  const row = await db
    .selectFrom('device_epochs')
    .select('epoch')
    .where('case_id', '=', caseId)
    .where('device', '=', device)
    .where('state', '=', 'current')
    .executeTakeFirst();
  return row?.epoch;
}
