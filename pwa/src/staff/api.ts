// What the staff's pages ask of their server: one function per request, each giving the answer or an ApiFault.
import type {
  AccountView,
  AuditView,
  InvitationView,
  LinkView,
  PasswordSignIn,
  RestockView,
  StaffMeView,
  StaffRole,
  TeamView,
  TotpSetupView,
} from '@tapcase/domain/protocol';
import { ApiFault, get, post } from '../api.ts';

const API = '/staff/api';

/** Whoever joins by a link. */
export interface Joining {
  readonly token: string;
  readonly name: string;
  readonly email: string;
}

let whenSignedOut = () => {};

/** Called whenever an answer says that nobody is signed in here any more. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

export const staffApi = {
  me: () => ask<StaffMeView>('/me'),
  /** Password hashing waits in a queue: this may take longer than other calls. */
  signIn: (body: PasswordSignIn) => order('/sign-in/password', body),
  passkeyOptions: () => order<object>('/sign-in/passkey/options', {}),
  signInByPasskey: (response: object) => order('/sign-in/passkey', { response }),
  signOut: () => order('/sign-out', {}),

  invitation: (token: string) => order<InvitationView>('/invitation', { token }),
  joinPasskeyOptions: (joining: Joining) => order<object>('/invitation/passkey/options', joining),
  joinByPasskey: (joining: Joining, response: object) => order('/invitation/passkey', { ...joining, response }),
  joinTotp: (joining: Joining) => order<TotpSetupView>('/invitation/totp', joining),
  joinByPassword: (joining: Joining, password: string, code: string) =>
    order('/invitation/password', { ...joining, password, code }),

  account: () => ask<AccountView>('/account'),
  endOwnSession: (id: string) => order('/account/session/end', { id }),
  endOtherSessions: () => order('/account/sessions/end', {}),
  ownPasskeyOptions: () => order<object>('/account/passkey/options', {}),
  addPasskey: (response: object) => order('/account/passkey', { name: '', response }),
  removePasskey: (id: string) => order('/account/passkey/remove', { id }),
  ownTotp: () => order<TotpSetupView>('/account/totp', {}),
  setPassword: (password: string, code: string) => order('/account/password', { password, code }),

  team: () => ask<TeamView>('/team'),
  invite: (body: { name: string; email: string; role: StaffRole }) => order<LinkView>('/team/invite', body),
  revoke: (id: string) => order('/team/revoke', { id }),
  link: (id: string) => order<LinkView>('/team/link', { id }),
  changeRole: (id: string, role: StaffRole) => order('/team/role', { id, role }),
  setDisabled: (id: string, disabled: boolean) => order('/team/disabled', { id, disabled }),
  endSession: (id: string, sessionId: string) => order('/team/session/end', { id, sessionId }),
  endSessions: (id: string) => order('/team/sessions/end', { id }),

  audit: (person: string, before: number | null) => {
    const query = new URLSearchParams();
    if (person !== '') query.set('person', person);
    if (before !== null) query.set('before', String(before));
    return ask<AuditView>(`/audit?${query}`);
  },
  restock: () => ask<RestockView>('/restock'),
};

const ask = <T>(path: string) => heard(get<T>(`${API}${path}`));
const order = <T = undefined>(path: string, body: object) => heard(post<T>(`${API}${path}`, body));

async function heard<T>(call: Promise<T | ApiFault>): Promise<T | ApiFault> {
  const answer = await call;
  if (answer instanceof ApiFault && answer.code === 'staff.signed-out') whenSignedOut();
  return answer;
}
