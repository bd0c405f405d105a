// The ledger's staff: who they are, and what changes of that. There is always an owner left.
import { type Act, Fault, loginKey, looksAlike, type StaffRole } from '@tapcase/domain';
import type { Kysely, Selectable } from 'kysely';
import type { StaffChange, StaffLedger, StaffRow, StaffWays } from '../staff-port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { writeAct } from './staff-acts.ts';

/** More people than a shop of this kind has. */
export const STAFF_MAX = 200;

type Staff = Pick<StaffLedger, 'staff' | 'staffMember' | 'staffByLogin' | 'hasOwner' | 'changeStaff'>;

export function staff(db: Kysely<Tables>): Staff {
  return {
    async staff(): Promise<readonly StaffWays[]> {
      const rows = await db
        .selectFrom('staff')
        .selectAll('staff')
        .select((eb) => [
          eb
            .selectFrom('staff_passkeys')
            .select((keys) => keys.fn.countAll().as('count'))
            .whereRef('staff_passkeys.staff_id', '=', 'staff.id')
            .as('passkeys'),
          eb
            .selectFrom('staff_passwords')
            .select((passwords) => passwords.fn.countAll().as('count'))
            .whereRef('staff_passwords.staff_id', '=', 'staff.id')
            .as('passwords'),
        ])
        .orderBy('name_key')
        .orderBy('created_at_ms')
        .execute();
      const all = rows.map((row) => ({
        ...toStaff(row),
        passkeys: Number(row.passkeys),
        hasPassword: Number(row.passwords) > 0,
      }));
      const here = all.filter(({ disabledAtMs }) => disabledAtMs === null);
      return [...here, ...all.filter(({ disabledAtMs }) => disabledAtMs !== null)];
    },
    async staffMember(id) {
      const row = await db.selectFrom('staff').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toStaff(row);
    },
    async staffByLogin(login) {
      const key = loginKey(login);
      const row = await db
        .selectFrom('staff')
        .selectAll()
        .where(key.includes('@') ? 'email' : 'name_key', '=', key)
        .where('disabled_at_ms', 'is', null)
        .executeTakeFirst();
      return row && toStaff(row);
    },
    hasOwner: async () => (await owners(db)).length > 0,
    changeStaff: (id, change, act) => db.transaction().execute((tx) => changeIn(tx, id, change, act)),
  };
}

/** Locks those who are counted: of two owners who end each other at once one stays. */
async function owners(tx: Db): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('staff')
    .select('id')
    .where('role', '=', 'owner')
    .where('disabled_at_ms', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

async function changeIn(tx: Db, id: string, change: StaffChange, act: Act): Promise<StaffRow | Fault> {
  const owning = await owners(tx);
  const row = await tx.selectFrom('staff').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) return new Fault('staff.unknown', 'there is no such person');
  const role = 'role' in change ? change.role : (row.role as StaffRole);
  const disabledAtMs = 'role' in change ? row.disabled_at_ms : change.disabledAtMs;
  const isOwner = role === 'owner' && disabledAtMs === null;
  if (!isOwner && owning.length === 1 && owning[0] === id) {
    return new Fault('staff.last-owner', 'the last owner stays one');
  }
  if (row.disabled_at_ms !== null && disabledAtMs === null) {
    const taken = await isTaken(tx, row.name, row.email);
    if (taken !== undefined) return taken;
  }
  await tx.updateTable('staff').set({ role, disabled_at_ms: disabledAtMs }).where('id', '=', id).execute();
  if (!isOwner && row.role === 'owner') await revokeOf(tx, 'made_by_id', id, act.atMs);
  if (disabledAtMs !== null) {
    await revokeOf(tx, 'staff_id', id, act.atMs);
    await signOut(tx, id);
  }
  await writeAct(tx, act);
  return toStaff({ ...row, role, disabled_at_ms: disabledAtMs });
}

/** What they had invited to, or what invited them. */
async function revokeOf(tx: Db, column: 'made_by_id' | 'staff_id', id: string, atMs: number): Promise<void> {
  await tx
    .updateTable('staff_invitations')
    .set({ over_at_ms: atMs })
    .where(column, '=', id)
    .where('over_at_ms', 'is', null)
    .execute();
}

/** Everywhere; and no browser is known any more. */
export async function signOut(tx: Db, staffId: string): Promise<void> {
  await tx.deleteFrom('sessions').where('kind', '=', 'staff').where('subject', '=', staffId).execute();
  await tx.deleteFrom('staff_browsers').where('staff_id', '=', staffId).execute();
}

/** `details.like`: the name of who is there already, for whoever may see the team. */
export async function isTaken(tx: Db, name: string, email: string | null): Promise<Fault | undefined> {
  // A team is small (`STAFF_MAX`).
  const team = await tx.selectFrom('staff').select(['name', 'email']).where('disabled_at_ms', 'is', null).execute();
  const row = team.find((one) => looksAlike(one.name, name) || (email !== null && one.email === email));
  const said = 'somebody else of the team has this name, one that looks like it, or this address';
  return row && new Fault('staff.name-taken', said, { like: row.name });
}

export function toStaff(row: Selectable<Tables['staff']>): StaffRow {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role as StaffRole,
    createdAtMs: row.created_at_ms,
    disabledAtMs: row.disabled_at_ms,
  };
}
