// Says who a request comes from: a customer of the ledger, or somebody who has to sign in.
import type { Customer, Ledger, SessionRow } from '@tapcase/ledger';
import { cookieOf } from '../../messages.ts';
import { SESSION_COOKIE } from '../../shop/sessions/cookie.ts';
import { hashOfSecret } from '../../shop/sessions/secrets.ts';
import type { CustomerPart } from './contract.ts';

/** As tapcase-reply answers it. */
const UNKNOWN = { customer: undefined, session: undefined, refusal: { code: 'session.missing' } } as const;

export const whoPart: CustomerPart<{ readonly tokenHash: string | undefined }> = {
  parseMessage: (raw) => ({ tokenHash: hashOfSecret(cookieOf(raw, SESSION_COOKIE)) }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ tokenHash }) => {
      const found = tokenHash === undefined ? undefined : await findCustomer(ledger, tokenHash, node.now());
      // Written on both outputs: whatever an earlier node or a caller put there is not to be believed.
      if (found === undefined) return { to: 'refused', add: UNKNOWN };
      return { to: 'done', add: { customer: found.customer, session: { id: found.session.id } } };
    };
  },
};

/** A session that has ended, is forged, or of a customer who is gone is no reason for a fault: signing in mends it. */
async function findCustomer(
  ledger: Ledger,
  tokenHash: string,
  nowMs: number,
): Promise<{ readonly customer: Customer; readonly session: SessionRow } | undefined> {
  const session = await ledger.session('customer', tokenHash, nowMs);
  const customer = session === undefined ? undefined : await ledger.customer(session.subject);
  return session === undefined || customer === undefined ? undefined : { customer, session };
}
