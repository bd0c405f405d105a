// Hands an own flow's answer to the question that its message came from. The first answer counts.
import { defineNode, says, shows } from '@tapcase/define-node';
import { hooksOf } from '../ask.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'tapcase-answer',
  outputs: [],
  defaults,
  parseConfig,
  parseMessage,
  build: ({ name }, node) => {
    const hooks = hooksOf(node.RED);
    return (message) => {
      const said = hooks.answer(message, name === '' ? node.id : name);
      node.status(said === 'answered' ? says(said) : shows(said), said === 'answered' ? 'did' : 'needs-person');
      return undefined;
    };
  },
});
