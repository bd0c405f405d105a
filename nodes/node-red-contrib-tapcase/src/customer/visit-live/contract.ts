// What visit-live stores, and how it tells a phone that wants to watch from a visit that has changed.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFields, chosen, incomplete, parsed } from '@tapcase/define-node';
import type { Fault, Visit } from '@tapcase/domain';
import { paramOf, requiredCustomer, requiredVisit } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisitLiveConfig {
  readonly ledger: string;
  readonly shop: string;
}

export type LiveMessage =
  | { readonly kind: 'watch'; readonly visitId: string; readonly customerId: string; readonly response: ServerResponse }
  | { readonly kind: 'tell'; readonly visit: Visit };

export function parseConfig(raw: unknown): VisitLiveConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** `customer.unknown` for a watcher who is not signed in, `message.incomplete` for a message that is neither. */
export function parseMessage(raw: unknown): LiveMessage | Fault {
  return parsed(() => {
    const response = waitingResponse(raw);
    if (response === undefined) return { kind: 'tell', visit: requiredVisit(raw) };
    const visitId = paramOf(raw, 'visit');
    if (visitId === '') throw incomplete('req.params.visit');
    return { kind: 'watch', visitId, customerId: requiredCustomer(raw).id, response };
  });
}

/**
 * The response of a GET that nobody has answered yet. The message of a tap (a POST) also carries its response all the way
 * to the visit's change, and that one belongs to whoever answers the tap.
 */
function waitingResponse(raw: unknown): ServerResponse | undefined {
  const { req, res } = asFields(raw);
  const response = asFields(res)._res as ServerResponse | undefined;
  if (response === undefined || (asFields(req) as Partial<IncomingMessage>).method !== 'GET') return undefined;
  return response.headersSent ? undefined : response;
}
