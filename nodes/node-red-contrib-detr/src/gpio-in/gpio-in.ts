// Tells when a line changes: the signal line from the controller, high from unlock until the door is shut again.
import { defineNode } from '@tapcase/define-node';
import { parseConfig, parseMessage } from './contract.ts';
import { followLine } from './line-stream.ts';

export default defineNode({
  type: 'gpio-in',
  outputs: ['high', 'low'],
  parseConfig,
  parseMessage,
  build: ({ url }, node) => {
    let last: 0 | 1 | undefined;
    const stop = followLine(url, {
      onLevel: (level) => {
        // The first level after a start is where the line stands, not a change.
        if (last !== undefined && level !== last) {
          node.emit({
            to: level === 1 ? 'high' : 'low',
            add: { payload: level },
            status: level === 1 ? 'high' : 'low',
          });
        }
        last = level;
      },
      onLost: (fault) => node.fail(fault),
    });
    node.onClose(stop);
    return () => undefined;
  },
});
