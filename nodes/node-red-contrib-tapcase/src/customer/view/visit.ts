// Answers how one visit stands, to the customer whose visit it is and to nobody else.
import { asFields, parsed } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { paramOf, requiredCustomer } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { ownVisit, viewOf } from '../own-visit.ts';
import type { ViewPart } from './contract.ts';

interface VisitRequest {
  readonly visitId: string;
  readonly customerId: string;
}

export const visitPart: ViewPart<VisitRequest> = {
  /** `msg.visit`, else the `:visit` of the request's path, and who asks; `customer.unknown` when nobody is signed in. */
  parseMessage: (raw) =>
    parsed(() => {
      const { id } = asFields(asFields(raw).visit);
      return { visitId: typeof id === 'string' ? id : paramOf(raw, 'visit'), customerId: requiredCustomer(raw).id };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ visitId, customerId }) => {
      const visit = await ownVisit(ledger, visitId, customerId);
      return { to: 'answered', add: { visit, ...answerWith(200, await viewOf(ledger, visit, shop)) } };
    };
  },
};
