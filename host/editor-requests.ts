// What a browser asks of the editor that Node-RED would grant to whoever may deploy at all: decided here, by person.
import { Fault, may } from '@tapcase/domain';
import express, { type RequestHandler, type Router } from 'express';
import type { Member } from './member.ts';
import { EDITOR_PATH } from './routes.ts';
import { answerFault } from './staff/answers.ts';

interface EditorRequests {
  /** Whether a node is the shop's as shipped. */
  readonly isShipped: (id: string) => boolean;
  /** Ends the session of whoever asks; answers where the browser goes then. */
  readonly signOut: (member: Member, response: express.Response) => Promise<string>;
}

/** As Node-RED takes it (settings.ts). */
const BODY_MAX = '2mb';

/** Behind the door. Node-RED does not read again what was read here. */
export function editorRequests({ isShipped, signOut }: EditorRequests): Router {
  const router = express.Router();
  const json = express.json({ limit: BODY_MAX });
  router.post(`${EDITOR_PATH}/auth/revoke`, (_request, response, next) => {
    const member = response.locals.staff as Member;
    signOut(member, response).then((redirect) => void response.json({ redirect }), next);
  });
  // Node-RED opens whole sets of credentials with its own key, and would run on without any where it cannot.
  router.post(
    `${EDITOR_PATH}/flows`,
    json,
    unlessOwners(({ body }) => body?.credentials !== undefined),
  );
  // A message of any content, into the middle of the shop.
  router.post(
    `${EDITOR_PATH}/inject/:id`,
    json,
    unlessOwners(({ body, params }) => isShipped(params.id!) && body?.__user_inject_props__ !== undefined),
  );
  return router;
}

function unlessOwners(isTheirs: (request: express.Request) => boolean): RequestHandler {
  return (request, response, next) => {
    const { role } = response.locals.staff as Member;
    if (may(role, 'flows.core') || !isTheirs(request)) return next();
    answerFault(response, new Fault('staff.not-allowed', `the role "${role}" may not do this`));
  };
}
