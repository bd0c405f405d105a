// What everybody of the staff does with their own account: what lets them in, and where they are signed in.
import { type AccountView, Fault, STAFF_IDLE_MS_MAX, type StaffSessionView } from '@tapcase/domain';
import { challengeOver } from './answers.ts';
import { type Asked, actOf, ask, askedBefore, type Handler, type Office } from './asked.ts';
import { beginTotp, passwordWay } from './joining.ts';
import type { RouteName } from './routes.ts';
import type { StaffMember } from './who-is.ts';

/** The route has let nobody in without one. */
export function personOf<Name extends RouteName>({ person }: Asked<Name>): StaffMember {
  if (person === undefined) throw new TypeError('a route that needs a person has none');
  return person;
}

export const account: Handler<'GET /staff/api/account'> = async (office, asked): Promise<AccountView> => {
  const { ledger } = office;
  const { id, sessionId } = personOf(asked);
  const passkeys = await ledger.passkeysOf(id);
  return {
    passkeys: passkeys.map((key) => ({ id: key.id, name: key.name, addedAtMs: key.addedAtMs, usedAtMs: key.usedAtMs })),
    passwordSetAtMs: (await ledger.password(id))?.setAtMs ?? null,
    sessions: await sessionsOf(office, id, sessionId),
  };
};

/** Those that still let somebody in. `mine`: the one that asks. */
export async function sessionsOf(
  { ledger, now }: Office,
  staffId: string,
  mine: string,
): Promise<readonly StaffSessionView[]> {
  const nowMs = now();
  const rows = await ledger.sessionsOf('staff', staffId, nowMs);
  return rows
    .filter(({ seenAtMs }) => seenAtMs > nowMs - STAFF_IDLE_MS_MAX)
    .map(({ id, label, createdAtMs, seenAtMs }) => ({ id, label, createdAtMs, seenAtMs, isThis: id === mine }));
}

export const endSession: Handler<'POST /staff/api/account/session/end'> = async (office, asked) => {
  const { id, name } = personOf(asked);
  if (!(await office.ledger.endSession('staff', id, asked.given.id))) return unknownSession();
  office.whoIs.forget();
  await office.ledger.recordAct(actOf(office, asked, 'session-ended', name));
  return undefined;
};

export const unknownSession = () => new Fault('staff.unknown', 'this session has ended already');

/** All but the one that asks. */
export const endSessions: Handler<'POST /staff/api/account/sessions/end'> = async (office, asked) => {
  const { id, name, sessionId } = personOf(asked);
  const ended = await office.ledger.endSessions('staff', id, sessionId);
  office.whoIs.forget();
  await office.ledger.recordAct(actOf(office, asked, 'sessions-ended', name, { ended }));
  return undefined;
};

export const passkeyOptions: Handler<'POST /staff/api/account/passkey/options'> = async (office, asked) => {
  const { id, name } = personOf(asked);
  const options = await office.passkeys.register({ id, name }, await office.ledger.passkeysOf(id));
  await ask(office, asked, 'passkey', { challenge: options.challenge, id });
  return options;
};

export const addPasskey: Handler<'POST /staff/api/account/passkey'> = async (office, asked) => {
  const { id } = personOf(asked);
  const question = await askedBefore<{ challenge: string; id: string }>(office, asked, 'passkey');
  if (question === undefined || question.id !== id) return challengeOver();
  const { response, name } = asked.given;
  const made = await office.passkeys.registered(
    response as Parameters<typeof office.passkeys.registered>[0],
    question.challenge,
  );
  if (made instanceof Fault) return made;
  const called = name.trim() === '' ? asked.label : name.trim();
  const row = { ...made, staffId: id, name: called, addedAtMs: office.now() };
  return office.ledger.addPasskey(row, actOf(office, asked, 'passkey-added', called));
};

export const removePasskey: Handler<'POST /staff/api/account/passkey/remove'> = async (office, asked) => {
  const { id } = personOf(asked);
  const passkey = await office.ledger.passkey(asked.given.id);
  const act = actOf(office, asked, 'passkey-removed', passkey?.name ?? null);
  return office.ledger.removePasskey(id, asked.given.id, act);
};

export const totp: Handler<'POST /staff/api/account/totp'> = async (office, asked) => {
  const { id, name } = personOf(asked);
  return beginTotp(office, asked, `own ${id}`, name);
};

/** Whoever knew the old one is signed out. */
export const setPassword: Handler<'POST /staff/api/account/password'> = async (office, asked) => {
  const { id, name, sessionId } = personOf(asked);
  const { ledger } = office;
  const email = (await ledger.staffMember(id))?.email ?? null;
  const way = await passwordWay(office, asked, `own ${id}`, { id, name, email }, asked.given);
  if (way instanceof Fault) return way;
  await ledger.setPassword(id, way.password, actOf(office, asked, 'password-set', name));
  await ledger.endSessions('staff', id, sessionId);
  office.whoIs.forget();
  return undefined;
};
