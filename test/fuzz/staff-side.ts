// What a listener of the staff's may say to somebody without a session: where one signs in, and what that page is made of.
import { DESK_PATH } from '../../host/routes.ts';
import type { Shot } from './mutators.ts';
import type { Answer } from './wire.ts';

const PAGE = /^content-type: *(text\/(html|css|javascript)|application\/javascript|image\/|font\/)/im;
/** Node-RED's editor asks how one signs in. */
const HOW_TO_SIGN_IN = /^\{"type":"(credentials|strategy)"|^\{\}/;

/** Why the answer lets somebody in; a refusal may be any: a 401, a 403, a 404, a way to the page where one signs in. */
export function letsIn({ status, text }: Answer, { draft }: Shot): string | undefined {
  if (status < 200 || status > 299) return undefined;
  const at = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, at), text.slice(at + 4)];
  const isOpen =
    draft.isOpen === true ||
    draft.route?.session === 'none' ||
    PAGE.test(head) ||
    HOW_TO_SIGN_IN.test(body) ||
    body === '';
  // Its pages too show what is only staff's.
  const isDesk = draft.target.toLowerCase().startsWith(DESK_PATH);
  return isOpen && !isDesk ? undefined : `lets in whoever asks ${draft.target}`;
}

/** Node-RED's own words to whoever guesses too often, and they are no fault of anything. */
export function isLockedOut({ status, text }: Answer): boolean {
  return status === 500 && text.includes('"Too many login attempts');
}
