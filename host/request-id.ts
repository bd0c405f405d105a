// Gives each request a name of its own, by which its lines in the log are found: `X-Request-Id` in the answer, `requestId` on the
// request (in a flow `msg.req.requestId`). One that comes along is not taken: a stranger could write it under somebody else's.
import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { Request, RequestHandler, Response } from 'express';
import { within } from './log-context.ts';

/** So that no two of a day meet, and a person can still read it out. */
const ID_BYTES = 6;
/** A path is a stranger's, of any length. */
const PATH_LENGTH_MAX = 120;
/** Asked again and again by whoever watches: only a bad answer is worth a line. */
const PROBES: readonly string[] = ['/healthz', '/readyz'];

const answers = channel('tapcase.answer');

/** Hears a line for each answer of each server in this process, in its request's own context: for a log that wants to have them. */
export function onAnswer(listen: (line: string) => void): void {
  answers.subscribe((line) => listen(line as string));
}

/** Before everything else of a server. */
export function requestIds(): RequestHandler {
  return (request, response, next) => {
    const requestId = randomBytes(ID_BYTES).toString('hex');
    Object.assign(request, { requestId });
    response.set('X-Request-Id', requestId);
    if (answers.hasSubscribers) {
      const begunMs = performance.now();
      // `close` and not `finish`: a phone that hangs up has had no answer, which is worth a line.
      response.once('close', () => {
        const line = lineOf(request, response, begunMs);
        if (line !== undefined) within({ requestId }, () => answers.publish(line));
      });
    }
    within({ requestId }, next);
  };
}

/** Without its query, which may hold what a mail's link holds. */
function lineOf({ method, originalUrl }: Request, response: Response, begunMs: number): string | undefined {
  const path = originalUrl.split('?')[0]!.slice(0, PATH_LENGTH_MAX);
  if (PROBES.includes(path) && response.statusCode < 400) return undefined;
  const how = response.writableFinished ? String(response.statusCode) : 'hung up';
  return `${method} ${path} ${how} ${Math.round(performance.now() - begunMs)} ms`;
}
