// Keeps what a technician wants to see of an edge at one glance, and gives it to a page no more than once a second.
import { defineNode } from '@tapcase/define-node';
import { EMPTY_BOARD, tell } from './board.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** Two cameras and thirty nodes speak often; nobody reads faster. */
const TELL_MS = 1_000;

export default defineNode({
  type: 'tapcase-technician',
  outputs: ['board'],
  defaults,
  parseConfig,
  parseMessage,
  build: (_config, node) => {
    let board = EMPTY_BOARD;
    let due: NodeJS.Timeout | undefined;
    node.onClose(() => clearTimeout(due));
    return (told) => {
      board = tell(board, told, node.now());
      due ??= setTimeout(() => {
        due = undefined;
        node.emit({ to: 'board', add: { payload: board } });
      }, TELL_MS);
      return undefined;
    };
  },
});
