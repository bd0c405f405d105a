// Who may open the editor's socket: a browser in which somebody has signed in. Node-RED takes a socket's first words from
// anybody, and some words end it; so nobody's reach it.
import { createHmac, hkdfSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { sameText } from './staff-guard.ts';

export interface EditorDoor {
  /** For `settings.httpAdminMiddleware`: whoever is signed in gets the cookie. */
  readonly middleware: RequestHandler;
  /** Whether the socket may be opened. */
  readonly lets: (request: IncomingMessage) => boolean;
}

interface EditorDoorOptions {
  /** Where the editor is. */
  readonly path: string;
  /** Two editors on one host share their cookies: each has a name of its own. */
  readonly name: string;
  /** What the cookie's signature is made from; the same after a restart, for an open editor comes back by itself. */
  readonly secret: string;
  readonly now?: () => number;
}

/** As long as Node-RED's own tokens are good. */
const DAYS = 7;

/** Answers that only somebody signed in gets with 200: the token itself, and what the editor asks as it is opened. */
const SIGNED_IN: readonly string[] = ['/auth/token', '/settings'];

export function editorDoor({ path, name, secret, now = Date.now }: EditorDoorOptions): EditorDoor {
  const cookie = `tapcase_editor_${name}`;
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'tapcase editor socket', 32));
  const sign = (untilSeconds: string) => createHmac('sha256', key).update(untilSeconds).digest('hex');
  const made = () => {
    const untilSeconds = String(Math.floor(now() / 1000) + DAYS * 86_400);
    return `${cookie}=${untilSeconds}.${sign(untilSeconds)}; Path=${path}; Max-Age=${DAYS * 86_400}; HttpOnly; SameSite=Strict`;
  };
  return {
    middleware: (request, response, next) => {
      if (!SIGNED_IN.includes(request.path)) return next();
      const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => typeof response;
      response.writeHead = (...args: unknown[]) => {
        if (args[0] === 200) response.appendHeader('Set-Cookie', made());
        return writeHead(...args);
      };
      next();
    },
    lets: ({ headers }) => {
      const [, untilSeconds = '', mac = ''] =
        new RegExp(`(?:^|;\\s*)${cookie}=(\\d{1,12})\\.([0-9a-f]{64})`).exec(headers.cookie ?? '') ?? [];
      return sameText(mac, sign(untilSeconds)) && Number(untilSeconds) * 1000 > now();
    },
  };
}
