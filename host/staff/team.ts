// What an owner does with the team: who is in it, as what, and whose sessions end.
import {
  Fault,
  INVITATION_MS,
  type LinkView,
  type StaffRole,
  staffEmail,
  staffName,
  type TeamMemberView,
  type TeamView,
} from '@tapcase/domain';
import type { StaffWays } from '@tapcase/ledger';
import { personOf, sessionsOf, unknownSession } from './account.ts';
import { type Asked, actOf, type Handler, type Office } from './asked.ts';
import { hashOf, newToken } from './secrets.ts';

export const team: Handler<'GET /staff/api/team'> = async (office, asked): Promise<TeamView> => {
  const { ledger, now } = office;
  const { sessionId } = personOf(asked);
  const people: TeamMemberView[] = [];
  // One after the other: nobody waits for this page, and the ledger serves the shop meanwhile.
  for (const person of await ledger.staff()) people.push(await memberView(office, person, sessionId));
  const invitations = (await ledger.invitations(now())).map(({ id, name, role, staffId, madeBy, expiresAtMs }) => ({
    ...{ id, name, role, isReturn: staffId !== null, madeBy, expiresAtMs },
  }));
  return { people, invitations };
};

async function memberView(office: Office, person: StaffWays, mine: string): Promise<TeamMemberView> {
  const { id, name, email, role, disabledAtMs, passkeys, hasPassword } = person;
  const sessions = disabledAtMs === null ? await sessionsOf(office, id, mine) : [];
  return { id, name, email, role, disabledAtMs, passkeys, hasPassword, sessions };
}

export const invite: Handler<'POST /staff/api/team/invite'> = async (office, asked) => {
  const { given } = asked;
  const name = staffName(given.name);
  if (name instanceof Fault) return name;
  const email = staffEmail(given.email);
  if (email instanceof Fault) return email;
  return makeLink(office, asked, { name, email, role: given.role, staffId: null }, 'invited');
};

/** For somebody of the team who lost what let them in. */
export const link: Handler<'POST /staff/api/team/link'> = async (office, asked) => {
  const person = await office.ledger.staffMember(asked.given.id);
  if (person === undefined) return unknownPerson();
  const { id: staffId, name, email, role } = person;
  return makeLink(office, asked, { name, email, role, staffId }, 'link-made');
};

async function makeLink(
  office: Office,
  asked: Asked,
  person: {
    readonly name: string;
    readonly email: string | null;
    readonly role: StaffRole;
    readonly staffId: string | null;
  },
  act: 'invited' | 'link-made',
): Promise<LinkView | Fault> {
  const { ledger, origin, now } = office;
  const { id: madeById, name: madeBy } = personOf(asked);
  const token = newToken();
  const expiresAtMs = now() + INVITATION_MS;
  const row = { id: newToken().slice(0, 22), tokenHash: hashOf(token), ...person, isFirstOwner: false };
  const done = actOf(office, asked, act, person.name, { role: person.role });
  const problem = await ledger.invite({ ...row, madeBy, madeById, expiresAtMs }, done);
  return problem ?? { url: `${origin}/invite/${token}`, name: person.name, expiresAtMs };
}

export const revoke: Handler<'POST /staff/api/team/revoke'> = async (office, asked) => {
  const { ledger, now } = office;
  const row = (await ledger.invitations(now())).find(({ id }) => id === asked.given.id);
  const act = actOf(office, asked, 'invitation-revoked', row?.name ?? null);
  if (row !== undefined && (await ledger.revokeInvitation(row.id, act))) return undefined;
  return new Fault('staff.unknown', 'this invitation is over already');
};

const unknownPerson = () => new Fault('staff.unknown', 'there is no such person');

export const changeRole: Handler<'POST /staff/api/team/role'> = async (office, asked) => {
  const { id, role } = asked.given;
  const person = await office.ledger.staffMember(id);
  if (person === undefined) return unknownPerson();
  const act = actOf(office, asked, 'role-changed', person.name, { from: person.role, to: role });
  const changed = await office.ledger.changeStaff(id, { role }, act);
  office.whoIs.forget();
  return changed instanceof Fault ? changed : undefined;
};

export const setDisabled: Handler<'POST /staff/api/team/disabled'> = async (office, asked) => {
  const { id, disabled } = asked.given;
  const person = await office.ledger.staffMember(id);
  if (person === undefined) return unknownPerson();
  const act = actOf(office, asked, disabled ? 'disabled' : 'enabled', person.name);
  const changed = await office.ledger.changeStaff(id, { disabledAtMs: disabled ? office.now() : null }, act);
  office.whoIs.forget();
  return changed instanceof Fault ? changed : undefined;
};

export const endSession: Handler<'POST /staff/api/team/session/end'> = async (office, asked) => {
  const { id, sessionId } = asked.given;
  const person = await office.ledger.staffMember(id);
  if (person === undefined) return unknownPerson();
  if (!(await office.ledger.endSession('staff', id, sessionId))) return unknownSession();
  office.whoIs.forget();
  await office.ledger.recordAct(actOf(office, asked, 'session-ended', person.name));
  return undefined;
};

export const endSessions: Handler<'POST /staff/api/team/sessions/end'> = async (office, asked) => {
  const person = await office.ledger.staffMember(asked.given.id);
  if (person === undefined) return unknownPerson();
  const ended = await office.ledger.endSessions('staff', person.id);
  office.whoIs.forget();
  await office.ledger.recordAct(actOf(office, asked, 'sessions-ended', person.name, { ended }));
  return undefined;
};
