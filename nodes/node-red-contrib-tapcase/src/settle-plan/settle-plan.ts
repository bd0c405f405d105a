// Plans what becomes of a visit's hold and writes the step down before Stripe hears of it.
import { defineNode } from '@tapcase/define-node';
import { chargeable, Fault, type Outcome, orThrow, planSettlement, totalMinor, type Visit } from '@tapcase/domain';
import { holdRequest } from '../hold-request.ts';
import type { Ledger } from '../store/port.ts';
import { type PlanRequest, parseConfig, parseMessage } from './contract.ts';

/** `msg.settle`: what stripe-settle does and settle-record writes down. */
export interface Settle {
  readonly id: string;
  readonly kind: 'capture' | 'cancel';
  readonly intent: string;
  readonly amountMinor: number;
  readonly attempt: number;
  /** How the visit ends when Stripe does as asked. */
  readonly outcome: Outcome;
}

/** One step settles a visit; a repeated message repeats the same call with the same key. */
const SETTLE_ATTEMPT = 1;

export default defineNode({
  type: 'settle-plan',
  outputs: ['capture', 'cancel', 'find-hold', 'ended'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    return async (request) => {
      const decided = await decide(ledger, request, node.now());
      // Door and cameras may report in the same moment: one of the two messages settles, the other ends here.
      if (decided === 'decided-elsewhere') return { to: 'ended', status: 'under way', look: 'working' };
      if (decided.phase === 'done') return { to: 'ended', add: { visit: decided }, status: 'ended' };
      const intent = decided.intent ?? request.foundIntent;
      if (intent === undefined) {
        // The process died between asking for the hold and hearing of it: the same question has the same answer.
        return {
          to: 'find-hold',
          add: { visit: decided, hold: holdRequest(decided) },
          status: 'asking',
          look: 'working',
        };
      }
      const { visit, settle } = await write(ledger, decided, intent, node.now());
      const status = settle.kind === 'capture' ? `capture ${settle.amountMinor}` : 'cancel';
      return { to: settle.kind, add: { visit, settle }, status, look: 'working' };
    };
  },
});

/** The basket is decided once; a visit that was never weighed has none. */
async function decide(
  ledger: Ledger,
  { visit: { id }, basket }: PlanRequest,
  atMs: number,
): Promise<Visit | 'decided-elsewhere'> {
  // Read again: the message may be older than what a repeated one has settled meanwhile.
  const visit = await ledger.visit(id);
  if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id });
  if (visit.phase !== 'closed' || basket === undefined) return visit;
  const { lines, flagged } = chargeable(basket);
  const decided = await ledger.advanceVisit(visit.id, {
    event: 'basket_decided',
    atMs,
    visionWaitMs: 0,
    set: {
      basket,
      totalMinor: orThrow(totalMinor(lines, visit.catalog)),
      // One witness missing or wrong: the sale goes on, and a person may look.
      flagged: visit.flagged || flagged,
    },
    note: { verdict: basket.verdict, probability: basket.probability, reason: basket.reason },
  });
  if (decided instanceof Fault && decided.code === 'visit.wrong-phase') return 'decided-elsewhere';
  return orThrow(decided);
}

async function write(ledger: Ledger, decided: Visit, intent: string, atMs: number) {
  const events = await ledger.visitEvents(decided.id);
  const opened = events.some(
    ({ event }) => event === 'door_opened' || event === 'door_closed' || event === 'door_open_too_long',
  );
  const unweighed =
    decided.basket === null &&
    (opened || events.some(({ event, note }) => event === 'case_silent' && note?.entered === true));
  const plan = planSettlement({
    holdMinor: decided.holdMinor,
    totalMinor: decided.totalMinor,
    opened,
    review: unweighed || (decided.basket !== null && chargeable(decided.basket).review),
  });
  const amountMinor = plan.kind === 'capture' ? plan.amountMinor : 0;
  const settle: Settle = {
    id: decided.id,
    kind: plan.kind,
    intent,
    amountMinor,
    attempt: SETTLE_ATTEMPT,
    outcome: plan.outcome,
  };
  const visit = orThrow(
    await ledger.advanceVisit(decided.id, { event: 'settle_started', atMs, visionWaitMs: 0, set: { intent } }),
  );
  const step = { visitId: decided.id, kind: plan.kind, attempt: SETTLE_ATTEMPT } as const;
  await ledger.planStep({ ...step, idempotencyKey: `${decided.id}:${plan.kind}:${SETTLE_ATTEMPT}`, amountMinor });
  await ledger.markStep(step, { state: 'sent', atMs });
  return { visit, settle };
}
