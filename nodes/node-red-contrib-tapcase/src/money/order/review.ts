// Writes down what a person decided about a doubtful basket, once, with who and why; the money follows in the ledger.
import { asFields, incomplete, parsed, part, readFields, says, shows } from '@tapcase/define-node';
import { type BasketLine, Fault, type Orderer, REVIEW_COUNT_MAX, REVIEW_LINES_MAX } from '@tapcase/domain';
import type { Ledger, ReviewOrder } from '@tapcase/ledger';
import type { OrderConfig, Output } from './contract.ts';
import { actOf, givenBy } from './given.ts';

type Untimed<T> = T extends { readonly atMs: number } ? Omit<T, 'atMs' | 'act'> : never;

/** `msg.order`, all but the time. */
interface ReviewRequest {
  readonly visitId: string;
  readonly orderer: Orderer;
  readonly order: Untimed<ReviewOrder>;
}

export const review = part<OrderConfig, ReviewRequest, Output>({
  parseMessage: (raw) => parsed(() => reviewRequest(raw)),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ visitId, order, orderer }) => {
      const atMs = node.now();
      const detail = { decision: order.decision, note: order.note };
      const act = actOf(orderer, { act: 'review-decided', subject: visitId, atMs, detail });
      const result = await ledger.decideReview(visitId, { ...order, atMs, act });
      if (result instanceof Fault) {
        const refused = { code: result.code, message: result.message };
        return { to: 'refused', add: { refused }, status: shows(result.code), look: 'needs-person' };
      }
      const { visit, review, kind } = result;
      return {
        to: 'taken',
        add: { visit, review },
        status: kind === 'repeated' ? says('already') : says(order.decision),
      };
    };
  },
});

/**
 * Throws `staff.not-allowed`, `message.incomplete`, or `order.invalid` naming the field: a decision without a note is none.
 * Prices are never taken from it.
 */
function reviewRequest(raw: unknown): ReviewRequest {
  const orderer = givenBy(raw, 'review-decided');
  const { order } = asFields(raw);
  if (order === undefined) throw incomplete('order');
  const read = readFields(order, 'order.invalid', 'order.');
  const visitId = read.text('visitId', { max: 64, pattern: /^[A-Za-z0-9-]+$/ });
  const common = { by: orderer.name, note: read.text('note', { min: 3, max: 200 }) };
  const decision = read.oneOf('decision', ['confirm', 'correct', 'waive']);
  switch (decision) {
    case 'confirm':
      return { visitId, orderer, order: { ...common, decision } };
    case 'waive':
      return { visitId, orderer, order: { ...common, decision, givesBack: read.flag('givesBack') } };
    case 'correct':
      return { visitId, orderer, order: { ...common, decision, lines: linesOf(asFields(order).lines) } };
  }
}

/** Whether the visit's catalog has such a product is the ledger's to say. Throws `order.invalid`. */
function linesOf(raw: unknown): readonly BasketLine[] {
  const lines = Array.isArray(raw) ? raw : undefined;
  const read = readFields({ lines: lines?.length }, 'order.invalid', 'order.');
  read.whole('lines', { min: 0, max: REVIEW_LINES_MAX });
  return (lines ?? []).map((line, at) => {
    const each = readFields(line, 'order.invalid', `order.lines.${at}.`);
    return { sku: each.text('sku', { max: 24 }), count: each.whole('count', { min: 0, max: REVIEW_COUNT_MAX }) };
  });
}
