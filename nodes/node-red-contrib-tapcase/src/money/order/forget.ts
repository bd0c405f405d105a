// Forgets what a case has learned, or one product's mass, because an operator knows better: from the next visit on.
import { asFields, incomplete, parsed, part, readFields, says, shows } from '@tapcase/define-node';
import { Fault, type Orderer, orThrow, productBySku } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import type { OrderConfig, Output } from './contract.ts';
import { actOf, givenBy } from './given.ts';

/** `msg.order`, all but the time. */
interface ForgetRequest {
  readonly caseId: string;
  /** null: all that the case has learned. */
  readonly sku: string | null;
  readonly orderer: Orderer;
}

export const forget = part<OrderConfig, ForgetRequest, Output>({
  parseMessage: (raw) => parsed(() => forgetRequest(raw)),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async (request) => {
      const { catalog } = orThrow(shop.case(request.caseId));
      if (request.sku !== null && productBySku(catalog, request.sku) === undefined) {
        throw new Fault('learning.unknown-sku', `${request.sku} is not sold in this case`, { sku: request.sku });
      }
      const { caseId, sku, orderer } = request;
      const forgotten = { caseId, sku, by: orderer.name, atMs: node.now() };
      const detail = sku === null ? {} : { sku };
      const act = actOf(orderer, { act: 'learning-forgotten', subject: caseId, atMs: forgotten.atMs, detail });
      await ledger.forgetLearning({ ...forgotten, act });
      return {
        to: 'taken',
        add: { forgotten },
        status: request.sku === null ? says('all of __case__', { case: request.caseId }) : shows(request.sku),
      };
    };
  },
});

/** Throws `staff.not-allowed`, `message.incomplete` or `order.invalid` naming the field. An empty or absent `sku` is the whole case. */
function forgetRequest(raw: unknown): ForgetRequest {
  const orderer = givenBy(raw, 'learning-forgotten');
  const { order } = asFields(raw);
  if (order === undefined) throw incomplete('order');
  const read = readFields(order, 'order.invalid', 'order.');
  const sku = (asFields(order).sku ?? '') === '' ? null : read.text('sku', { max: 24 });
  return { caseId: read.text('caseId', { max: 32 }), sku, orderer };
}
