// Takes an order of the staff: money back, a lower total, a debt let go. Written down once, with who and why.
import { defineNode } from '@tapcase/define-node';
import { Fault, minorOf, type Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage, type StaffOrder } from './contract.ts';

export default defineNode({
  type: 'money-order',
  outputs: ['taken', 'refused'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (order) => {
      const done = await give(ledger, order, node.now());
      if (done instanceof Fault) {
        const refused = { code: done.code, message: done.message };
        return { to: 'refused', add: { refused }, status: done.code, look: 'needs-person' };
      }
      return { to: 'taken', add: { visit: done }, status: order.kind };
    };
  },
});

async function give(ledger: Ledger, order: StaffOrder, atMs: number): Promise<Visit | Fault> {
  const { id, visitId, reason, by, amount } = order;
  const common = { id, visitId, reason, by, atMs };
  // Only a debt can be let go without saying how much.
  if (amount === undefined) return ledger.waiveDebt(common);
  const amountMinor = await minorUnits(ledger, visitId, amount);
  if (amountMinor instanceof Fault) return amountMinor;
  switch (order.kind) {
    case 'waive':
      return ledger.waiveDebt({ ...common, amountMinor });
    case 'refund':
      return ledger.refund({ ...common, amountMinor });
    case 'lower':
      return ledger.lowerTotal({ ...common, newTotalMinor: amountMinor });
  }
}

async function minorUnits(ledger: Ledger, visitId: string, amount: number | string): Promise<number | Fault> {
  if (typeof amount !== 'string') return amount;
  const visit = await ledger.visit(visitId);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  return minorOf(amount, visit.catalog.currency);
}
