// The ledger's sessions, of customers and of staff: known by the hash of their secret, ended when they end; and what is
// counted of whoever tries too often.
import type { Kysely, Selectable } from 'kysely';
import type { SessionRow, TryRule } from '../port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';

/** Browsers of one person; a list that they can still read. */
const SESSIONS_MAX = 20;
/** "When last seen" is for people: a page that is open all day writes 24 times. */
const SEEN_EVERY_MS = 3_600_000;

type Kind = SessionRow['kind'];

export function sessions(db: Kysely<Tables>) {
  return {
    startSession: (row: SessionRow & { readonly tokenHash: string }): Promise<void> =>
      db.transaction().execute((tx) => start(tx, row)),
    async session(
      kind: Kind,
      tokenHash: string,
      nowMs: number,
      idleMsMax = Infinity,
      isUse = true,
    ): Promise<SessionRow | undefined> {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('kind', '=', kind)
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      if (row === undefined || row.seen_at_ms <= nowMs - idleMsMax) return undefined;
      if (!isUse || row.seen_at_ms > nowMs - SEEN_EVERY_MS) return toSession(row);
      await db.updateTable('sessions').set({ seen_at_ms: nowMs }).where('token_hash', '=', tokenHash).execute();
      return toSession({ ...row, seen_at_ms: nowMs });
    },
    async sessionsOf(kind: Kind, subject: string, nowMs: number): Promise<readonly SessionRow[]> {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('kind', '=', kind)
        .where('subject', '=', subject)
        .where('expires_at_ms', '>', nowMs)
        .orderBy('seen_at_ms', 'desc')
        .orderBy('id')
        .limit(SESSIONS_MAX)
        .execute();
      return rows.map(toSession);
    },
    async endSession(kind: Kind, subject: string, id: string): Promise<boolean> {
      const { numDeletedRows } = await ofSubject(db, kind, subject).where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async endSessions(kind: Kind, subject: string, exceptId?: string): Promise<number> {
      const all = ofSubject(db, kind, subject);
      const { numDeletedRows } = await (exceptId === undefined
        ? all
        : all.where('id', '<>', exceptId)
      ).executeTakeFirst();
      return Number(numDeletedRows);
    },
    countTry: async (key: string, rule: TryRule, nowMs: number): Promise<boolean> =>
      (await countIn(db, key, rule, nowMs)) <= rule.max,
  };
}

async function start(tx: Db, { tokenHash, ...row }: SessionRow & { readonly tokenHash: string }): Promise<void> {
  const { kind, subject, createdAtMs } = row;
  await ofSubject(tx, kind, subject).where('expires_at_ms', '<=', createdAtMs).execute();
  const surplus = await tx
    .selectFrom('sessions')
    .select('id')
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .orderBy('seen_at_ms', 'desc')
    .orderBy('created_at_ms', 'desc')
    // Two who start at once may leave one too many: the next start takes it.
    .limit(SESSIONS_MAX)
    .offset(SESSIONS_MAX - 1)
    .execute();
  const ids = surplus.map(({ id }) => id);
  if (ids.length > 0) await tx.deleteFrom('sessions').where('id', 'in', ids).execute();
  await tx
    .insertInto('sessions')
    .values({
      token_hash: tokenHash,
      id: row.id,
      kind,
      subject,
      label: row.label,
      created_at_ms: createdAtMs,
      seen_at_ms: row.seenAtMs,
      expires_at_ms: row.expiresAtMs,
    })
    .execute();
}

/**
 * The tries in the window that is open, this one included; above `max` it is not counted further. One statement, so that of
 * many at once each counts; and within a transaction, whoever tries the same waits for its end.
 */
export async function countIn(db: Db, key: string, { windowMs, max }: TryRule, nowMs: number): Promise<number> {
  const row = await db
    .insertInto('tries')
    .values({ what: key, count: 1, until_ms: nowMs + windowMs })
    .onConflict((conflict) =>
      conflict.column('what').doUpdateSet((eb) => {
        const isOver = eb('tries.until_ms', '<=', nowMs);
        return {
          count: eb
            .case()
            .when(isOver)
            .then(1)
            .when('tries.count', '>', max)
            .then(eb.ref('tries.count'))
            .else(eb('tries.count', '+', 1))
            .end(),
          // A refused try is no further one: the window is not drawn out.
          until_ms: eb
            .case()
            .when(isOver)
            .then(nowMs + windowMs)
            .else(eb.ref('tries.until_ms'))
            .end(),
        };
      }),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  return row.count;
}

function ofSubject(db: Db, kind: Kind, subject: string) {
  return db.deleteFrom('sessions').where('kind', '=', kind).where('subject', '=', subject);
}

function toSession(row: Selectable<Tables['sessions']>): SessionRow {
  return {
    id: row.id,
    kind: row.kind as Kind,
    subject: row.subject,
    label: row.label,
    createdAtMs: row.created_at_ms,
    seenAtMs: row.seen_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}
