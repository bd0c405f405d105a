// Hands an own flow's answer to the question that its message came from. The first answer counts.
import { defineNode, says, shows } from '@tapcase/define-node';
import { hooksOf } from '../ask.ts';
import { answer, parseMessage } from './contract.ts';

export default defineNode({
  ...answer,
  parseMessage,
  build: (_config, node) => {
    const hooks = hooksOf(node.RED);
    return (message) => {
      const said = hooks.answer(message, node.name === '' ? node.id : node.name);
      node.status(said === 'answered' ? says(said) : shows(said), said === 'answered' ? 'did' : 'needs-person');
      return undefined;
    };
  },
});
