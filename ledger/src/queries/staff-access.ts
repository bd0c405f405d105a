// What lets the staff in: passkeys, and passwords with their second factor.
import { Fault, PASSKEYS_MAX } from '@tapcase/domain';
import type { Kysely, Selectable } from 'kysely';
import type { PasskeyRow, PasswordRow, StaffLedger, Way } from '../staff-port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { writeAct } from './staff-acts.ts';

type Access = Pick<
  StaffLedger,
  'passkeysOf' | 'passkey' | 'addPasskey' | 'usePasskey' | 'removePasskey' | 'password' | 'setPassword' | 'useTotp'
>;

export function staffAccess(db: Kysely<Tables>): Access {
  return {
    async passkeysOf(staffId) {
      const rows = await db
        .selectFrom('staff_passkeys')
        .selectAll()
        .where('staff_id', '=', staffId)
        .orderBy('added_at_ms')
        .orderBy('id')
        .execute();
      return rows.map(toPasskey);
    },
    async passkey(id) {
      const row = await db
        .selectFrom('staff_passkeys')
        .innerJoin('staff', 'staff.id', 'staff_passkeys.staff_id')
        .selectAll('staff_passkeys')
        .where('staff_passkeys.id', '=', id)
        .where('staff.disabled_at_ms', 'is', null)
        .executeTakeFirst();
      return row && toPasskey(row);
    },
    addPasskey: (row, act) =>
      db.transaction().execute(async (tx) => {
        await lock(tx, row.staffId);
        const problem = await addWay(tx, row.staffId, { kind: 'passkey', passkey: row });
        if (problem === undefined) await writeAct(tx, act);
        return problem;
      }),
    async usePasskey(id, { from, to, atMs }) {
      const { numUpdatedRows } = await db
        .updateTable('staff_passkeys')
        .set({ counter: to, used_at_ms: atMs })
        .where('id', '=', id)
        .where('counter', '=', from)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    removePasskey: (staffId, id, act) =>
      db.transaction().execute(async (tx) => {
        await lock(tx, staffId);
        const mine = tx.selectFrom('staff_passkeys').select('id').where('staff_id', '=', staffId);
        const ids = (await mine.execute()).map((row) => row.id);
        if (!ids.includes(id)) return new Fault('staff.passkey-unknown', 'there is no such passkey');
        if (ids.length === 1 && (await passwordOf(tx, staffId)) === undefined) {
          return new Fault('staff.last-way', 'nothing else would let this person in');
        }
        await tx.deleteFrom('staff_passkeys').where('id', '=', id).execute();
        await writeAct(tx, act);
        return undefined;
      }),
    password: (staffId) => passwordOf(db, staffId),
    setPassword: (staffId, password, act) =>
      db.transaction().execute(async (tx) => {
        await lock(tx, staffId);
        await addWay(tx, staffId, { kind: 'password', password });
        await writeAct(tx, act);
      }),
    async useTotp(staffId, step) {
      const { numUpdatedRows } = await db
        .updateTable('staff_passwords')
        .set({ totp_step: step })
        .where('staff_id', '=', staffId)
        .where('totp_step', '<', step)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** What is a person's is changed by one at a time. */
async function lock(tx: Db, staffId: string): Promise<void> {
  await tx.selectFrom('staff').select('id').where('id', '=', staffId).forUpdate().execute();
}

export async function addWay(tx: Db, staffId: string, way: Way): Promise<Fault | undefined> {
  if (way.kind === 'password') {
    const { hash, sealedTotp, totpStep, setAtMs } = way.password;
    const row = { hash, sealed_totp: sealedTotp, totp_step: totpStep, set_at_ms: setAtMs };
    await tx
      .insertInto('staff_passwords')
      .values({ staff_id: staffId, ...row })
      .onConflict((conflict) => conflict.column('staff_id').doUpdateSet(row))
      .execute();
    return undefined;
  }
  const { id, publicKey, counter, transports, name, addedAtMs } = way.passkey;
  const known = await tx
    .selectFrom('staff_passkeys')
    .select(['id', 'staff_id'])
    .where((eb) => eb.or([eb('id', '=', id), eb('staff_id', '=', staffId)]))
    .execute();
  if (known.some((row) => row.id === id)) return new Fault('staff.passkey-known', 'this passkey is somebody’s already');
  if (known.length >= PASSKEYS_MAX)
    return new Fault('staff.too-many-passkeys', 'ten passkeys of one person are enough');
  await tx
    .insertInto('staff_passkeys')
    .values({
      id,
      staff_id: staffId,
      public_key: publicKey,
      counter,
      transports: JSON.stringify(transports),
      name,
      added_at_ms: addedAtMs,
      used_at_ms: null,
    })
    .execute();
  return undefined;
}

async function passwordOf(db: Db, staffId: string): Promise<PasswordRow | undefined> {
  const row = await db.selectFrom('staff_passwords').selectAll().where('staff_id', '=', staffId).executeTakeFirst();
  return row && { hash: row.hash, sealedTotp: row.sealed_totp, totpStep: row.totp_step, setAtMs: row.set_at_ms };
}

function toPasskey(row: Selectable<Tables['staff_passkeys']>): PasskeyRow {
  return {
    id: row.id,
    staffId: row.staff_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: JSON.parse(row.transports) as string[],
    name: row.name,
    addedAtMs: row.added_at_ms,
    usedAtMs: row.used_at_ms,
  };
}
