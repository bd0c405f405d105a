// Answers what a case sells, at which prices, and whether it opens now.
import { type CaseView, closedBy, orThrow } from '@tapcase/domain';
import type { CaseRow, Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { paramOf } from '../../messages.ts';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import type { ViewPart } from './contract.ts';

export const casePart: ViewPart<{ readonly caseId: string }> = {
  /** The `:case` of the request's path; one that is no case ends as `case.unknown`. */
  parseMessage: (raw) => ({ caseId: paramOf(raw, 'case') }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ caseId }) => {
      const shopCase = orThrow(shop.case(caseId));
      const row = await ledger.caseRow(caseId);
      return { to: 'answered', add: answerWith(200, caseView(shopCase, row, node.now())) };
    };
  },
};

function caseView(shopCase: ShopCase, row: CaseRow, nowMs: number): CaseView {
  const { currency, products } = shopCase.catalog;
  return {
    id: shopCase.id,
    name: shopCase.name,
    state: stateOf(row, shopCase.offlineAfterMs, nowMs),
    currency,
    holdMinor: shopCase.holdMinor,
    products: products.map(({ sku, name, priceMinor, picture }) => ({ sku, name, priceMinor, picture })),
  };
}

/** Offline comes first: a case that is not heard of cannot tell that its visit has ended. */
function stateOf(
  { heardAtMs, openVisitId, lastStatus, hasUnexpectedBoard }: CaseRow,
  offlineAfterMs: number,
  nowMs: number,
): CaseView['state'] {
  if (heardAtMs === null || nowMs - heardAtMs > offlineAfterMs) return 'offline';
  if (openVisitId !== null) return 'busy';
  return hasUnexpectedBoard ? 'closed' : (closedBy(lastStatus) ?? 'ready');
}
