// Lists where a customer is signed in, the last seen first, and which of them asks.
import { parsed, says } from '@tapcase/define-node';
import type { SessionsView } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { requiredCustomer, sessionIdOf } from '../../messages.ts';
import type { ViewPart } from './contract.ts';

export const sessionsPart: ViewPart<{ readonly customerId: string; readonly ownId: string | undefined }> = {
  /** `customer.unknown` when nobody is signed in. */
  parseMessage: (raw) => parsed(() => ({ customerId: requiredCustomer(raw).id, ownId: sessionIdOf(raw) })),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ customerId, ownId }) => {
      const rows = await ledger.sessionsOf('customer', customerId, node.now());
      const view: SessionsView = {
        sessions: rows.map(({ id, label, createdAtMs, seenAtMs }) => ({
          id,
          browser: label,
          signedInAtMs: createdAtMs,
          seenAtMs,
          isThis: id === ownId,
        })),
      };
      return { to: 'answered', add: answerWith(200, view), status: says('__n__ sessions', { n: rows.length }) };
    };
  },
};
