// Counts a fault by its code, for whoever watches the shop, and writes one line into the log.
import { defineNode, shows } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { parseMessage, tapcaseFault } from './contract.ts';

export default defineNode({
  ...tapcaseFault,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ code, message, source }) => {
      // First the log: it needs no database.
      node.warn(`${code} at ${source}: ${message}`);
      const count = await ledger.countFault(code, node.now());
      return {
        to: 'counted',
        add: { fault: { code, count } },
        status: shows(`${code} ${count}`),
        look: 'needs-person',
      };
    };
  },
});
