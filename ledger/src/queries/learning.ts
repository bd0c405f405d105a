// The ledger's side of learning: past visits as a case learns from them, what it has learned, what was forgotten.
import {
  type BasketLine,
  type CaseLearning,
  type Forgotten,
  type KnownBy,
  type PastBasket,
  withoutMass,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { ForgetOrder } from '../port.ts';
import type { Tables } from '../tables.ts';
import { toBasket } from './basket-rows.ts';
import type { Db } from './rows.ts';
import { writeAct } from './staff-acts.ts';

/** As JSON.stringify wrote them into the basket: quotes within its texts are escaped. */
const AGREED = '%"verdict":"agreed"%';
const BY_CAMERAS = '%"verdict":"vision_decided"%';
const WHOLE_CASE = '';

export function learning(db: Kysely<Tables>) {
  return {
    pastBaskets: (of: { caseId: string; sinceMs: number; limit: number }): Promise<readonly PastBasket[]> =>
      pastBaskets(db, of),
    saveLearning: (caseId: string, learned: CaseLearning): Promise<boolean> =>
      db.transaction().execute(async (tx) => {
        const forgotten = await forgottenOf(tx, caseId);
        // Learned while somebody had it forgotten: the next time will know.
        if (forgotten.some(({ atMs }) => atMs >= learned.learnedAtMs)) return false;
        await write(tx, caseId, learned);
        return true;
      }),
    learning: (caseId: string): Promise<CaseLearning | null> => read(db, caseId),
    forgetLearning: (order: ForgetOrder): Promise<void> => db.transaction().execute((tx) => forget(tx, order)),
    forgotten: (caseId: string): Promise<readonly Forgotten[]> => forgottenOf(db, caseId),
  };
}

async function pastBaskets(
  db: Db,
  { caseId, sinceMs, limit }: { caseId: string; sinceMs: number; limit: number },
): Promise<PastBasket[]> {
  const rows = await db
    .selectFrom('visits')
    .leftJoin('reviews', 'reviews.visit_id', 'visits.id')
    .select(['visits.id', 'visits.basket', 'visits.created_at_ms', 'reviews.decision', 'reviews.lines'])
    .where('visits.case_id', '=', caseId)
    .where('visits.created_at_ms', '>=', sinceMs)
    .where('visits.basket', 'is not', null)
    .where((eb) =>
      eb.or([
        // A person's word goes before; waived, nobody can tell.
        eb('reviews.decision', 'in', ['confirm', 'correct']),
        eb('reviews.decision', 'is', null).and(
          eb.or([eb('visits.basket', 'like', AGREED), eb('visits.basket', 'like', BY_CAMERAS)]),
        ),
      ]),
    )
    .orderBy('visits.created_at_ms', 'desc')
    .orderBy('visits.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id, basket, created_at_ms, decision, lines }) => {
    const decided = toBasket(basket!);
    const by: KnownBy = decision !== null ? 'person' : decided.verdict === 'agreed' ? 'agreed' : 'cameras';
    const known = lines === null ? decided.lines : (JSON.parse(lines) as BasketLine[]);
    return { visitId: id, atMs: created_at_ms, by, lines: known, scale: decided.scale };
  });
}

async function read(db: Db, caseId: string): Promise<CaseLearning | null> {
  const row = await db.selectFrom('case_learning').select('learning').where('case_id', '=', caseId).executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.learning) as CaseLearning);
}

async function write(tx: Db, caseId: string, learned: CaseLearning): Promise<void> {
  const row = { learning: JSON.stringify(learned), learned_at_ms: learned.learnedAtMs };
  await tx
    .insertInto('case_learning')
    .values({ case_id: caseId, ...row })
    .onConflict((conflict) => conflict.column('case_id').doUpdateSet(row))
    .execute();
}

async function forgottenOf(db: Db, caseId: string): Promise<Forgotten[]> {
  const rows = await db
    .selectFrom('learning_forgotten')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('sku')
    .execute();
  return rows.map(({ sku, at_ms }) => ({ sku: sku === WHOLE_CASE ? null : sku, atMs: at_ms }));
}

async function forget(tx: Db, { caseId, sku, by, atMs, act }: ForgetOrder): Promise<void> {
  const row = { forgotten_by: by, at_ms: atMs };
  await tx
    .insertInto('learning_forgotten')
    .values({ case_id: caseId, sku: sku ?? WHOLE_CASE, ...row })
    .onConflict((conflict) => conflict.columns(['case_id', 'sku']).doUpdateSet(row))
    .execute();
  if (act !== undefined) await writeAct(tx, act);
  const learned = await read(tx, caseId);
  if (learned === null) return;
  if (sku === null) await tx.deleteFrom('case_learning').where('case_id', '=', caseId).execute();
  else await write(tx, caseId, withoutMass(learned, sku));
}
