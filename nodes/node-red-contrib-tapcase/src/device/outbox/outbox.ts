// The two ends of the ledger's outbox: what waits is handed out, and is offered again until it is marked as delivered.
import { defineNode, partsBy } from '@tapcase/define-node';
import { tapcaseOutbox } from './contract.ts';
import { done } from './done.ts';
import { take } from './take.ts';

export default defineNode({
  ...tapcaseOutbox,
  ...partsBy('step', { take, done }),
});
