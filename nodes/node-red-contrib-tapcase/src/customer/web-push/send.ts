// Sends a receipt to every phone of a customer, and forgets phones that are gone.
import { asFields, incomplete, parsed, says } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import type { Ledger, OutgoingPush, PushSubscription } from '@tapcase/ledger';
import { requiredVisit } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { caseNameOf } from '../own-visit.ts';
import type { PushPart } from './contract.ts';
import { pushDocument, pushTopic } from './push-document.ts';

/** Older receipts no longer belong on a locked screen; the page keeps them. */
const TTL_SECONDS = 86_400;

type Sent = 'delivered' | 'gone' | Fault;

export const sendPart: PushPart<OutgoingPush> = {
  /** `msg.push`, the receipt with its subscriptions that the outbox puts on a message, or `message.incomplete`. */
  parseMessage: (raw) =>
    parsed(() => {
      const push = asFields(asFields(raw).push);
      if (!Array.isArray(push.subscriptions)) throw incomplete('push');
      requiredVisit(push);
      return { ...push, review: push.review ?? null, isLetGo: push.isLetGo === true } as unknown as OutgoingPush;
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    const service = orThrow(shop.push);
    const publicUrl = orThrow(shop.publicUrl);

    const sendTo = async (subscription: PushSubscription, { visit, review, isLetGo }: OutgoingPush): Promise<Sent> => {
      const caseName = caseNameOf(visit, shop);
      const context = { caseName, publicUrl, language: subscription.language, review, isLetGo };
      const document = pushDocument(visit, context);
      if (document === undefined) {
        const { phase } = visit;
        return new Fault('visit.wrong-phase', 'a visit that has not ended has no receipt', { phase, event: 'receipt' });
      }
      const options = { ttlSeconds: TTL_SECONDS, topic: pushTopic(visit) };
      const sent = await service.send(subscription, JSON.stringify(document), options);
      if (sent === 'gone') await ledger.dropPushSubscription(subscription.endpoint);
      return sent;
    };

    return async (push) => {
      const endedAtMs = push.review?.decidedAtMs ?? push.visit.endedAtMs ?? push.visit.createdAtMs;
      if (node.now() - endedAtMs > TTL_SECONDS * 1_000) return { to: 'gone', status: says('too late') };
      const sent = await Promise.all(push.subscriptions.map((subscription) => sendTo(subscription, push)));
      const delivered = sent.filter((each) => each === 'delivered').length;
      // One phone that rang is a receipt told. Trying the others again would ring that one again.
      if (delivered > 0) return { to: 'done', status: says('__n__ delivered', { n: delivered }) };
      const fault = sent.find((each) => each instanceof Fault);
      if (fault !== undefined) throw fault;
      return { to: 'gone', status: says('no phone') };
    };
  },
};
