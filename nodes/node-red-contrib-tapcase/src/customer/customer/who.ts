// Says who a request comes from: a customer of the ledger, or somebody who has to sign in.
import { Fault, orThrow } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import { cookieOf } from '../../messages.ts';
import { COOKIE_NAME } from '../../shop/sessions/cookie.ts';
import type { Sessions } from '../../shop/sessions/port.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { CustomerPart } from './contract.ts';

/** As tapcase-reply answers it. */
const UNKNOWN = { customer: undefined, refusal: { code: 'session.missing' } } as const;

export const whoPart: CustomerPart<{ readonly token: string | undefined }> = {
  parseMessage: (raw) => ({ token: cookieOf(raw, COOKIE_NAME) }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return async ({ token }) => {
      const customer = token === undefined ? undefined : await findCustomer(token, node.now(), sessions, ledger);
      // Written on both outputs: whatever an earlier node or a caller put there is not to be believed.
      return customer === undefined ? { to: 'refused', add: UNKNOWN } : { to: 'done', add: { customer } };
    };
  },
};

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
