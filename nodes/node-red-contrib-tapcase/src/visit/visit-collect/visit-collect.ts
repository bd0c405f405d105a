// Decides whether all there is to know about a visit is in: door and cameras, or the wait for the cameras is over; and
// adds what the case has learned.
import { defineNode } from '@tapcase/define-node';
import { Fault, type Phase, type Visit } from '@tapcase/domain';
import type { Evidence, Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** Past these the basket is decided, or there is none to decide: what is left is money. */
const DECIDED: readonly Phase[] = ['reconciled', 'settling', 'done'];

export default defineNode({
  type: 'visit-collect',
  outputs: ['ready', 'waiting'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ visit: { id }, overdue }) => {
      // Read again: the message may be older than what another report has changed meanwhile.
      const visit = await ledger.visit(id);
      if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id });
      const evidence = await ledger.evidence(id);
      const add = { visit, evidence, learned: await ledger.learning(visit.caseId) };
      return isReady(visit, evidence, overdue || isPast(visit, node.now()))
        ? { to: 'ready', add, status: id }
        : { to: 'waiting', add, status: 'waiting', look: 'working' };
    };
  },
});

function isReady({ phase }: Visit, { vision }: Evidence, waitIsOver: boolean): boolean {
  if (DECIDED.includes(phase)) return true;
  return phase === 'closed' && (vision !== null || waitIsOver);
}

/** Whoever took an overdue visit up has put its deadline off, so the sweep's own word counts too. */
function isPast({ dueAtMs }: Visit, nowMs: number): boolean {
  return dueAtMs !== null && nowMs >= dueAtMs;
}
