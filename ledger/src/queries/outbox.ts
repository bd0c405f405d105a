// The ledger's outbox: what a state change causes, written with it, offered until it is done.
import {
  type Channel,
  type Command,
  KEEP_VALID_SECONDS,
  type ShopEvent,
  SKEW_SECONDS_MAX,
  topicOf,
  type Unnumbered,
  type VisionCommand,
  type Visit,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { Effect, OutgoingEvent, OutgoingFrame, OutgoingPush, PushSubscription } from '../port.ts';
import type { Tables } from '../tables.ts';
import { type HandedKind, handedUntilMs, handOn, takeAtHand, transact } from './at-hand.ts';
import { type Db, toReview, toVisit } from './rows.ts';

interface FrameBody {
  readonly topic: string;
  readonly payload: Command | VisionCommand;
}

/** A device refuses a frame that is older than this, so it is dropped: what matters is asked again. */
const FRAME_MS_MAX = SKEW_SECONDS_MAX * 1000;
/** A receipt that could not be pushed within the hour is found in the app. */
const PUSH_MS_MAX = 3_600_000;
/** A wish to keep evidence waits out a broker that is away. */
const KEEP_MS_MAX = KEEP_VALID_SECONDS * 1000;
/** An own flow that was away for a day is not told of yesterday. */
export const EVENT_MS_MAX = 86_400_000;

type Kind = 'frame' | 'push' | 'keep' | 'event';
const AGE_MS_MAX: Readonly<Record<Kind, number>> = {
  frame: FRAME_MS_MAX,
  push: PUSH_MS_MAX,
  keep: KEEP_MS_MAX,
  event: EVENT_MS_MAX,
};

/** Nobody takes a row for longer: what is said to be taken longer was taken by a clock that was ahead. */
const LEASE_MS_MAX = 60_000;

/** Inside the transaction of the change. A command takes its number here, so a retry is the same frame. */
export async function putEffect(tx: Db, effect: Effect, atMs: number): Promise<void> {
  if (effect.kind === 'push') return putRow(tx, 'push', { visitId: effect.visitId }, atMs);
  const channel: Channel = effect.kind === 'command' ? 'cmd' : 'vision/cmd';
  const seq = await nextSeq(tx, effect.caseId, channel);
  // `type` first and `seq` second, as the protocol's examples show them.
  const { type, ...rest } = effect.command;
  await putRow(tx, 'frame', { topic: topicOf(effect.caseId, channel), payload: { type, seq, ...rest } }, atMs);
}

/** Written for a visit whose pictures were asked for. */
const ASKED = 'pictures_asked';

/**
 * Asks the visit's Pi to keep its clip and send its pictures, once in a visit's life. Inside the transaction that flags it,
 * which has locked the visit.
 */
export async function askPictures(tx: Db, { id, caseId, phase }: Asked, atMs: number): Promise<void> {
  const before = await tx
    .selectFrom('visit_events')
    .select('id')
    .where('visit_id', '=', id)
    .where('event', '=', ASKED)
    .limit(1)
    .executeTakeFirst();
  if (before !== undefined) return;
  await tx.insertInto('visit_events').values({ visit_id: id, event: ASKED, phase, note: null, at_ms: atMs }).execute();
  await putRow(tx, 'keep', { caseId, visitId: id, atMs }, atMs);
}

type Asked = Pick<Visit, 'id' | 'caseId' | 'phase'>;

interface KeepBody {
  readonly caseId: string;
  readonly visitId: string;
  readonly atMs: number;
}

async function putRow(tx: Db, kind: Kind, value: object, atMs: number): Promise<void> {
  const body = JSON.stringify(value);
  const leasedUntilMs = isHanded(kind) ? handedUntilMs(tx, kind, atMs) : 0;
  const { id } = await tx
    .insertInto('outbox')
    .values({ kind, body, created_at_ms: atMs, leased_until_ms: leasedUntilMs, done_at_ms: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (isHanded(kind) && leasedUntilMs > 0) handOn(tx, kind, { id: Number(id), body, leasedUntilMs });
}

/** The others are numbered, or looked for, when their time comes. */
function isHanded(kind: Kind): kind is HandedKind {
  return kind === 'frame' || kind === 'push';
}

async function nextSeq(tx: Db, caseId: string, channel: Channel): Promise<number> {
  const row = await tx
    .insertInto('device_seqs')
    .values({ case_id: caseId, channel, highest: 1, bitmap: '' })
    .onConflict((conflict) =>
      conflict.columns(['case_id', 'channel']).doUpdateSet((eb) => ({
        highest: eb('device_seqs.highest', '+', 1),
      })),
    )
    .returning('highest')
    .executeTakeFirstOrThrow();
  return Number(row.highest);
}

/** The number of the command that lets this visit in; undefined once it is forgotten. */
export async function unlockOf(
  tx: Db,
  { id, enteredAtMs }: Pick<Visit, 'id' | 'enteredAtMs'>,
): Promise<number | undefined> {
  const rows = await tx
    .selectFrom('outbox')
    .select('body')
    .where('kind', '=', 'frame')
    // By the indices of what waits and of what is done.
    .where((eb) => eb.or([eb('done_at_ms', 'is', null), eb('done_at_ms', '>=', enteredAtMs)]))
    .where('body', 'like', `%"type":"unlock"%`)
    .where('body', 'like', `%"id":"${id}"%`)
    .limit(1)
    .execute();
  return rows.map(({ body }) => (JSON.parse(body) as FrameBody).payload.seq)[0];
}

/** `isAlone`: nobody else takes from this ledger while it is open. */
export function outbox(db: Kysely<Tables>, isAlone: boolean) {
  let freeing: Promise<unknown> | undefined;
  /** Whoever had it has died: a customer who waits for an unlock does not wait for the end of a lease as well. Once for all who take. */
  const free = async (): Promise<void> => {
    if (!isAlone) return;
    freeing ??= db
      .updateTable('outbox')
      .set({ leased_until_ms: 0 })
      .where('kind', 'in', ['frame', 'keep', 'push'] satisfies Kind[])
      .where('done_at_ms', 'is', null)
      .where('leased_until_ms', '>', 0)
      .execute();
    await freeing.catch((thrown: unknown) => {
      freeing = undefined;
      throw thrown;
    });
  };
  /** Most nudges find nothing: a look costs no transaction, and so no write to the disk. */
  const isWaiting = async (kinds: readonly Kind[], nowMs: number): Promise<boolean> => {
    const row = await db
      .selectFrom('outbox')
      .select('id')
      .where('kind', 'in', kinds)
      .where('done_at_ms', 'is', null)
      .where((eb) => eb.or([eb('leased_until_ms', '<=', nowMs), eb('leased_until_ms', '>', nowMs + LEASE_MS_MAX)]))
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  };
  const taken = async <T>(
    kinds: readonly Kind[],
    nowMs: number,
    take: (tx: Db) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => ((await isWaiting(kinds, nowMs)) ? db.transaction().execute(take) : []);
  /** The oldest of these kinds that nobody has taken; what is too old goes. */
  const lease = async (tx: Db, kinds: readonly Kind[], nowMs: number, leaseMs: number, limit: number) => {
    const found = await tx
      .selectFrom('outbox')
      .select(['id', 'kind', 'body', 'created_at_ms'])
      .where('kind', 'in', kinds)
      .where('done_at_ms', 'is', null)
      .where((eb) => eb.or([eb('leased_until_ms', '<=', nowMs), eb('leased_until_ms', '>', nowMs + LEASE_MS_MAX)]))
      // A frame before a wish to keep: a door waits for it, evidence can.
      .orderBy('kind')
      .orderBy('id')
      .limit(limit)
      .forUpdate()
      .skipLocked()
      .execute();
    const isOld = ({ kind, created_at_ms }: { readonly kind: string; readonly created_at_ms: number }) =>
      created_at_ms < nowMs - AGE_MS_MAX[kind as Kind];
    const old = found.filter(isOld).map(({ id }) => id);
    if (old.length > 0) await tx.deleteFrom('outbox').where('id', 'in', old).execute();
    const rows = found.filter((row) => !isOld(row));
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) {
      await tx
        .updateTable('outbox')
        .set({ leased_until_ms: nowMs + leaseMs })
        .where('id', 'in', ids)
        .execute();
    }
    return rows;
  };
  /**
   * Numbered when it is sent: other than a command of seconds, one of these may wait for hours, and a Pi refuses a number
   * below one that it has heard meanwhile. Sent twice it has two numbers, and the Pi keeps what it keeps.
   */
  const keepFrame = async (tx: Db, id: number, body: string, nowMs: number): Promise<OutgoingFrame> => {
    const { caseId, visitId, atMs } = JSON.parse(body) as KeepBody;
    const seq = await nextSeq(tx, caseId, 'vision/cmd');
    const exp = Math.floor(atMs / 1000) + KEEP_VALID_SECONDS;
    const payload = { type: 'keep', id: visitId, seq, at: Math.floor(nowMs / 1000), exp } as const;
    return { outboxId: id, topic: topicOf(caseId, 'vision/cmd'), payload };
  };
  const commandFrame = (id: number, body: string, nowMs: number): OutgoingFrame => {
    const { topic, payload } = JSON.parse(body) as FrameBody;
    // The time is the one thing that must be true when it is sent, not when it was asked.
    const sent = payload.type === 'time' ? { ...payload, at: Math.floor(nowMs / 1000) } : payload;
    return { outboxId: id, topic, payload: sent };
  };
  return {
    command: (caseId: string, command: Unnumbered<Command>, atMs: number): Promise<void> =>
      transact(db, (tx) => putEffect(tx, { kind: 'command', caseId, command }, atMs)),
    async takeFrames(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingFrame[]> {
      await free();
      const atHand = takeAtHand(db, 'frame', { nowMs, leaseMs, limit });
      const own = atHand.taken.map(({ id, body }) => commandFrame(id, body, nowMs));
      if (own.length === limit || !atHand.isLookDue) return own;
      const found = await taken(['frame', 'keep'], nowMs, async (tx) => {
        const frames: OutgoingFrame[] = [];
        for (const { id, kind, body } of await lease(tx, ['frame', 'keep'], nowMs, leaseMs, limit - own.length)) {
          const frame =
            kind === 'keep' ? keepFrame(tx, Number(id), body, nowMs) : commandFrame(Number(id), body, nowMs);
          frames.push(await frame);
        }
        return frames;
      });
      // In the order of their numbers: what was still there is older, a wish to keep has the newest.
      const isKeep = ({ payload }: OutgoingFrame) => payload.type === 'keep';
      return [...found.filter((frame) => !isKeep(frame)), ...own, ...found.filter(isKeep)];
    },
    async takePushes(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingPush[]> {
      await free();
      const { taken: own, isLookDue } = takeAtHand(db, 'push', { nowMs, leaseMs, limit });
      const pushes: OutgoingPush[] = [];
      for (const { id, body } of own) pushes.push(await pushOf(db, id, body));
      if (own.length === limit || !isLookDue) return pushes;
      const found = await taken(['push'], nowMs, async (tx) => {
        const rows = await lease(tx, ['push'], nowMs, leaseMs, limit - own.length);
        const left: OutgoingPush[] = [];
        for (const { id, body } of rows) left.push(await pushOf(tx, Number(id), body));
        return left;
      });
      return [...found, ...pushes];
    },
    takeEvents: (nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingEvent[]> =>
      taken(['event'], nowMs, async (tx) => {
        const rows = await lease(tx, ['event'], nowMs, leaseMs, limit);
        return rows.map(({ id, body }) => ({ outboxId: Number(id), event: JSON.parse(body) as ShopEvent }));
      }),
    async outboxDone(outboxIds: readonly number[], atMs: number): Promise<void> {
      if (outboxIds.length === 0) return;
      await db
        .updateTable('outbox')
        .set({ done_at_ms: atMs })
        .where('id', 'in', outboxIds)
        .where('done_at_ms', 'is', null)
        .execute();
    },
  };
}

/** A receipt as it stands when it is sent, and the browsers that it goes to. */
async function pushOf(db: Db, outboxId: number, body: string): Promise<OutgoingPush> {
  const { visitId } = JSON.parse(body) as { visitId: string };
  const row = await db.selectFrom('visits').selectAll().where('id', '=', visitId).executeTakeFirstOrThrow();
  const review = await db.selectFrom('reviews').selectAll().where('visit_id', '=', visitId).executeTakeFirst();
  const debt = await db.selectFrom('debts').select('state').where('visit_id', '=', visitId).executeTakeFirst();
  const subscriptions = await db
    .selectFrom('push_subscriptions')
    .select(['endpoint', 'p256dh', 'auth', 'language'])
    .where('customer_id', '=', row.customer_id)
    .execute();
  return {
    outboxId,
    visit: toVisit(row),
    review: review === undefined ? null : toReview(review),
    isLetGo: debt?.state === 'waived',
    subscriptions: subscriptions.map((each) => ({ ...each })) as PushSubscription[],
  };
}
