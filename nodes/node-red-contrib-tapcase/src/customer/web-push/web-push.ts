// Pushes receipts to phones: keeps where a customer's may be sent, and sends them.
import { defineNode, partsBy } from '@tapcase/define-node';
import { webPush } from './contract.ts';
import { sendPart } from './send.ts';
import { subscribePart } from './subscribe.ts';

export default defineNode({
  ...webPush,
  ...partsBy('step', { send: sendPart, subscribe: subscribePart }),
});
