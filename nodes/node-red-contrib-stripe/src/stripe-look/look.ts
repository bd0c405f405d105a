// Finds a payment at Stripe without asking Stripe to do anything: by its id, or by what its maker wrote on it.
import type { Emission } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type Intent, intentResult, type StripeAccount } from '../stripe-account/contract.ts';
import type { LookMessage } from './contract.ts';

/** A customer's payments since one of them was asked for. */
const INTENTS_MAX = 1_000;

export async function look(account: StripeAccount, asked: LookMessage): Promise<Emission<'found' | 'none'>> {
  const intent = asked.kind === 'intent' ? await account.intent(asked.intent) : await byMetadata(account, asked);
  if (intent === undefined) return { to: 'none', status: 'none' };
  return { to: 'found', add: { looked: intentResult(intent) }, status: intent.status };
}

async function byMetadata(
  account: StripeAccount,
  { customer, metadata, createdAfterMs }: LookMessage & { kind: 'metadata' },
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
