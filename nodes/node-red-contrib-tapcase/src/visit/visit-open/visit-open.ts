// Opens a visit: freezes prices and card, takes the case, and writes down the hold before Stripe hears of it.
import { randomBytes } from 'node:crypto';
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { holdRequest, holdStep } from '../../money/hold-request.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** 60 bits: no two visits of a shop ever meet, and a frame stays short. */
const ID_LENGTH = 12;
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export default defineNode({
  type: 'visit-open',
  outputs: ['opened', 'repeated', 'busy', 'no-card', 'owes'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    return async ({ customer, case: shopCase, requestId, language }) => {
      const { card } = customer;
      if (card === null) return { to: 'no-card', status: 'no card', look: 'needs-person' };
      const opened = await ledger.openVisit({
        id: newId(),
        caseId: shopCase.id,
        customerId: customer.id,
        requestId,
        language,
        catalog: shopCase.catalog,
        card,
        holdMinor: shopCase.holdMinor,
        atMs: node.now(),
      });
      if (opened.kind === 'owes') return { to: 'owes', status: 'owes', look: 'needs-person' };
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
