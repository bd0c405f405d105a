// Opens a visit at a case that is ready: freezes prices and card, takes the case, and writes down the hold before Stripe
// hears of it. Whoever is not let in is told why.
import { randomBytes } from 'node:crypto';
import { defineNode, type Emission, says, shows } from '@tapcase/define-node';
import { type Language, type LocalText, orThrow, sayCommand } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { hooksOf } from '../../hooks/ask.ts';
import { holdRequest, holdStep } from '../../money/hold-request.ts';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import { holdFor, refusalOf } from './ask-entry.ts';
import { whyNotReady } from './case-ready.ts';
import { parseMessage, visitOpen } from './contract.ts';
import { waitOf } from './unopened.ts';

/** As long as the display shows a sentence (TOLD_MS in firmware/app/config.py): a phone that taps and taps costs a radio no more. */
const TOLD_APART_MS = 8_000;
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
    const tellCase = displayTeller(ledger, node.now);
    return async ({ customer, caseId, requestId, language }) => {
      const shopCase = orThrow(shop.case(caseId));
      const refused = (code: string, more: More = {}) => refusal(shopCase, code, more);
      const notReady = await whyNotReady(ledger, shopCase, customer.id, node.now());
      if (notReady !== null) return refused(notReady);
      const { card } = customer;
      if (card === null) return refused('customer.no-card');
      const waitMs = await waitOf(ledger, { customer, caseId: shopCase.id, requestId }, node.now());
      if (waitMs !== null) return refused('customer.unopened', { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
      // Before anything is written: what an own flow says is then part of the visit, or there is none.
      const request = { customer, case: shopCase, requestId, language };
      const say = await refusalOf(asker, ledger, request, node.now());
      if (say !== null) {
        await tellCase(shopCase.id, say, language);
        return refused('case.not-now', { say });
      }
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
      if (opened.kind === 'repeated')
        return { to: 'same-visit', add: { case: shopCase, visit }, status: says('same visit') };
      const add = { case: shopCase, visit, step: holdStep(visit), hold: holdRequest(visit) };
      return { to: 'hold', add, status: shows(visit.id) };
    };
  },
});

/** What goes with a refusal's code: the own flow's sentence, or how long to wait. */
type More = { readonly say: LocalText } | { readonly retryAfterSeconds: number } | Record<string, never>;

/** *tapcase reply* answers the phone with it. */
function refusal(shopCase: ShopCase, code: string, more: More): Emission<'refused'> {
  return {
    to: 'refused',
    add: { case: shopCase, refusal: { code, ...more } },
    status: shows(code),
    look: code === 'case.busy' ? 'working' : 'needs-person',
  };
}

/** What the case's display says to whoever stands there: the sentence in the language of their phone. */
function displayTeller(ledger: Ledger, now: () => number) {
  const toldAtMs = new Map<string, number>();
  return async (caseId: string, say: LocalText, language: Language): Promise<void> => {
    const atMs = now();
    const command = sayCommand(say[language], atMs);
    // Either way: after a clock that was set back nobody waits for it to come round.
    const apartMs = Math.abs(atMs - (toldAtMs.get(caseId) ?? Number.NEGATIVE_INFINITY));
    if (command === undefined || apartMs < TOLD_APART_MS) return;
    // Of the shop's own cases only, so no more than it has.
    toldAtMs.set(caseId, atMs);
    await ledger.command(caseId, command, atMs);
  };
}

function newId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}
