// Takes an order of the staff: money back, a lower total, a debt let go. Written down once, with who and why.
import { defineNode } from '@tapcase/define-node';
import { Fault, type Visit } from '@tapcase/domain';
import type { Ledger } from '../store/port.ts';
import { parseConfig, parseMessage, type StaffOrder } from './contract.ts';

export default defineNode({
  type: 'money-order',
  outputs: ['taken', 'refused'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
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

function give(ledger: Ledger, order: StaffOrder, atMs: number): Promise<Visit | Fault> {
  switch (order.kind) {
    case 'refund':
      return ledger.refund({ ...order, atMs });
    case 'waive':
      return ledger.waiveDebt({ ...order, atMs });
    case 'lower':
      return ledger.lowerTotal({ ...order, atMs });
  }
}
