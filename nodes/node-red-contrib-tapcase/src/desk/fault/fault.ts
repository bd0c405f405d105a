// Counts a fault by its code, for whoever watches the shop, and writes one line into the log.
import { defineNode, shows } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { bursts } from './bursts.ts';
import { type CaughtFault, parseMessage, tapcaseFault } from './contract.ts';

export default defineNode({
  ...tapcaseFault,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const count = async ({ code, message, source }: CaughtFault, times: number) => {
      // First the log: it needs no database.
      node.warn(times === 1 ? `${code} at ${source}: ${message}` : `${code} at ${source}: ${times} times more`);
      const counted = await ledger.countFault(code, node.now(), times);
      return {
        to: 'counted',
        add: { fault: { code, count: counted } },
        status: shows(`${code} ${counted}`),
        look: 'needs-person',
      } as const;
    };
    const again = bursts<CaughtFault>(async (fault, times) => {
      try {
        node.emit(await count(fault, times));
      } catch (thrown) {
        node.fail(thrown);
      }
    });
    node.onClose(() => again.end());
    return async (fault) => {
      const { code, source, message } = fault;
      // A fault of another case has another message, and is nobody's repetition.
      const isFirst = again.isFirst(`${code} ${source} ${message}`, `${code} ${source}`, fault);
      return isFirst ? count(fault, 1) : undefined;
    };
  },
});
