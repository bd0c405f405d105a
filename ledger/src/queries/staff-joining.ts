// Accepting an invitation: once, and all of it or nothing.
import { Fault, loginKey, type StaffRole } from '@tapcase/domain';
import type { Kysely, Selectable } from 'kysely';
import type { Joining, StaffLedger, StaffRow } from '../staff-port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { isTaken, STAFF_MAX, signOut, toStaff } from './staff.ts';
import { addWay } from './staff-access.ts';
import { writeAct } from './staff-acts.ts';
import { isOpen } from './staff-invitations.ts';

export function staffJoining(db: Kysely<Tables>): Pick<StaffLedger, 'acceptInvitation'> {
  return {
    acceptInvitation: (tokenHash, joining) =>
      db
        .transaction()
        .execute((tx) => acceptIn(tx, tokenHash, joining))
        .catch((thrown: unknown) => {
          if (thrown instanceof Refused) return thrown.fault;
          throw thrown;
        }),
  };
}

async function acceptIn(tx: Db, tokenHash: string, joining: Joining): Promise<StaffRow | Fault> {
  const row = await lockInvitation(tx, tokenHash);
  if (row === undefined || !isOpen(row, joining.atMs)) return over();
  const member = row.staff_id === null ? await join(tx, row, joining) : await letInAgain(tx, row.staff_id);
  if (member instanceof Fault) return member;
  const problem = await addWay(tx, member.id, joining.way);
  if (problem !== undefined) throw new Refused(problem);
  await tx.updateTable('staff_invitations').set({ over_at_ms: joining.atMs }).where('id', '=', row.id).execute();
  const { name, role, id: staffId } = member;
  const act = row.staff_id === null ? 'joined' : 'let-in-again';
  const detail = { way: joining.way.kind, madeBy: row.made_by };
  await writeAct(tx, { atMs: joining.atMs, staffId, name, role, act, subject: name, detail, address: joining.address });
  return member;
}

/** Thrown, so that nothing of what was begun stays. */
class Refused extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

const over = () => new Fault('staff.invitation-over', 'this link was used, revoked, or is too old');

/** Of a first owner's links all are locked: of two that are used at once one makes the owner. */
async function lockInvitation(tx: Db, tokenHash: string) {
  const rows = await tx
    .selectFrom('staff_invitations')
    .selectAll()
    .where((eb) => eb.or([eb('token_hash', '=', tokenHash), eb('is_first_owner', '=', 1)]))
    .where('over_at_ms', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.find((row) => row.token_hash === tokenHash);
}

async function join(
  tx: Db,
  row: Selectable<Tables['staff_invitations']>,
  { person, atMs }: Joining,
): Promise<StaffRow | Fault> {
  const all = await tx.selectFrom('staff').select(['role', 'disabled_at_ms']).execute();
  if (all.length >= STAFF_MAX) return new Fault('staff.too-many', 'the team is as large as it may be');
  const hasOwner = all.some(({ role, disabled_at_ms }) => role === 'owner' && disabled_at_ms === null);
  if (row.is_first_owner === 1 && hasOwner) return over();
  const nameKey = loginKey(person.name);
  const taken = await isTaken(tx, person.name, person.email);
  if (taken !== undefined) return taken;
  const member: StaffRow = { ...person, role: row.role as StaffRole, createdAtMs: atMs, disabledAtMs: null };
  await tx
    .insertInto('staff')
    .values({
      id: member.id,
      name: member.name,
      name_key: nameKey,
      email: member.email,
      role: member.role,
      created_at_ms: atMs,
      disabled_at_ms: null,
    })
    .execute();
  return member;
}

/** Whoever lost a key does not know who has it. */
async function letInAgain(tx: Db, staffId: string): Promise<StaffRow | Fault> {
  const row = await tx.selectFrom('staff').selectAll().where('id', '=', staffId).forUpdate().executeTakeFirst();
  if (row === undefined || row.disabled_at_ms !== null) return over();
  await tx.deleteFrom('staff_passkeys').where('staff_id', '=', staffId).execute();
  await tx.deleteFrom('staff_passwords').where('staff_id', '=', staffId).execute();
  await signOut(tx, staffId);
  return toStaff(row);
}
