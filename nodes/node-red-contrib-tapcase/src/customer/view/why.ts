// Answers why a visit ended as it did, to staff: any visit, and nothing of who the customer is.
import { incomplete, parsed } from '@tapcase/define-node';
import { whyView } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { paramOf } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { anyVisit, caseNameOf } from '../own-visit.ts';
import type { ViewPart } from './contract.ts';

export const whyPart: ViewPart<{ readonly visitId: string }> = {
  /** The `:visit` of the request's path; `message.incomplete` where there is none. */
  parseMessage: (raw) =>
    parsed(() => {
      const visitId = paramOf(raw, 'visit');
      if (visitId === '') throw incomplete('req.params.visit');
      return { visitId };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ visitId }) => {
      const visit = await anyVisit(ledger, visitId);
      const { review } = await ledger.money(visitId);
      return { to: 'answered', add: answerWith(200, whyView(visit, caseNameOf(visit, shop), review)) };
    };
  },
};
