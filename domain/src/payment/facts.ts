// What is known about a visit's money: what was asked of Stripe (steps) and what Stripe last said (intents).

/** What is asked of Stripe for a visit, once or again under the same key. `pay` is a page on which the customer pays a debt. */
export type MoneyStepKind = 'hold' | 'increment' | 'capture' | 'cancel' | 'charge' | 'pay' | 'refund';

/**
 * `planned`: written down; `sent`: Stripe may have it; `unknown`: no answer came; `done`, `failed`: Stripe's answer.
 * Only these two are final.
 */
export type MoneyStepState = 'planned' | 'sent' | 'unknown' | 'done' | 'failed';

export interface StepFacts {
  readonly kind: MoneyStepKind;
  /** 1 for the first of its kind; part of the idempotency key. */
  readonly attempt: number;
  readonly amountMinor: number;
  readonly state: MoneyStepState;
  /** Why it failed: Stripe's code, or `NOT_DONE`. */
  readonly code: string | null;
}

/** A step that was looked up and turned out never to have happened: it may be asked again under a new key. */
export const NOT_DONE = 'not_done';

/** The code of a step that Stripe has not answered for ten days: whether money moved is for a person to find out. */
export const GAVE_UP = 'gave_up';

/** What Stripe last said of a PaymentIntent. */
export interface IntentFacts {
  readonly intent: string;
  readonly purpose: 'hold' | 'charge' | 'pay';
  /** Stripe's own word; new ones may appear. */
  readonly status: string;
  readonly amountMinor: number;
  /** What a capture can take now. */
  readonly capturableMinor: number;
  /** What a capture could take with overcapture; equal to `capturableMinor` on most accounts. null: not told this time. */
  readonly captureMaxMinor: number | null;
  /** null: not told this time. */
  readonly canIncrement: boolean | null;
  readonly receivedMinor: number;
  /** When the bank lets a hold go by itself; unix ms. */
  readonly captureBeforeMs: number | null;
  /** When Stripe made it, by Stripe's own clock; unix ms. Absent: not told this time. */
  readonly madeAtMs?: number;
}

export interface MoneyFacts {
  readonly currency: string;
  /** What the visit costs: the basket at the prices of its start, and what a review found to be missing in it. */
  readonly totalMinor: number;
  /** Whether the door was ever opened: tells "never used" from "nothing taken". */
  readonly opened: boolean;
  /** The evidence is too poor to charge on: release, and let a person look. */
  readonly review: boolean;
  readonly intents: readonly IntentFacts[];
  /** In the order they were planned. */
  readonly steps: readonly StepFacts[];
}

export const HELD = 'requires_capture';

/** The hold while there is something to capture or to let go. */
export function heldOf({ intents }: Pick<MoneyFacts, 'intents'>): IntentFacts | undefined {
  return intents.find(({ status }) => status === HELD);
}

export function receivedMinor({ intents }: Pick<MoneyFacts, 'intents'>): number {
  return intents.reduce((sum, intent) => sum + intent.receivedMinor, 0);
}

/** Whether the step still waits for Stripe's answer. */
export function isPending({ state }: Pick<StepFacts, 'state'>): boolean {
  return state === 'planned' || state === 'sent' || state === 'unknown';
}

/** Whether something is under way that takes money or lets it go; what is being given back changes nothing of that. */
export function isAsking(step: Pick<StepFacts, 'state' | 'kind'>): boolean {
  return isPending(step) && step.kind !== 'refund';
}

/** Given back, being given back, or, where no answer ever came, perhaps given back: never planned a second time. */
export function isGivenBack({ kind, state, code }: Pick<StepFacts, 'kind' | 'state' | 'code'>): boolean {
  return kind === 'refund' && (state !== 'failed' || code === GAVE_UP);
}

/** Whether Stripe may have received what is not known here: nothing more is asked, and a person looks. */
export function isUnclear(steps: readonly Pick<StepFacts, 'kind' | 'code'>[]): boolean {
  return steps.some(({ kind, code }) => code === GAVE_UP && kind !== 'refund');
}

export function nextAttempt(steps: readonly StepFacts[], kind: MoneyStepKind): number {
  return steps.filter((step) => step.kind === kind).length + 1;
}
