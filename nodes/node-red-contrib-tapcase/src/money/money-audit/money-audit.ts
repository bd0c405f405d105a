// The daily reconciliation: Stripe's amounts against the ledger and the baskets, as a report that a person can read.
import { defineNode } from '@tapcase/define-node';
import { audit, auditReport, Fault } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { ListedIntent } from '../hold-orphans/contract.ts';
import { type AuditRequest, defaults, parseConfig, parseMessage } from './contract.ts';

/** A day of the largest fleet that one account serves. */
const VISITS_MAX = 100_000;

export default defineNode({
  type: 'money-audit',
  outputs: ['balanced', 'differs'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (request) => {
      const { day, fromMs, untilMs } = request;
      const visits = await ledger.auditedVisits({ fromMs, untilMs, limit: VISITS_MAX });
      const known = new Set(visits.map(({ id }) => id));
      const result = audit(visits, await ofTheDay(ledger, request, known));
      const report = auditReport(result, `Money of ${day} (UTC)`);
      const differences = result.differences.length;
      await ledger.saveAudit({ day, report, differences, atMs: node.now() });
      const add = { audit: { day, report, differences } };
      if (differences === 0) return { to: 'balanced', add, status: `${day}: no difference` };
      node.fail(new Fault('money.differs', `${differences} differences on ${day}`, { day, differences }));
      return { to: 'differs', add, status: `${differences} differences`, look: 'needs-person' };
    };
  },
});

/** Payments of the day's visits, and those of the day whose visit the ledger does not have at all. */
async function ofTheDay(
  ledger: Ledger,
  { intents, untilMs }: AuditRequest,
  known: ReadonlySet<string>,
): Promise<readonly ListedIntent[]> {
  const chosen: ListedIntent[] = [];
  for (const intent of intents) {
    const isOurs = known.has(intent.visitId);
    if (isOurs || (intent.createdAtMs < untilMs && (await ledger.visit(intent.visitId)) === undefined)) {
      chosen.push(intent);
    }
  }
  return chosen;
}
