// Opens a visit at a case that is ready: freezes prices and card, takes the case, and writes down the hold before Stripe
// hears of it. Whoever is not let in is told why.
import { randomBytes } from 'node:crypto';
import { defineNode, type Emission } from '@tapcase/define-node';
import { type LocalText, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { hooksOf } from '../../hooks/ask.ts';
import { holdRequest, holdStep } from '../../money/hold-request.ts';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import { holdFor, refusalOf } from './ask-entry.ts';
import { whyNotReady } from './case-ready.ts';
import { parseMessage, visitOpen } from './contract.ts';

/** 60 bits: no two visits of a shop ever meet, and a frame stays short. */
const ID_LENGTH = 12;
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export default defineNode({
  ...visitOpen,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    const asker = hooksOf(node.RED).asker(node);
    return async ({ customer, caseId, requestId, language }) => {
      const shopCase = orThrow(shop.case(caseId));
      const refused = (code: string, say?: LocalText) => refusal(shopCase, code, say);
      const notReady = await whyNotReady(ledger, shopCase, customer.id, node.now());
      if (notReady !== null) return refused(notReady);
      const { card } = customer;
      if (card === null) return refused('customer.no-card');
      // Before anything is written: what an own flow says is then part of the visit, or there is none.
      const request = { customer, case: shopCase, requestId, language };
      const say = await refusalOf(asker, ledger, request, node.now());
      if (say !== null) return refused('case.not-now', say);
      const holdMinor = await holdFor(asker, ledger, request);
      const opened = await ledger.openVisit({
        id: newId(),
        caseId: shopCase.id,
        customerId: customer.id,
        requestId,
        language,
        catalog: shopCase.catalog,
        card,
        holdMinor,
        atMs: node.now(),
      });
      if (opened.kind === 'owes') return refused('customer.owes');
      if (opened.kind === 'busy') return refused('case.busy');
      const { visit } = opened;
      if (opened.kind === 'repeated') return { to: 'same-visit', add: { case: shopCase, visit }, status: 'same visit' };
      const add = { case: shopCase, visit, step: holdStep(visit), hold: holdRequest(visit) };
      return { to: 'hold', add, status: visit.id };
    };
  },
});

/** *tapcase reply* answers the phone with the code, and with the own flow's sentence where there is one. */
function refusal(shopCase: ShopCase, code: string, say?: LocalText): Emission<'refused'> {
  return {
    to: 'refused',
    add: { case: shopCase, refusal: say === undefined ? { code } : { code, say } },
    status: code.slice(code.indexOf('.') + 1),
    look: code === 'case.busy' ? 'working' : 'needs-person',
  };
}

function newId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}
