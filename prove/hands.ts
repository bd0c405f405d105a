// People at Stripe's dashboard, and a cardholder at the bank: while the shop runs they refund, capture, cancel, detach and dispute.
// Each acts once, on the payments of a customer whose story says so.
import { setTimeout } from 'node:timers/promises';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type Stripe from 'stripe';
import type { Random } from './random.ts';
import type { Hand, Story } from './stories.ts';

export interface Hands {
  /** What was done, by the visit; what came too late was not. */
  readonly done: ReadonlyMap<string, Deed>;
  /** Something has happened at Stripe: whoever waited for it acts. */
  look(): void;
  /** Resolves when nobody is acting. */
  idle(): Promise<unknown>;
}

export interface Deed {
  readonly hand: Hand;
  readonly givenMinor: number;
  /** Captured of a hold. */
  readonly tookMinor: number;
}

export interface HandsOptions {
  readonly stories: readonly Story[];
  /** Stripe's customer of each story, by its number. */
  readonly customers: readonly string[];
  readonly stripe: RunningStripe;
  readonly sdk: Stripe;
  readonly random: Random;
}

/** A person needs a moment; the shop settles within it, or does not. */
const MOMENT_MS_MAX = 250;
/** The least that Stripe takes of a dollar card. */
const LEAST_MINOR = 50;

export function lendHands({ stories, customers, stripe, sdk, random }: HandsOptions): Hands {
  const waiting = new Map(stories.flatMap((story) => (story.hand === undefined ? [] : [[story.number, story]])));
  const done = new Map<string, Deed>();
  const acting = new Set<Promise<void>>();
  return {
    done,
    look: () => {
      for (const [number, { hand, totalMinor }] of waiting) {
        const payment = paymentFor(hand!, customers[number]!);
        if (payment === undefined) continue;
        waiting.delete(number);
        const act = perform(hand!, payment, totalMinor).finally(() => acting.delete(act));
        acting.add(act);
      }
    },
    idle: () => Promise.all(acting),
  };

  /** What the hand is meant for: money that was taken, or a hold of which nothing was. */
  function paymentFor(hand: Hand, customer: string): Stripe.PaymentIntent | undefined {
    const { paymentIntents } = stripe.books;
    const own = paymentIntents.ids(customer).map((id) => paymentIntents.get(id)!);
    const isTaken = hand === 'refund' || hand === 'dispute';
    return own.find(({ status, amount_received: received }) =>
      isTaken ? received > 0 : status === 'requires_capture',
    );
  }

  async function perform(hand: Hand, payment: Stripe.PaymentIntent, totalMinor: number): Promise<void> {
    await setTimeout(random.whole(0, MOMENT_MS_MAX));
    const visitId = payment.metadata.visit!;
    try {
      done.set(visitId, await act(hand, payment, totalMinor));
    } catch {
      // The shop was faster, or Stripe had a bad moment. What was given back although no answer came counts.
      const given = [...stripe.books.refunds.values()].find(({ metadata }) => metadata?.hand === payment.id);
      if (given !== undefined) done.set(visitId, { hand, givenMinor: given.amount, tookMinor: 0 });
    }
  }

  async function act(hand: Hand, { id, ...payment }: Stripe.PaymentIntent, totalMinor: number): Promise<Deed> {
    const deed = { hand, givenMinor: 0, tookMinor: 0 };
    switch (hand) {
      case 'refund': {
        const amount = random.whole(1, payment.amount_received);
        await sdk.refunds.create({ payment_intent: id, amount, metadata: { hand: id } });
        return { ...deed, givenMinor: amount };
      }
      case 'capture': {
        // Never more than the basket: what a person takes too much is for a person.
        const most = Math.min(payment.amount, totalMinor);
        const tookMinor = random.whole(Math.min(LEAST_MINOR, most), most);
        await sdk.paymentIntents.capture(id, { amount_to_capture: tookMinor });
        return { ...deed, tookMinor };
      }
      case 'cancel':
        await sdk.paymentIntents.cancel(id);
        return deed;
      case 'detach':
        await sdk.paymentMethods.detach(String(payment.payment_method));
        return deed;
      case 'dispute':
        stripe.dispute(id);
        return deed;
    }
  }
}
