// Names the money step that a payment node's answer belongs to.
import type { MoneyStep } from '@tapcase/ledger';

/** `msg.step`: which step the answer belongs to, and where on the message the answer will lie. */
export interface OrderedStep {
  readonly visitId: string;
  readonly kind: MoneyStep['kind'];
  readonly attempt: number;
  readonly amountMinor: number;
  readonly answer: 'stripe' | 'settled' | 'charged' | 'refunded' | 'looked' | 'paid' | 'payPage';
}
