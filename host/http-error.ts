// How this server itself answers a request that no flow is to hear of.
import type { ErrorView } from '@tapcase/domain';
import type { Response } from 'express';

const MESSAGES = {
  'api.unknown': 'No such address.',
  'api.too-many': 'Too many tries. Please wait a few minutes.',
  'api.busy': 'Too much is being sent just now. Please try again in a moment.',
  'api.too-large': 'The request is too large.',
  'api.foreign': 'Only the shop’s own pages may do this.',
  'api.bad-request': 'The request could not be read.',
  'request.not-json': 'The request must be JSON.',
  'request.wrong-type': 'A request of this type is not taken here.',
  'picture.bad-signature': 'The upload is not signed.',
  'request.invalid': 'The request is not complete, or has more than belongs into it.',
  'shop.starting': 'The shop is starting. Please try again in a moment.',
} as const;

export type HttpErrorCode = keyof typeof MESSAGES;

export function errorBody(code: HttpErrorCode): ErrorView {
  return { error: { code, message: MESSAGES[code] } };
}

export function answerError(response: Response, status: number, code: HttpErrorCode): void {
  response.status(status).json(errorBody(code));
}

/** Without its flows the shop knows no address, and a phone would take that for an answer. */
export function answerStarting(response: Response): void {
  answerError(response.set('Retry-After', '1'), 503, 'shop.starting');
}
