// Ends a visit with what Stripe really did, and queues what the customer is told: the case's display and a receipt.
import { defineNode } from '@tapcase/define-node';
import { type Command, Fault, type Outcome, orThrow, type Unnumbered, type Visit } from '@tapcase/domain';
import type { Effect, Ledger } from '../store/port.ts';
import { outcomeOf, parseConfig, parseMessage } from './contract.ts';

/** A display of 16 columns shows no more, and the frame stays well under 1,024 bytes. */
const SHOWN_LINES_MAX = 6;
const SHOWN_NAME_MAX = 24;

export default defineNode({
  type: 'settle-record',
  outputs: ['done', 'ended'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    return async (result) => {
      // Read again: what the customer is told comes from the ledger, never from a message that may be older.
      const before = await ledger.visit(result.visit.id);
      if (before === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id: result.visit.id });
      // The second delivery of the same news.
      if (before.phase === 'done') return { to: 'ended', add: { visit: before }, status: 'ended' };
      const { settle, status, amountReceivedMinor, refusedBecause } = result;
      const atMs = node.now();
      if (settle !== undefined) {
        const step = { visitId: settle.id, kind: settle.kind, attempt: settle.attempt } as const;
        const state = refusedBecause === undefined ? 'done' : 'failed';
        const facts = {
          status,
          amountReceivedMinor,
          ...(refusedBecause === undefined ? {} : { code: refusedBecause }),
        };
        await ledger.markStep(step, { state, atMs, intent: settle.intent, result: facts });
      }
      const outcome = outcomeOf(result);
      const visit = orThrow(
        await ledger.advanceVisit(before.id, {
          event: 'settled',
          atMs,
          visionWaitMs: 0,
          set: {
            outcome,
            chargedMinor: amountReceivedMinor,
            ...(NEEDS_PERSON.has(outcome) ? { flagged: true } : {}),
          },
          note: { outcome, amountReceivedMinor, status },
          effects: effects(before, outcome, atMs),
        }),
      );
      return { to: 'done', add: { visit }, status: outcome, look: NEEDS_PERSON.has(outcome) ? 'needs-person' : 'did' };
    };
  },
});

const NEEDS_PERSON: ReadonlySet<Outcome> = new Set(['owed', 'partly_paid', 'in_review']);

function effects(visit: Visit, outcome: Outcome, atMs: number): Effect[] {
  const told: Effect = { kind: 'command', caseId: visit.caseId, command: showCommand(visit, outcome, atMs) };
  return outcome === 'unused' ? [told] : [told, { kind: 'push', visitId: visit.id }];
}

function showCommand(visit: Visit, outcome: Outcome, atMs: number): Unnumbered<Command> {
  const lines = visit.basket?.lines ?? [];
  const items = lines.slice(0, SHOWN_LINES_MAX).map(({ sku, count }): [string, number] => {
    const name = visit.catalog.products.find((product) => product.sku === sku)?.name[visit.language] ?? sku;
    return [shortened(name), count];
  });
  return {
    type: 'show',
    id: visit.id,
    at: Math.floor(atMs / 1000),
    outcome,
    items,
    total: visit.totalMinor,
    currency: visit.catalog.currency,
    lang: visit.language,
  };
}

/** Cut between characters, never inside one: half a surrogate pair is not UTF-8. */
function shortened(name: string): string {
  return name.slice(0, SHOWN_NAME_MAX).replace(/[\uD800-\uDBFF]$/, '');
}
