// Money at the stand-in beyond a plain hold: raised, captured above, charged while away, given back, on every kind of card.
import assert from 'node:assert/strict';
import type Stripe from 'stripe';
import { TEST_CARDS } from '../../sim/src/stripe/test-cards.ts';
import { AWAY, cardHolder, HOLD, refused, withDouble } from './stripe-bench.ts';

const ASKED = {
  payment_method_options: {
    card: { request_incremental_authorization: 'if_available', request_overcapture: 'if_available' },
  },
} as const;

describe('The stand-in’s money', () => {
  const double = withDouble();

  async function hold(more: object = {}, magic = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
    const { stripe } = double();
    return stripe.paymentIntents.create({
      ...HOLD,
      ...(await cardHolder(stripe, magic)),
      ...more,
      expand: ['latest_charge'],
    });
  }
  const cardOf = ({ latest_charge: charge }: Stripe.PaymentIntent) =>
    (charge as Stripe.Charge).payment_method_details!.card!;

  describe('a hold that is to be raised', () => {
    const raise = (id: string, amount: number) => double().stripe.paymentIntents.incrementAuthorization(id, { amount });

    it('is refused on a standard account, with the whole payment in the refusal', async () => {
      const { id, latest_charge } = await hold(ASKED);
      assert.ok(latest_charge);
      const error = await refused(raise(id, 900), { statusCode: 400, type: 'StripeInvalidRequestError' });
      assert.deepEqual([error.payment_intent?.status, error.payment_intent?.amount], ['requires_capture', 500]);
    });

    it('is refused where the hold did not ask for it', async () => {
      double().standin.switches.increments = true;
      const intent = await hold();
      assert.equal(cardOf(intent).incremental_authorization?.status, 'unavailable');
      await refused(raise(intent.id, 900), { statusCode: 400 });
    });

    it('grows to the new total, and is captured there', async () => {
      double().standin.switches.increments = true;
      const intent = await hold(ASKED);
      assert.equal(cardOf(intent).incremental_authorization?.status, 'available');
      const raised = await raise(intent.id, 900);
      assert.deepEqual([raised.status, raised.amount, raised.amount_capturable], ['requires_capture', 900, 900]);
      assert.equal((await double().stripe.paymentIntents.capture(intent.id)).amount_received, 900);
      await refused(raise(intent.id, 950), { code: 'payment_intent_unexpected_state' });
    });

    it('stays as it was when the bank declines to raise it', async () => {
      double().standin.switches.increments = true;
      const { id } = await hold(ASKED, 'pm_card_incrementDeclined');
      const error = await refused(raise(id, 900), { statusCode: 402, code: 'card_declined' });
      assert.equal(error.payment_intent?.amount_capturable, 500);
      assert.equal((await double().stripe.paymentIntents.capture(id)).amount_received, 500);
    });

    it('only grows, and at most ten times, declined tries counted', async () => {
      double().standin.switches.increments = true;
      const { id } = await hold(ASKED);
      await refused(raise(id, 500), { param: 'amount' });
      for (let time = 1; time <= 10; time += 1) await raise(id, 500 + time);
      const error = await refused(raise(id, 600), { statusCode: 400 });
      assert.equal(error.payment_intent?.amount, 510);

      const stubborn = await hold(ASKED, 'pm_card_incrementDeclined');
      for (let time = 1; time <= 10; time += 1) await refused(raise(stubborn.id, 600), { statusCode: 402 });
      await refused(raise(stubborn.id, 600), { statusCode: 400 });
    });
  });

  describe('a capture above the hold', () => {
    const capture = (id: string, amount: number) =>
      double().stripe.paymentIntents.capture(id, { amount_to_capture: amount });

    it('takes up to what the charge says, where the account has overcapture', async () => {
      double().standin.switches.overcapturePercent = 20;
      const intent = await hold(ASKED);
      assert.deepEqual(cardOf(intent).overcapture, { status: 'available', maximum_amount_capturable: 600 });
      await refused(capture(intent.id, 601), { code: 'amount_too_large' });
      const captured = await capture(intent.id, 600);
      assert.deepEqual([captured.amount_received, captured.amount_capturable], [600, 0]);
      const all = await double().stripe.refunds.create({ payment_intent: intent.id });
      assert.equal(all.amount, 600);
    });

    it('grows with a hold that is raised', async () => {
      Object.assign(double().standin.switches, { increments: true, overcapturePercent: 20 });
      const { id } = await hold(ASKED);
      await double().stripe.paymentIntents.incrementAuthorization(id, { amount: 1_000 });
      assert.equal((await capture(id, 1_200)).amount_received, 1_200);
    });
  });

  describe('a charge while the customer is away', () => {
    const charge = async (magic: string) => {
      const { stripe } = double();
      return stripe.paymentIntents.create({ ...AWAY, ...(await cardHolder(stripe, magic)) });
    };

    it('is taken at once', async () => {
      const { status, amount_received } = await charge('pm_card_visa');
      assert.deepEqual([status, amount_received], ['succeeded', 500]);
    });

    it('needs the cardholder where the bank wants to see them, and no charge is made', async () => {
      for (const magic of ['pm_card_authenticationRequired', 'pm_card_threeDSecure2Required']) {
        const code = 'authentication_required';
        const error = await refused(charge(magic), { statusCode: 402, code, decline_code: code });
        assert.equal(error.payment_intent?.status, 'requires_payment_method');
        assert.equal(error.payment_intent?.latest_charge, null);
      }
    });

    it('is taken from a card that was confirmed when it was saved', async () => {
      assert.equal((await charge('pm_card_authenticationRequiredOnSetup')).status, 'succeeded');
      const unsaved = { ...HOLD, payment_method: 'pm_card_authenticationRequiredOnSetup' };
      assert.equal((await double().stripe.paymentIntents.create(unsaved)).status, 'requires_action');
    });

    it('is declined on a card that paid at the door', async () => {
      const held = await hold({}, 'pm_card_declinesWhenAway');
      assert.equal(held.status, 'requires_capture');
      const error = await refused(charge('pm_card_declinesWhenAway'), {
        statusCode: 402,
        decline_code: 'insufficient_funds',
        advice_code: 'try_again_later',
        network_advice_code: '02',
        network_decline_code: '51',
      });
      assert.equal(error.payment_intent?.last_payment_error?.advice_code, 'try_again_later');
    });

    it('is only for payments confirmed in the same breath', async () => {
      const { confirm: _, ...unconfirmed } = AWAY;
      await refused(double().stripe.paymentIntents.create(unconfirmed), { param: 'off_session' });
    });
  });

  describe('every test card', () => {
    for (const card of TEST_CARDS) {
      it(`${card.name}: pays at the door as its table says`, async () => {
        const { onCharge, onSetup, asksUnlessSaved } = card;
        const request = { ...HOLD, payment_method: card.magic };
        const wanted = asksUnlessSaved === true ? { kind: 'authenticate' as const } : onCharge;
        if (wanted.kind === 'declined') {
          // The SDK's errors say '' where Stripe gives no word of the bank's.
          const { code, declineCode: decline_code = '', adviceCode: advice_code } = wanted;
          const error = await refused(double().stripe.paymentIntents.create(request), {
            statusCode: 402,
            code,
            decline_code,
            advice_code,
          });
          assert.equal(error.payment_method?.card?.last4, card.last4);
        } else {
          const { status } = await double().stripe.paymentIntents.create(request);
          assert.equal(status, wanted.kind === 'approved' ? 'requires_capture' : 'requires_action');
        }
        const { id: customer } = await double().stripe.customers.create({});
        const attached = double().stripe.paymentMethods.attach(card.magic, { customer });
        if (onSetup.kind === 'declined') await refused(attached, { statusCode: 402, code: onSetup.code });
        else assert.equal((await attached).customer, customer);
      });
    }
  });

  describe('the bank’s question', () => {
    const answer = (id: string, word: string) =>
      fetch(`${double().standin.url}/sim/payment_intents/${id}/authenticate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ answer: word }),
      });

    it('confirmed: the hold is made', async () => {
      const { id } = await hold({}, 'pm_card_authenticationRequired');
      assert.equal((await answer(id, 'confirm')).status, 200);
      const { status, amount_capturable } = await double().stripe.paymentIntents.retrieve(id);
      assert.deepEqual([status, amount_capturable], ['requires_capture', 500]);
      assert.equal((await answer(id, 'confirm')).status, 400);
    });

    it('refused, or confirmed without money behind it: the payment waits for another card', async () => {
      const turned = await hold({}, 'pm_card_authenticationRequired');
      assert.equal((await answer(turned.id, 'refuse')).status, 402);
      const { status, last_payment_error: error } = await double().stripe.paymentIntents.retrieve(turned.id);
      assert.deepEqual([status, error?.code], ['requires_payment_method', 'payment_intent_authentication_failure']);
      const poor = await hold({}, 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds');
      assert.equal((await answer(poor.id, 'confirm')).status, 402);
    });

    it('is asked on a page that leads back to the shop', async () => {
      const { standin, stripe } = double();
      const intent = await stripe.paymentIntents.create({
        ...HOLD,
        automatic_payment_methods: { enabled: true },
        payment_method: 'pm_card_authenticationRequired',
        return_url: 'https://shop.example/back?visit=1',
      });
      const url = intent.next_action?.redirect_to_url?.url ?? '';
      assert.ok(url.startsWith(standin.url));
      assert.match(await (await fetch(url)).text(), /Is this payment of \$5\.00 yours\?/);
      const body = new URLSearchParams({ answer: 'confirm' });
      const { headers, status } = await fetch(url, { method: 'POST', body, redirect: 'manual' });
      const back = new URL(headers.get('location') ?? '');
      assert.deepEqual([status, back.searchParams.get('visit')], [303, '1']);
      assert.deepEqual(
        [back.searchParams.get('payment_intent'), back.searchParams.get('redirect_status')],
        [intent.id, 'succeeded'],
      );
      assert.match(await (await fetch(url)).text(), /nothing to confirm/);
    });
  });
});
