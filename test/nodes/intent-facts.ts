// A payment as the account's port tells it, in the words of the ledger.
import type { IntentFacts } from '@tapcase/domain';
import type { Intent } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';

export function intentFacts(intent: Intent, purpose: IntentFacts['purpose']): IntentFacts {
  const { id, status, amountMinor, capturableMinor, captureMaxMinor, canIncrement, captureBeforeMs } = intent;
  const amounts = { amountMinor, capturableMinor, captureMaxMinor, receivedMinor: intent.amountReceivedMinor };
  return { intent: id, purpose, status, ...amounts, canIncrement, captureBeforeMs, madeAtMs: intent.createdAtMs };
}
