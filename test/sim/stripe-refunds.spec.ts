// Refunds at the stand-in: never more than was received, whatever the account shows of money that was never taken.
import assert from 'node:assert/strict';
import type Stripe from 'stripe';
import {
  AWAY,
  cardHolder,
  type Double,
  HOLD,
  type Receiver,
  refused,
  startDouble,
  startReceiver,
  stopDouble,
} from './stripe-bench.ts';

describe('The stand-in’s refunds', () => {
  let double: Double;
  let shop: Receiver;

  beforeEach(async () => {
    shop = await startReceiver(() => double.checked);
    double = await startDouble({ webhookUrl: shop.url });
  });
  afterEach(async () => {
    await stopDouble(double);
    await shop.close();
  });

  const paid = async (magic = 'pm_card_visa') =>
    double.stripe.paymentIntents.create({ ...AWAY, ...(await cardHolder(double.stripe, magic)) });
  const chargeOf = (id: string) => double.stripe.charges.retrieve(id);
  const story = async () => {
    await double.standin.webhooksIdle();
    return shop.events.splice(0).map(({ type }) => type);
  };

  it('give back a part, then the rest, and then nothing more', async () => {
    const { id, latest_charge } = await paid();
    const order = { payment_intent: id, reason: 'requested_by_customer', metadata: { by: 'ana' } } as const;
    const part = await double.stripe.refunds.create({ ...order, amount: 200 });
    assert.deepEqual(
      [part.status, part.amount, part.reason, part.metadata?.by],
      ['succeeded', 200, order.reason, 'ana'],
    );
    const tooMuch = double.stripe.refunds.create({ ...order, amount: 301 });
    await refused(tooMuch, { statusCode: 400, code: undefined, param: 'amount' });
    assert.equal((await double.stripe.refunds.create({ charge: latest_charge as string })).amount, 300);
    await refused(double.stripe.refunds.create({ payment_intent: id }), { code: 'charge_already_refunded' });
    const charge = await chargeOf(latest_charge as string);
    assert.deepEqual([charge.amount_refunded, charge.refunded], [500, true]);
    assert.equal((await double.stripe.paymentIntents.retrieve(id)).amount_received, 500);
  });

  it('are refused for nothing, for a hold, for a disputed charge, for no payment at all', async () => {
    const { id } = await paid();
    await refused(double.stripe.refunds.create({ payment_intent: id, amount: 0 }), { param: 'amount' });
    await refused(double.stripe.refunds.create({ payment_intent: id, amount: -5 }), { param: 'amount' });
    const held = await double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
    await refused(double.stripe.refunds.create({ payment_intent: held.id }), { param: 'payment_intent' });
    const disputed = await paid('pm_card_createDispute');
    await refused(double.stripe.refunds.create({ payment_intent: disputed.id }), { code: 'charge_disputed' });
    await refused(double.stripe.refunds.create({}), { code: 'parameter_missing' });
    await refused(double.stripe.refunds.create({ payment_intent: 'pi_no' }), { code: 'resource_missing' });
    await refused(double.stripe.refunds.create({ charge: 'ch_no' }), { code: 'resource_missing' });
    await refused(double.stripe.refunds.retrieve('re_no'), { code: 'resource_missing' });
    assert.ok((await story()).includes('charge.dispute.created'));
  });

  it('are refused once the cardholder has disputed the charge, which is told, listed and read', async () => {
    const [{ id }, other] = [await paid(), await paid()];
    double.standin.dispute(id);
    await refused(double.stripe.refunds.create({ payment_intent: id }), { code: 'charge_disputed' });
    assert.ok((await story()).includes('charge.dispute.created'));
    const { data } = await double.stripe.disputes.list({ created: { gte: 0 } });
    assert.deepEqual(
      data.map(({ payment_intent: of, amount }) => [of, amount]),
      [[id, 500]],
    );
    assert.equal((await double.stripe.disputes.retrieve(data[0]!.id)).charge, data[0]!.charge);
    assert.deepEqual((await double.stripe.disputes.list({ payment_intent: other.id })).data, []);
    await refused(double.stripe.disputes.retrieve('du_no'), { code: 'resource_missing' });
    const held = await double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
    for (const none of [id, held.id, 'pi_no']) assert.throws(() => double.standin.dispute(none));
  });

  it('are found again, one by one and by their payment', async () => {
    const [one, other] = [await paid(), await paid()];
    const first = await double.stripe.refunds.create({ payment_intent: one.id, amount: 100 });
    const second = await double.stripe.refunds.create({ payment_intent: one.id, amount: 100 });
    await double.stripe.refunds.create({ payment_intent: other.id });
    const list = await double.stripe.refunds.list({ payment_intent: one.id });
    assert.deepEqual(
      list.data.map(({ id }) => id),
      [second.id, first.id],
    );
    const whole = await double.stripe.refunds.retrieve(first.id, { expand: ['payment_intent', 'charge'] });
    assert.deepEqual(
      [(whole.payment_intent as Stripe.PaymentIntent).id, (whole.charge as Stripe.Charge).object],
      [one.id, 'charge'],
    );
  });

  it('may take a while: pending first, succeeded later', async () => {
    const { id } = await paid('pm_card_pendingRefund');
    await story();
    const refund = await double.stripe.refunds.create({ payment_intent: id });
    assert.equal(refund.status, 'pending');
    await shop.taken(3);
    assert.deepEqual(await story(), ['refund.created', 'charge.refunded', 'refund.updated']);
    assert.equal((await double.stripe.refunds.retrieve(refund.id)).status, 'succeeded');
  });

  it('may fail later: the money is the shop’s again, and can be given back once more', async () => {
    const { id, latest_charge } = await paid('pm_card_refundFail');
    await story();
    const refund = await double.stripe.refunds.create({ payment_intent: id });
    assert.equal(refund.status, 'succeeded');
    await shop.taken(4);
    assert.deepEqual(await story(), ['refund.created', 'charge.refunded', 'refund.updated', 'refund.failed']);
    const failed = await double.stripe.refunds.retrieve(refund.id);
    assert.deepEqual([failed.status, failed.failure_reason], ['failed', 'lost_or_stolen_card']);
    assert.equal((await chargeOf(latest_charge as string)).amount_refunded, 0);
    assert.equal((await double.stripe.refunds.create({ payment_intent: id })).amount, 500);
  });

  describe('on accounts that show untaken money as a refund', () => {
    const captured = async () => {
      double.standin.switches.partialCapture = 'refunded';
      const { id } = await double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
      return double.stripe.paymentIntents.capture(id, { amount_to_capture: 320 });
    };

    it('a capture below the hold shows the rest on the charge, though it was never received', async () => {
      const { id, amount_received, latest_charge } = await captured();
      const charge = await chargeOf(latest_charge as string);
      assert.deepEqual(
        [amount_received, charge.amount_captured, charge.amount_refunded, charge.refunded],
        [320, 320, 180, false],
      );
      const { data } = await double.stripe.refunds.list({ payment_intent: id });
      assert.deepEqual(
        data.map(({ amount, reason }) => [amount, reason]),
        [[180, null]],
      );
      assert.deepEqual((await story()).slice(-2), ['refund.created', 'charge.refunded']);
    });

    it('exactly what was received can be given back', async () => {
      const { id, latest_charge } = await captured();
      await refused(double.stripe.refunds.create({ payment_intent: id, amount: 321 }), { param: 'amount' });
      assert.equal((await double.stripe.refunds.create({ payment_intent: id })).amount, 320);
      const charge = await chargeOf(latest_charge as string);
      assert.deepEqual([charge.amount_refunded, charge.refunded], [500, true]);
    });

    it('a hold that is let go, or that expires, shows all of it', async () => {
      double.standin.switches.partialCapture = 'refunded';
      const hold = async () => double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
      const [dropped, forgotten] = [await hold(), await hold()];
      await double.stripe.paymentIntents.cancel(dropped.id);
      double.standin.advance(8 * 86_400_000);
      const { data } = await double.stripe.refunds.list();
      assert.deepEqual(
        data.map(({ payment_intent, amount, reason }) => [payment_intent, amount, reason]),
        [
          [forgotten.id, 500, 'expired_uncaptured_charge'],
          [dropped.id, 500, null],
        ],
      );
    });
  });

  it('on a standard account nothing is shown of the rest', async () => {
    const { id } = await double.stripe.paymentIntents.create({ ...HOLD, ...(await cardHolder(double.stripe)) });
    const { latest_charge } = await double.stripe.paymentIntents.capture(id, { amount_to_capture: 320 });
    assert.equal((await chargeOf(latest_charge as string)).amount_refunded, 0);
    assert.deepEqual((await double.stripe.refunds.list()).data, []);
  });
});
