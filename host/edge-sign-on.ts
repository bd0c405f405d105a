// The cloud's answer to a Pi that asks who somebody is: back to that Pi, with a token. Only to addresses that a token cannot be
// caught at: the browser's own machine, where a tunnel to the Pi ends, and those that the shop has named.
import { CASE_ID, Fault } from '@tapcase/domain';
import { deriveDeviceKey } from '@tapcase/node-red-contrib-hmac';
import express, { type Router } from 'express';
import * as v from 'valibot';
import { BACK_PATH, EDGE_PATH, EDGE_TOKEN_MS, edgeTokens, NONCE } from './edge-token.ts';
import type { Member } from './member.ts';
import { answerFault } from './staff/answers.ts';

interface EdgeSignOn {
  readonly masterKey: Uint8Array;
  /** Origins of Pis that are reached by a name of their own. */
  readonly edgeUrls: readonly string[];
  /** What is wrong with a case that is named; undefined: it is one of the shop's. */
  readonly caseProblem: (caseId: string) => Fault | undefined;
  readonly signedOn: (member: Member, caseId: string, address: string | null) => Promise<void>;
  readonly now?: () => number;
}

const asked = v.strictObject({
  case: v.pipe(v.string(), v.regex(CASE_ID)),
  nonce: v.pipe(v.string(), v.regex(NONCE)),
  at: v.pipe(v.string(), v.maxLength(200)),
});

/** Behind the door, which has let in whoever may see devices. */
export function edgeSignOn({ masterKey, edgeUrls, caseProblem, signedOn, now = Date.now }: EdgeSignOn): Router {
  const router = express.Router();
  router.get(EDGE_PATH, (request, response, next) => {
    const read = v.safeParse(asked, { ...request.query });
    if (!read.success) return answerFault(response, new Fault('request.invalid', 'something is missing, or too much'));
    const { case: caseId, nonce, at } = read.output;
    if (!isOfAPi(at, edgeUrls)) {
      return answerFault(response, new Fault('staff.foreign', 'this address is no Pi’s of this shop'));
    }
    const problem = caseProblem(caseId);
    if (problem !== undefined) return answerFault(response, problem);
    const member = response.locals.staff as Member;
    const { id, name, role } = member;
    const tokens = edgeTokens(deriveDeviceKey(masterKey, caseId, 'pi'));
    const token = tokens.make({ caseId, nonce, id, name, role }, now() + EDGE_TOKEN_MS);
    signedOn(member, caseId, request.ip ?? null).then(() => {
      response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
      response.redirect(302, `${at}${BACK_PATH}?token=${token}`);
    }, next);
  });
  return router;
}

/** An origin and nothing else: `http://localhost:1880`, or one that is named. */
export function isOfAPi(at: string, edgeUrls: readonly string[]): boolean {
  if (!URL.canParse(at)) return false;
  const { origin, protocol, hostname } = new URL(at);
  if (origin !== at || (protocol !== 'http:' && protocol !== 'https:')) return false;
  return edgeUrls.includes(at) || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
