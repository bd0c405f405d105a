// How the staff's server says no: one table of codes, their HTTP status and a sentence for developers; people read the page's.
import { type ErrorView, Fault } from '@tapcase/domain';
import type { Response } from 'express';

const STATUS: Readonly<Record<string, number>> = {
  'request.invalid': 400,
  'request.not-json': 400,
  'staff.signed-out': 401,
  'staff.wrong': 401,
  'staff.passkey-refused': 401,
  'staff.not-allowed': 403,
  'staff.foreign': 403,
  'staff.sign-in-again': 403,
  'staff.unknown': 404,
  'case.unknown': 404,
  'staff.not-found': 404,
  'staff.challenge-over': 410,
  'staff.invitation-over': 410,
  'request.too-large': 413,
  'staff.too-many-tries': 429,
  'staff.busy': 503,
};

/** What a person of the team asked for, and cannot have as things are. */
const CONFLICT = 409;
const UNAVAILABLE = 503;

/** `seesTeam`: whoever asked knows the others' names. */
export function answerFault(response: Response, { code, message, details }: Fault, seesTeam = false): void {
  const status = STATUS[code] ?? (code.startsWith('ledger.') ? UNAVAILABLE : CONFLICT);
  if (status === UNAVAILABLE) response.set('Retry-After', '1');
  // The ledger's own sentence may name its file.
  const said = code.startsWith('ledger.') ? 'The ledger cannot be reached.' : message;
  const like = seesTeam && typeof details?.like === 'string' ? { like: details.like } : {};
  const body: ErrorView = { error: { code, message: said, ...like } };
  response.status(status).json(body);
}

export const wrong = () => new Fault('staff.wrong', 'name, password or code are not right');
export const tooManyTries = () => new Fault('staff.too-many-tries', 'too many tries: wait a while');
export const challengeOver = () => new Fault('staff.challenge-over', 'this took too long, or was answered before');
