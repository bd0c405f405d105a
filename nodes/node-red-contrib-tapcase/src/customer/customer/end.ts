// Ends another session of the customer who asks, or all others: a phone that was lost or lent.
import { parsed, says } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { paramOf, requiredCustomer, sessionIdOf } from '../../messages.ts';
import type { CustomerPart } from './contract.ts';

/** In the path, where a session's id may stand. */
const OTHERS = 'others';

interface Ending {
  readonly customerId: string;
  /** From where it is asked. */
  readonly ownId: string;
  readonly which: string;
}

export const endPart: CustomerPart<Ending> = {
  /** `customer.unknown` when nobody is signed in. */
  parseMessage: (raw) =>
    parsed(() => {
      const ownId = sessionIdOf(raw);
      if (ownId === undefined) throw new Fault('customer.unknown', 'sign in first');
      return { customerId: requiredCustomer(raw).id, ownId, which: paramOf(raw, 'session') };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ customerId, ownId, which }) => {
      // One that is not there, or not theirs, has ended as far as they are concerned.
      if (which === OTHERS) await ledger.endSessions('customer', customerId, ownId);
      else await ledger.endSession('customer', customerId, which);
      return { to: 'done', status: says('ended') };
    };
  },
};
