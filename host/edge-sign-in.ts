// How a Pi knows who comes: the cloud tells it, with a token for the browser that asked; or, where the cloud cannot be asked, one of
// its own two passwords. Either way the browser then has a session of this Pi's.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Fault, isRole } from '@tapcase/domain';
import express, { type Response, type Router } from 'express';
import { BACK_PATH, EDGE_PATH, edgeTokens } from './edge-token.ts';
import type { Identity, Member } from './member.ts';
import { both, plainPage } from './plain-page.ts';
import { type Signer, signer } from './signed-words.ts';
import { answerFault } from './staff/answers.ts';
import { plainTarget, type StaffDoorOptions } from './staff-door.ts';
import type { StaffGuard } from './staff-guard.ts';

export interface EdgeSignIn extends Pick<StaffDoorOptions, 'signInUrl' | 'ask'> {
  readonly identity: Identity;
  /** Before the door. */
  readonly pages: Router;
  /** Where a browser goes whose person has left. */
  readonly signOut: (response: Response) => string;
}

interface EdgeSignInOptions {
  readonly caseId: string;
  readonly deviceKey: Uint8Array;
  /** Of the cloud; '' where there is none to ask. */
  readonly staffUrl: string;
  readonly guard: StaffGuard;
  readonly now?: () => number;
}

/** What a browser is asked, until it comes back from the cloud. */
interface Question {
  readonly nonce: string;
  readonly next: string;
}

interface Session extends Omit<Member, 'sessionId'> {
  readonly sessionId: string;
  readonly untilMs: number;
}

/**
 * The cloud cannot end it, so it asks again: whoever is signed in there is let in by one click and no key, whoever is not stays out. A
 * restart of the edge ends it at once.
 */
export const EDGE_SESSION_MS = 3_600_000;
/** By a password of this Pi's, where there is no cloud that could end anything: a working day. */
const OWN_SESSION_MS = 12 * 3_600_000;
/** Finding one's key at the cloud takes a while. */
const QUESTION_MS = 15 * 60_000;
/** Tokens that were used and are not over; more at once is an attack, and the oldest are over soon. */
const USED_MAX = 1_000;

export function edgeSignIn({ caseId, deviceKey, staffUrl, guard, now = Date.now }: EdgeSignInOptions): EdgeSignIn {
  // Browsers keep cookies by host: through tunnels two Pis have the same.
  const cookies = { session: `tapcase_edge_${caseId}`, question: `tapcase_edge_asks_${caseId}` };
  // Of this process alone: starting the edge again signs everybody out.
  const secret = randomBytes(32);
  const sessions: Signer<Session> = signer(secret, 'edge-session/v1');
  const questions: Signer<Question> = signer(secret, 'edge-question/v1');
  const tokens = edgeTokens(deviceKey);
  const used = new Set<string>();
  const set = (response: Response, name: string, value: string, ms: number) => {
    // Lax: it comes with the redirect from the cloud, and with nothing that changes something from elsewhere.
    const text = `${name}=${value}; Path=/; Max-Age=${Math.floor(ms / 1000)}; HttpOnly; SameSite=Lax`;
    response.appendHeader('Set-Cookie', text);
  };
  const letIn = (response: Response, { id, name, role }: Omit<Member, 'sessionId'>, next: string, ms: number) => {
    const untilMs = now() + ms;
    const session = { id, name, role, sessionId: randomBytes(12).toString('base64url'), untilMs };
    set(response, cookies.session, sessions.make(session, untilMs), ms);
    response.set('Cache-Control', 'no-store').redirect(302, next);
  };
  const sessionOf = (request: IncomingMessage) => sessions.read(cookieOf(request, cookies.session), now());

  const pages = express.Router();
  pages.get('/sign-in', (request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .type('html')
      .send(pageOf(nextOf(request.query.next), staffUrl !== ''));
  });
  pages.get('/sign-in/here', (request, response) => {
    const member = guard.memberOf(request);
    if (member === undefined) guard.ask(response);
    else letIn(response, member, nextOf(request.query.next), OWN_SESSION_MS);
  });
  pages.get('/sign-in/cloud', (request, response) => {
    if (staffUrl === '') return response.redirect(302, '/sign-in');
    const nonce = randomBytes(32).toString('base64url');
    const question = questions.make({ nonce, next: nextOf(request.query.next) }, now() + QUESTION_MS);
    set(response, cookies.question, question, QUESTION_MS);
    const asked = new URLSearchParams({ case: caseId, nonce, at: `${request.protocol}://${request.headers.host}` });
    response.set('Cache-Control', 'no-store').redirect(302, `${staffUrl}${EDGE_PATH}?${asked}`);
  });
  pages.get(BACK_PATH, (request, response) => {
    const question = questions.read(cookieOf(request, cookies.question), now());
    const { token } = request.query;
    const told = tokens.read(typeof token === 'string' ? token : undefined, now());
    const isGood =
      question !== undefined && told?.nonce === question.nonce && told.caseId === caseId && isRole(told.role);
    if (!isGood || used.has(told.nonce)) {
      return answerFault(
        response,
        new Fault('staff.challenge-over', 'ask again: this is over, or was another browser’s'),
      );
    }
    if (used.size >= USED_MAX) used.clear();
    used.add(told.nonce);
    set(response, cookies.question, '', 0);
    letIn(response, told, question.next, EDGE_SESSION_MS);
  });
  return {
    pages,
    identity: {
      who: async (request) => sessionOf(request) ?? guard.memberOf(request),
      stillIs: async (member) => ((member as Partial<Session>).untilMs ?? Infinity) > now(),
    },
    signInUrl: ({ originalUrl }) =>
      staffUrl === '' ? undefined : `/sign-in?next=${encodeURIComponent(nextOf(originalUrl))}`,
    ask: (response) => {
      if (staffUrl === '') guard.ask(response);
      else answerFault(response, new Fault('staff.signed-out', 'nobody is signed in'));
    },
    signOut: (response) => {
      set(response, cookies.session, '', 0);
      return staffUrl === '' ? '/' : '/sign-in';
    },
  };
}

function nextOf(given: unknown): string {
  return plainTarget(given) ?? '/';
}

/** Two of a name are none, for one of them was put there by somebody else. */
function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const parts = (headers.cookie ?? '').split(';').map((part) => part.trim());
  const values = parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** Without the cloud's pages and in both languages: a Pi serves none of its own. */
function pageOf(next: string, hasCloud: boolean): string {
  const query = `?next=${encodeURIComponent(next)}`;
  const atTheShop = both('Sign in as at the shop', 'Entrar como en la tienda');
  const here = both('Without network: this Pi’s own password', 'Sin red: la contraseña de este equipo');
  return plainPage(
    'Tapcase edge',
    `<h1>${both('Who are you?', '¿Quién eres?')}</h1>
${hasCloud ? `<p><a href="/sign-in/cloud${query}">${atTheShop}</a></p>` : ''}
<p><a href="/sign-in/here${query}">${here}</a></p>`,
  );
}
