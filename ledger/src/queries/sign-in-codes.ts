// The ledger's sign-in codes: each belongs to the browser that asked, so that nobody else's guesses count against it.
import {
  answerCodeWish,
  CODE_LIFE_MS,
  type CodeAnswer,
  SHARED_FOR_MS,
  SHORT_CODES_MAX,
  SHORT_CODES_WINDOW_MS,
} from '@tapcase/domain';
import type { Kysely, Selectable } from 'kysely';
import type { CodeCheck } from '../port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { countIn } from './sessions.ts';

type Row = Selectable<Tables['sign_in_codes']>;

interface Wish {
  readonly request: string;
  readonly short: string;
  readonly long: string;
  readonly atMs: number;
}

interface Attempt {
  readonly request: string;
  readonly hash: string;
  readonly atMs: number;
  readonly attemptsMax: number;
}

/** What the address's day allows. */
const DAY = { windowMs: SHORT_CODES_WINDOW_MS, max: SHORT_CODES_MAX };

export function signInCodes(db: Kysely<Tables>) {
  return {
    wishForCode: (email: string, wish: Wish): Promise<CodeAnswer> =>
      db.transaction().execute((tx) => wishFor(tx, email, wish)),
    checkSignInCode: async (email: string, attempt: Attempt): Promise<CodeCheck> => {
      // A guess from a browser that has not asked costs a look, and no transaction.
      if ((await rowOf(db, email, attempt.request)) === undefined) return 'expired';
      return db.transaction().execute((tx) => check(tx, email, attempt));
    },
  };
}

async function wishFor(tx: Db, email: string, { request, short, long, atMs }: Wish): Promise<CodeAnswer> {
  const before = await rowOf(tx, email, request);
  const own = before !== undefined && before.expires_at_ms > atMs ? before : undefined;
  const askedAtMs = own?.asked_at_ms ?? null;
  // An impatient second tap is none of the day's wishes.
  if (answerCodeWish({ askedAtMs, wishes: 0, longMailedAtMs: null }, atMs) === 'too-soon') return 'too-soon';
  // From here on one wish for an address comes after the other.
  const wishes = await countIn(tx, `codes for ${email}`, DAY, atMs);
  const shared = await newestLong(tx, email, atMs);
  const answer = answerCodeWish({ askedAtMs, wishes, longMailedAtMs: shared?.mailed_at_ms ?? null }, atMs);
  if (answer === 'shared' && shared !== undefined) {
    // Asking again for the same code buys no guesses.
    const attempts = own?.hash === shared.hash ? own.attempts : 0;
    await put(tx, { ...shared, request, attempts, asked_at_ms: atMs });
  } else {
    const made = { hash: answer === 'long' ? long : short, is_long: answer === 'long' ? 1 : 0 };
    const times = { asked_at_ms: atMs, mailed_at_ms: atMs, expires_at_ms: atMs + CODE_LIFE_MS };
    await put(tx, { email, request, attempts: 0, ...made, ...times });
  }
  return answer;
}

/** The newest long code that was mailed for anybody who wants to be this address, if it is new enough to share. */
function newestLong(tx: Db, email: string, atMs: number): Promise<Row | undefined> {
  return tx
    .selectFrom('sign_in_codes')
    .selectAll()
    .where('email', '=', email)
    .where('is_long', '=', 1)
    .where('expires_at_ms', '>', atMs + CODE_LIFE_MS - SHARED_FOR_MS)
    .orderBy('mailed_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function put(tx: Db, { email, request, ...row }: Row): Promise<void> {
  await tx
    .insertInto('sign_in_codes')
    .values({ email, request, ...row })
    .onConflict((conflict) => conflict.columns(['email', 'request']).doUpdateSet(row))
    .execute();
}

async function check(tx: Db, email: string, { request, hash, atMs, attemptsMax }: Attempt): Promise<CodeCheck> {
  const row = await tx
    .selectFrom('sign_in_codes')
    .selectAll()
    .where('email', '=', email)
    .where('request', '=', request)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || row.expires_at_ms <= atMs) return 'expired';
  if (row.attempts >= attemptsMax) return 'too_many';
  if (row.hash !== hash) {
    await tx
      .updateTable('sign_in_codes')
      .set({ attempts: row.attempts + 1 })
      .where('email', '=', email)
      .where('request', '=', request)
      .execute();
    return 'wrong';
  }
  // Used up in every browser that it was good in.
  await tx.deleteFrom('sign_in_codes').where('email', '=', email).where('hash', '=', hash).execute();
  return 'right';
}

function rowOf(db: Db, email: string, request: string): Promise<Row | undefined> {
  return db
    .selectFrom('sign_in_codes')
    .selectAll()
    .where('email', '=', email)
    .where('request', '=', request)
    .executeTakeFirst();
}
