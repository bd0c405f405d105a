// The ledger's audit: what people of the staff did. Rows are added and read, and never changed.
import type { Act, ActName, StaffRole } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { ActRow, StaffLedger } from '../staff-port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';

/** Of a subject, a name or an address; longer ones are cut. */
const TEXT_LENGTH_MAX = 200;
/** Of JSON: facts of one order. */
const DETAIL_LENGTH_MAX = 4_000;

export function staffActs(db: Kysely<Tables>): Pick<StaffLedger, 'recordAct' | 'acts'> {
  return {
    recordAct: (act) => writeAct(db, act),
    async acts({ before, staffId, limit }): Promise<readonly ActRow[]> {
      let rows = db.selectFrom('acts').selectAll().orderBy('id', 'desc').limit(limit);
      if (before !== undefined) rows = rows.where('id', '<', before);
      if (staffId !== undefined) rows = rows.where('staff_id', '=', staffId);
      return (await rows.execute()).map((row) => ({
        id: row.id,
        atMs: row.at_ms,
        staffId: row.staff_id,
        name: row.name,
        role: row.role as StaffRole | null,
        act: row.act as ActName,
        subject: row.subject,
        detail: JSON.parse(row.detail) as Record<string, unknown>,
        address: row.address,
      }));
    },
  };
}

/** Inside the transaction of what was done. */
export async function writeAct(
  tx: Db,
  { atMs, staffId, name, role, act, subject, detail, address }: Act,
): Promise<void> {
  const text = JSON.stringify(detail);
  await tx
    .insertInto('acts')
    .values({
      at_ms: atMs,
      staff_id: staffId,
      name: name.slice(0, TEXT_LENGTH_MAX),
      role,
      act,
      subject: subject?.slice(0, TEXT_LENGTH_MAX) ?? null,
      detail: text.length > DETAIL_LENGTH_MAX ? '{"tooLong":true}' : text,
      address: address?.slice(0, TEXT_LENGTH_MAX) ?? null,
    })
    .execute();
}
