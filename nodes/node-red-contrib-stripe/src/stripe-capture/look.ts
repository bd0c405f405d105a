// Finds a payment at Stripe without asking Stripe to do anything: by its id, or by what its maker wrote on it.
import { type Emission, says, shows } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { type Intent, intentResult, type StripeAccount } from '../stripe-account/contract.ts';

/** `msg.look` */
type LookMessage =
  /** `refunds`: what of it was given back is wanted too. */
  | { readonly kind: 'intent'; readonly intent: string; readonly refunds: boolean }
  | {
      readonly kind: 'metadata';
      readonly customer: string;
      /** Each of these pairs must be on the payment; it may have more. */
      readonly metadata: Readonly<Record<string, string>>;
      readonly createdAfterMs: number;
    };

/** `stripe.bad-message` naming the field. */
export function parseLook(raw: unknown): LookMessage | Fault {
  return parsed(() => {
    const { look } = asFields(raw);
    const read = new FieldReader(look, 'stripe.bad-message', 'msg.look.');
    if (asFields(look).intent !== undefined) {
      const refunds = asFields(look).refunds === true;
      return { kind: 'intent', intent: read.text('intent', /^pi_\w{1,252}$/), refunds };
    }
    return {
      kind: 'metadata',
      customer: read.text('customer', /^cus_\w{1,251}$/),
      metadata: read.metadata('metadata'),
      createdAfterMs: read.whole('createdAfterMs', 0, Number.MAX_SAFE_INTEGER),
    };
  });
}

/** A customer's payments since one of them was asked for. */
const INTENTS_MAX = 1_000;

export async function look(account: StripeAccount, asked: LookMessage): Promise<Emission<'found' | 'none'>> {
  const intent = asked.kind === 'intent' ? await account.intent(asked.intent) : await byMarks(account, asked);
  if (intent === undefined) return { to: 'none', status: says('none') };
  const refunds = asked.kind === 'intent' && asked.refunds ? await account.refundsOf(intent.id) : undefined;
  const lookedRefunds = refunds?.map(({ id, amountMinor, status, reason, metadata }) => {
    return { id, amountMinor, status, reason, key: metadata.refund };
  });
  const add = { looked: intentResult(intent), ...(lookedRefunds === undefined ? {} : { lookedRefunds }) };
  return { to: 'found', add, status: shows(intent.status) };
}

/** The one with which money moved; else the last that was tried. */
export async function byMarks(
  account: StripeAccount,
  { customer, metadata, createdAfterMs }: Omit<Extract<LookMessage, { kind: 'metadata' }>, 'kind'>,
): Promise<Intent | undefined> {
  const intents = await account.intents({ customer, createdAfterMs, max: INTENTS_MAX });
  const wanted = Object.entries(metadata);
  const matching = intents.filter((intent) => wanted.every(([key, value]) => intent.metadata[key] === value));
  const moved = matching.filter(
    ({ capturableMinor, amountReceivedMinor }) => capturableMinor + amountReceivedMinor > 0,
  );
  if (moved.length > 1) {
    const ids = moved.map(({ id }) => id);
    throw new Fault('stripe.ambiguous', 'several payments carry these marks, and money moved in each', { ids });
  }
  return moved[0] ?? matching.at(-1);
}
