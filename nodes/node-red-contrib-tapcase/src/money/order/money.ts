// Takes an order about money: money back, a lower total, a debt let go. Written down once, with who and why.
import { asFields, parsed, part, readFields, says, shows } from '@tapcase/define-node';
import { type Act, AMOUNT_MINOR_MAX, Fault, minorOf, type Orderer, type Visit } from '@tapcase/domain';
import type { AdjustmentOrder, Ledger } from '@tapcase/ledger';
import type { OrderConfig, Output } from './contract.ts';
import { actOf, givenBy } from './given.ts';

/** `msg.order`. An amount is minor units as a number, or what a person typed ("1.50") in the visit's currency. */
type MoneyOrder = Omit<AdjustmentOrder, 'atMs' | 'by' | 'act'> & { readonly orderer: Orderer } & (
    | { readonly kind: 'refund'; readonly amount: number | string }
    /** Without an amount all of it. */
    | { readonly kind: 'waive'; readonly amount: number | string | undefined }
    | { readonly kind: 'lower'; readonly amount: number | string }
  );

export const money = part<OrderConfig, MoneyOrder, Output>({
  parseMessage: (raw) => parsed(() => moneyOrder(raw)),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (order) => {
      const done = await give(ledger, order, node.now());
      if (done instanceof Fault) {
        const refused = { code: done.code, message: done.message };
        return { to: 'refused', add: { refused }, status: shows(done.code), look: 'needs-person' };
      }
      return { to: 'taken', add: { visit: done }, status: says(order.kind) };
    };
  },
});

/** Throws `staff.not-allowed`, or `order.invalid` naming the field: an order without a reason is none. */
function moneyOrder(raw: unknown): MoneyOrder {
  const { order } = asFields(raw);
  const read = readFields(order, 'order.invalid', 'order.');
  const isTyped = asFields(order).amount !== undefined;
  const isNumbered = asFields(order).amountMinor !== undefined;
  const amountOf = (name: string, min: number) =>
    isTyped ? read.text('amount', { max: 12 }) : read.whole(name, { min, max: AMOUNT_MINOR_MAX });
  const kind = read.oneOf('kind', ['refund', 'waive', 'lower']);
  const common = {
    orderer: givenBy(raw, kind),
    id: read.text('id', { min: 8, max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
    visitId: read.text('visitId', { max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
    reason: read.text('reason', { min: 3, max: 200 }),
  };
  switch (kind) {
    case 'refund':
      return { ...common, kind, amount: amountOf('amountMinor', 1) };
    case 'lower':
      return { ...common, kind, amount: amountOf('newTotalMinor', 0) };
    case 'waive':
      return { ...common, kind, amount: isTyped || isNumbered ? amountOf('amountMinor', 1) : undefined };
  }
}

async function give(ledger: Ledger, order: MoneyOrder, atMs: number): Promise<Visit | Fault> {
  const { id, visitId, reason, amount, orderer } = order;
  const common = { id, visitId, reason, by: orderer.name, atMs };
  const visit = await ledger.visit(visitId);
  if (visit === undefined) return new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  const { currency } = visit.catalog;
  const act = (detail: Act['detail']) =>
    actOf(orderer, { act: order.kind, subject: visitId, atMs, detail: { ...detail, reason } });
  // Only a debt can be let go without saying how much.
  if (amount === undefined) return ledger.waiveDebt({ ...common, act: act({}) });
  const amountMinor = typeof amount === 'string' ? minorOf(amount, currency) : amount;
  if (amountMinor instanceof Fault) return amountMinor;
  switch (order.kind) {
    case 'waive':
      return ledger.waiveDebt({ ...common, amountMinor, act: act({ amountMinor, currency }) });
    case 'refund':
      return ledger.refund({ ...common, amountMinor, act: act({ amountMinor, currency }) });
    case 'lower':
      return ledger.lowerTotal({
        ...common,
        newTotalMinor: amountMinor,
        act: act({ totalMinor: amountMinor, currency }),
      });
  }
}
