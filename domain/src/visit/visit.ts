// A visit as the ledger keeps it, with everything about prices frozen at its start.
import type { Catalog } from '../catalog/product.ts';
import type { Language } from '../protocol/api.ts';
import type { Basket } from '../reconcile/basket.ts';
import type { Outcome, Phase } from './phases.ts';
import type { TurnedAway } from './turned-away.ts';

export interface Card {
  readonly stripeCustomer: string;
  readonly paymentMethod: string;
  readonly brand: string;
  readonly last4: string;
  /** Stripe's: the same for one number, whoever stores it. Not there for cards of earlier releases, and for what has none. */
  readonly fingerprint?: string;
}

export interface Visit {
  readonly id: string;
  readonly caseId: string;
  readonly customerId: string;
  /** The phone's id of the tap: the same one again is the same visit. */
  readonly requestId: string;
  readonly language: Language;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  /** Prices, masses and labels as they were at unlock. A Deploy never reaches into a running visit. */
  readonly catalog: Catalog;
  readonly card: Card;
  readonly holdMinor: number;
  /** Stripe's PaymentIntent, once there is one. */
  readonly intent: string | null;
  readonly openTooLong: boolean;
  /** Whether a report ever said that the door was open. */
  readonly opened: boolean;
  /** Why the case opened nothing for it, once that is known; null where its door was unlocked, or nothing was heard yet. */
  readonly turnedAway: TurnedAway | null;
  /** The evidence is too poor to charge on: the hold goes back, and a person decides. */
  readonly review: boolean;
  /** Decided once, then immutable. */
  readonly basket: Basket | null;
  readonly totalMinor: number;
  /** All that was received, debts paid later included. */
  readonly chargedMinor: number;
  readonly refundedMinor: number;
  /** A person should look at it, whatever the outcome. */
  readonly flagged: boolean;
  readonly createdAtMs: number;
  readonly enteredAtMs: number;
  /** When the sweep must look at it: also after the end, while a debt or a refund waits. */
  readonly dueAtMs: number | null;
  readonly endedAtMs: number | null;
}
