// Gives each request a name of its own, by which its lines in the log are found: `X-Request-Id` in the answer, `requestId` on the
// request (in a flow `msg.req.requestId`). One that comes along is not taken: a stranger could write it under somebody else's.
import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { within } from './log-context.ts';

/** So that no two of a day meet, and a person can still read it out. */
const ID_BYTES = 6;
/** A path is a stranger's, of any length. */
const PATH_LENGTH_MAX = 120;

/** Mounted before everything else. `answered` gets a line for each answer, in the request's own context. */
export function requestIds(answered?: (line: string) => void): RequestHandler {
  return (request, response, next) => {
    const requestId = randomBytes(ID_BYTES).toString('hex');
    Object.assign(request, { requestId });
    response.set('X-Request-Id', requestId);
    within({ requestId }, () => {
      if (answered !== undefined) {
        const begunMs = performance.now();
        // `close` and not `finish`: a phone that hangs up has had no answer, which is worth a line.
        response.once('close', () => within({ requestId }, () => answered(lineOf(request, response, begunMs))));
      }
      next();
    });
  };
}

function lineOf(
  request: Request,
  { statusCode, writableFinished }: { statusCode: number; writableFinished: boolean },
  begunMs: number,
): string {
  // Without its query, which may hold what a mail's link holds.
  const path = request.originalUrl.split('?')[0]!.slice(0, PATH_LENGTH_MAX);
  const how = writableFinished ? String(statusCode) : 'hung up';
  return `${request.method} ${path} ${how} ${Math.round(performance.now() - begunMs)} ms`;
}
