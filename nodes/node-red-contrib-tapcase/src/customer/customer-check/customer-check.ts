// Says who a request comes from: a customer of the ledger, or somebody who has to sign in.
import { defineNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import type { Sessions } from '../../shop/sessions/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'customer-check',
  outputs: ['known', 'unknown'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = node.use<Sessions>(config.sessions, 'sessions');
    return async ({ token }) => {
      const customer = token === undefined ? undefined : await findCustomer(token, node.now(), sessions, ledger);
      // Written on both outputs: whatever an earlier node or a caller put there is not to be believed.
      return customer === undefined ? { to: 'unknown', add: { customer } } : { to: 'known', add: { customer } };
    };
  },
});

/** A token that is forged, too old, or of a customer who is gone is no reason for a fault: signing in mends it. */
async function findCustomer(
  token: string,
  nowMs: number,
  sessions: Sessions,
  ledger: Ledger,
): Promise<Customer | undefined> {
  const id = await sessions.check(token, nowMs);
  return id instanceof Fault ? undefined : await ledger.customer(id);
}
