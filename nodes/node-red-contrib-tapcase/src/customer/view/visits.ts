// Lists a customer's own visits, newest first: what was taken, paid, given back and is still owed.
import { parsed, says } from '@tapcase/define-node';
import { type VisitsView, visitSummary } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { requiredCustomer } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { caseNameOf } from '../own-visit.ts';
import type { ViewPart } from './contract.ts';

const VISITS_MAX = 50;

export const visitsPart: ViewPart<{ readonly customerId: string }> = {
  /** `customer.unknown` when nobody is signed in. */
  parseMessage: (raw) => parsed(() => ({ customerId: requiredCustomer(raw).id })),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ customerId }) => {
      const visits = await ledger.visitsOf(customerId, VISITS_MAX);
      const debts = await ledger.openDebts(customerId);
      const owed = new Map(debts.map(({ visitId, amountMinor, waivedMinor }) => [visitId, amountMinor - waivedMinor]));
      const reviews = await ledger.reviewsOf(customerId, VISITS_MAX);
      const reviewed = new Map(reviews.map((review) => [review.visitId, review]));
      const view: VisitsView = {
        visits: visits.map((visit) =>
          visitSummary(visit, caseNameOf(visit, shop), owed.get(visit.id) ?? 0, reviewed.get(visit.id) ?? null),
        ),
      };
      return { to: 'answered', add: answerWith(200, view), status: says('__n__ visits', { n: visits.length }) };
    };
  },
};
