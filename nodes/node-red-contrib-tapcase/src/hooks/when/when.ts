// Where the shop's events come into an operator's own flow: one message for each, at least once, with the event's id.
import { defineNode, shows } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { hearEvents } from '../teller.ts';
import { parseMessage, when } from './contract.ts';

export default defineNode({
  ...when,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const over = hearEvents(ledger, config.event, {
      tell: (event) =>
        node.emit({ to: 'event', add: { topic: event.kind, payload: event }, status: shows(config.event) }),
      fail: (fault) => node.fail(fault),
      now: () => node.now(),
    });
    node.onClose(over);
    return () => undefined;
  },
});
