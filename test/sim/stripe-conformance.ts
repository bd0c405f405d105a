// Asks the same questions of the stand-in and of Stripe itself, and tells where the answers differ.
import { isDeepStrictEqual } from 'node:util';
import Stripe from 'stripe';
import { HOLD } from './stripe-bench.ts';

/** What is compared: codes, states and amounts; never ids, times or sentences. */
export type Observation = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly stripe: Stripe;
  /** Different for each run, so that keys of yesterday are not met again. */
  readonly run: string;
  /** Moves time; Stripe's own cannot be moved for a payment. */
  readonly advance: ((ms: number) => void) | undefined;
  /** A hold of 5.00; those left over are let go in the end. */
  hold(more?: Partial<Stripe.PaymentIntentCreateParams>): Promise<Stripe.PaymentIntent>;
  /** 5.00, taken. */
  paid(paymentMethod?: string): Promise<Stripe.PaymentIntent>;
  customer(): Promise<string>;
}

export interface Case {
  readonly title: string;
  /** What the stand-in answers; `open` and `deviation` say how sure we are that Stripe answers the same. */
  readonly expected: Observation;
  /** Documented nowhere: what is expected is our best guess, to be replaced by what Stripe is seen to do. */
  readonly isOpen?: true;
  /** Why the stand-in does otherwise on purpose. */
  readonly deviation?: string;
  /** Nothing to tell where time cannot be moved. */
  observe(asked: Asked): Promise<Observation | undefined>;
}

export function asked(stripe: Stripe, advance?: (ms: number) => void): Asked & { letGo(): Promise<void> } {
  const holds: string[] = [];
  const run = `conformance-${Date.now()}`;
  return {
    stripe,
    run,
    advance,
    hold: async (more = {}) => {
      const intent = await stripe.paymentIntents.create({ ...HOLD, payment_method: 'pm_card_visa', ...more });
      holds.push(intent.id);
      return intent;
    },
    paid: (paymentMethod = 'pm_card_visa') =>
      stripe.paymentIntents.create({ ...HOLD, capture_method: 'automatic', payment_method: paymentMethod }),
    customer: async () => (await stripe.customers.create({ metadata: { run } })).id,
    letGo: async () => {
      // Most were captured or cancelled by their case.
      for (const id of holds) await stripe.paymentIntents.cancel(id).catch(() => {});
    },
  };
}

/** What became of a call: how it was refused, or what `see` picks from its answer. */
export async function outcome<T>(call: Promise<T>, see: (answer: T) => Observation): Promise<Observation> {
  try {
    return see(await call);
  } catch (thrown) {
    if (!(thrown instanceof Stripe.errors.StripeError)) throw thrown;
    const { statusCode, rawType, code, param, decline_code: decline, payment_intent: intent } = thrown;
    const more = { ...(decline ? { decline } : {}), ...(intent === undefined ? {} : { intent: intent.status }) };
    return { statusCode, type: rawType, code, param, ...more };
  }
}

/** A line for each case that Stripe answers in another way than the stand-in. */
export async function differences(cases: readonly Case[], other: Asked): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const each of cases) {
    const seen = await each.observe(other).catch((thrown: unknown) => ({ failed: String(thrown) }));
    const why = each.deviation ?? (each.isOpen === true ? 'was a guess' : 'was taken from documents');
    if (seen === undefined) lines.push(`not asked: ${each.title}: time cannot be moved here`);
    else if (!isDeepStrictEqual(plain(seen), plain(each.expected))) {
      lines.push(`differs: ${each.title} (${why}):${parts(each.expected, seen)}`);
    }
  }
  return lines;
}

function parts(expected: Observation, seen: Observation): string {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(seen)])];
  const differing = names.filter((name) => !isDeepStrictEqual(plain(expected)[name], plain(seen)[name]));
  const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';
  return differing.map((name) => ` ${name} ${show(expected[name])} here, ${show(seen[name])} there;`).join('');
}

/** Without what is undefined: an absent code is no code. */
function plain(observation: Observation): Observation {
  return JSON.parse(JSON.stringify(observation)) as Observation;
}
