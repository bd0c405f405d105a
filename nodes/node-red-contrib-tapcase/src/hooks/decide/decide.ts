// Where the shop's question comes into an operator's own flow: the facts go out, and a tapcase-answer takes the answer.
import { defineNode, says, shows } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { hooksOf } from '../ask.ts';
import { tabOf } from '../tab-of.ts';
import { decide, parseMessage } from './contract.ts';

/** A name is said in faults and kept with a visit. */
const NAME_LENGTH_MAX = 60;

export default defineNode({
  ...decide,
  parseMessage,
  build: ({ question, limitMs }, node) => {
    const hooks = hooksOf(node.RED);
    const tab = tabOf(node.RED, node.id);
    const shown = (node.name || tab || node.id).slice(0, NAME_LENGTH_MAX);
    const over = hooks.decide({
      id: node.id,
      name: shown,
      tab,
      question,
      limitMs,
      put: (message) => node.emit({ to: 'facts', add: message, status: says(question) }),
      show: (code) => node.status(shows(code), 'needs-person'),
    });
    /** On a computer in a case nobody ever asks, and the operator would wait for ever. */
    const started = () => {
      if (hooks.isAsked()) return;
      node.fail(new Fault('hook.nobody-asks', `hook "${shown}": nothing in these flows asks it`, { hook: shown }));
    };
    node.RED.events.once('flows:started', started);
    node.onClose(() => {
      node.RED.events.removeListener('flows:started', started);
      over();
    });
    return () => undefined;
  },
});
