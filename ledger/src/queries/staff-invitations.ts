// The ledger's invitations: links that let somebody into the team once, or somebody who is known in again.
import { type Act, Fault, type StaffRole } from '@tapcase/domain';
import type { Kysely, Selectable } from 'kysely';
import type { InvitationRow, StaffLedger } from '../staff-port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';
import { isTaken } from './staff.ts';
import { writeAct } from './staff-acts.ts';

/** Nobody reads a longer list. */
const OPEN_MAX = 50;
/** A process that is started again and again makes links for a first owner: the oldest give way. */
const FIRST_OWNER_OPEN_MAX = 20;
/** What is over says who invited whom for a month. */
const KEPT_MS = 30 * 86_400_000;

type Invitations = Pick<StaffLedger, 'invite' | 'invitation' | 'invitations' | 'revokeInvitation'>;

export function staffInvitations(db: Kysely<Tables>): Invitations {
  return {
    invite: (row, act, { alone = false } = {}) => db.transaction().execute((tx) => inviteIn(tx, row, act, alone)),
    async invitation(tokenHash, nowMs) {
      const row = await db
        .selectFrom('staff_invitations')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return row !== undefined && isOpen(row, nowMs) ? toInvitation(row) : undefined;
    },
    async invitations(nowMs) {
      const rows = await openOnes(db, nowMs).orderBy('expires_at_ms', 'desc').limit(OPEN_MAX).execute();
      return rows.map(toInvitation);
    },
    revokeInvitation: (id, act) =>
      db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('staff_invitations')
          .set({ over_at_ms: act.atMs })
          .where('id', '=', id)
          .where('over_at_ms', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await writeAct(tx, act);
        return numUpdatedRows > 0n;
      }),
  };
}

function openOnes(db: Db, nowMs: number) {
  return db
    .selectFrom('staff_invitations')
    .selectAll()
    .where('over_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs);
}

export const isOpen = (row: Selectable<Tables['staff_invitations']>, nowMs: number): boolean =>
  row.over_at_ms === null && row.expires_at_ms > nowMs;

async function inviteIn(
  tx: Db,
  row: InvitationRow & { readonly tokenHash: string },
  act: Act,
  alone: boolean,
): Promise<Fault | undefined> {
  await tx
    .deleteFrom('staff_invitations')
    .where('expires_at_ms', '<', act.atMs - KEPT_MS)
    .execute();
  if (row.staffId === null && row.name !== '') {
    const taken = await isTaken(tx, row.name, row.email);
    if (taken !== undefined) return taken;
  }
  if (row.staffId !== null) {
    const person = await tx
      .selectFrom('staff')
      .select('disabled_at_ms')
      .where('id', '=', row.staffId)
      .executeTakeFirst();
    if (person === undefined || person.disabled_at_ms !== null) {
      return new Fault('staff.unknown', 'there is no such person');
    }
  }
  const open = await openOnes(tx, act.atMs).orderBy('expires_at_ms', 'desc').forUpdate().execute();
  const over = open.filter((other) => (alone && other.role === 'owner') || other.staff_id === (row.staffId ?? ''));
  if (row.isFirstOwner)
    over.push(...open.filter((other) => other.is_first_owner === 1).slice(FIRST_OWNER_OPEN_MAX - 1));
  for (const { id } of over) {
    await tx.updateTable('staff_invitations').set({ over_at_ms: act.atMs }).where('id', '=', id).execute();
  }
  if (!row.isFirstOwner && open.length - over.length >= OPEN_MAX) {
    return new Fault('staff.too-many-invitations', 'too many invitations are open: revoke some');
  }
  await tx
    .insertInto('staff_invitations')
    .values({
      id: row.id,
      token_hash: row.tokenHash,
      role: row.role,
      name: row.name,
      email: row.email,
      staff_id: row.staffId,
      is_first_owner: row.isFirstOwner ? 1 : 0,
      made_by: row.madeBy,
      made_by_id: row.madeById,
      expires_at_ms: row.expiresAtMs,
      over_at_ms: null,
    })
    .execute();
  await writeAct(tx, act);
  return undefined;
}

function toInvitation(row: Selectable<Tables['staff_invitations']>): InvitationRow {
  return {
    id: row.id,
    role: row.role as StaffRole,
    name: row.name,
    email: row.email,
    staffId: row.staff_id,
    isFirstOwner: row.is_first_owner === 1,
    madeBy: row.made_by,
    madeById: row.made_by_id,
    expiresAtMs: row.expires_at_ms,
  };
}
