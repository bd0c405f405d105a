// The policy config node: how sure one must be to charge, and the dialog's look at what that would have done.
import { defineConfigNode } from '@tapcase/define-node';
import { defaults, type Policy, parseConfig } from './contract.ts';
import { replayAction } from './replay-action.ts';

export default defineConfigNode<Policy, Policy>({
  type: 'tapcase-policy',
  defaults,
  parseConfig,
  open: (policy) => policy,
  actions: { replay: replayAction },
});
