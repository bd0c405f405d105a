// Opens a visit: freezes prices and card, takes the case, and writes down the hold before Stripe hears of it.
import { randomBytes } from 'node:crypto';
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { hooksOf } from '../../hooks/ask.ts';
import { holdRequest, holdStep } from '../../money/hold-request.ts';
import { holdFor, refusalOf } from './ask-entry.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** 60 bits: no two visits of a shop ever meet, and a frame stays short. */
const ID_LENGTH = 12;
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** What the phone is told: *reply* without a code of its own answers these. */
const NO_CARD = { refusal: { code: 'customer.no-card' } } as const;
const OWES = { refusal: { code: 'customer.owes' } } as const;

export default defineNode({
  type: 'visit-open',
  outputs: ['opened', 'repeated', 'busy', 'no-card', 'owes', 'refused'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const asker = hooksOf(node.RED).asker(node);
    return async (request) => {
      const { customer, case: shopCase, requestId, language } = request;
      const { card } = customer;
      if (card === null) return { to: 'no-card', add: NO_CARD, status: 'no card', look: 'needs-person' };
      // Before anything is written: what an own flow says is then part of the visit, or there is none.
      const say = await refusalOf(asker, ledger, request, node.now());
      if (say !== null)
        return {
          to: 'refused',
          add: { refusal: { code: 'case.not-now', say } },
          status: 'refused',
          look: 'needs-person',
        };
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
      if (opened.kind === 'owes') return { to: 'owes', add: OWES, status: 'owes', look: 'needs-person' };
      if (opened.kind === 'busy') return { to: 'busy', status: 'busy', look: 'working' };
      const { visit } = opened;
      if (opened.kind === 'repeated') return { to: 'repeated', add: { visit }, status: 'same visit' };
      return { to: 'opened', add: { visit, step: holdStep(visit), hold: holdRequest(visit) }, status: visit.id };
    };
  },
});

function newId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
}
