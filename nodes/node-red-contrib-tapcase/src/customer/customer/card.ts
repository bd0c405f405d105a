// Describes the page on which a customer stores a card: for which case they want it, and where the page leads back to.
import { parsed } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';
import { readBody, requiredCustomer } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { CustomerPart } from './contract.ts';

interface CardWish {
  readonly customer: Customer;
  /** As the request names it; the shop may have none. */
  readonly caseId: string;
}

export const cardPart: CustomerPart<CardWish> = {
  /** `customer.unknown`, `request.not-json` or `request.invalid`. */
  parseMessage: (raw) =>
    parsed(() => ({ customer: requiredCustomer(raw), caseId: readBody(raw).text('caseId', { max: 64 }) })),
  build: (config, node) => {
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return ({ customer: { id, email, stripeCustomer, language }, caseId }) => {
      const { id: known, catalog } = orThrow(shop.case(caseId));
      const publicUrl = orThrow(shop.publicUrl);
      const page = `${publicUrl}/case/${encodeURIComponent(known)}`;
      const cardSetup = {
        ...{ customerId: id, email, stripeCustomer, currency: catalog.currency, language },
        // Stripe writes the session's id where the braces stand.
        successUrl: `${publicUrl}/api/cards/return?back=${encodeURIComponent(page)}&session={CHECKOUT_SESSION_ID}`,
        cancelUrl: page,
      };
      return { to: 'done', add: { cardSetup } };
    };
  },
};
