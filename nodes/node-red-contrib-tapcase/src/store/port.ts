// The ledger as the nodes see it: what is the truth about visits and money, whichever database keeps it.
// Every method is one database transaction. No vendor is called inside one.
import type {
  Basket,
  Card,
  Catalog,
  Command,
  DoorReport,
  Fault,
  Language,
  Outcome,
  StatusReport,
  Unnumbered,
  VisionCommand,
  VisionReport,
  Visit,
  VisitEvent,
} from '@tapcase/domain';

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly language: Language;
  readonly stripeCustomer: string | null;
  readonly card: Card | null;
}

export interface VisitOpening {
  readonly id: string;
  readonly caseId: string;
  readonly customerId: string;
  readonly requestId: string;
  readonly language: Language;
  readonly catalog: Catalog;
  readonly card: Card;
  readonly holdMinor: number;
  readonly atMs: number;
}

export type Opened =
  | { readonly kind: 'opened'; readonly visit: Visit }
  /** The same customer and requestId again: the visit there is. */
  | { readonly kind: 'repeated'; readonly visit: Visit }
  /** Somebody (perhaps the same customer with another tap) is at this case. */
  | { readonly kind: 'busy' };

/** What a state change causes; written in its transaction, delivered later, at least once. */
export type Effect =
  | { readonly kind: 'command'; readonly caseId: string; readonly command: Unnumbered<Command> }
  | { readonly kind: 'vision-command'; readonly caseId: string; readonly command: Unnumbered<VisionCommand> }
  /** A receipt to every device of the visit's customer. */
  | { readonly kind: 'push'; readonly visitId: string };

export interface VisitChange {
  readonly event: VisitEvent;
  readonly atMs: number;
  /** How long the cameras' report is waited for, from the case's settings. */
  readonly visionWaitMs: number;
  /** Written over the visit in the same transaction. */
  readonly set?: {
    readonly intent?: string;
    readonly basket?: Basket;
    readonly totalMinor?: number;
    readonly chargedMinor?: number;
    readonly outcome?: Outcome;
    readonly flagged?: boolean;
    readonly openTooLong?: boolean;
  };
  /** Kept with the event for whoever asks why. Plain JSON. */
  readonly note?: Readonly<Record<string, unknown>>;
  readonly effects?: readonly Effect[];
}

/** A report from a case, already verified and parsed. */
export type CaseReport =
  | { readonly channel: 'door'; readonly report: DoorReport }
  | { readonly channel: 'vision'; readonly report: VisionReport };

export type Recorded =
  /** Kept, acked, and the visit (if it names one we know) moved. */
  | { readonly kind: 'new'; readonly visit: Visit | null }
  /** Seen before: acked again, nothing else changed. */
  | { readonly kind: 'seen' }
  /** Older than the window: acked so that the device stops sending, nothing else changed. */
  | { readonly kind: 'too_old' };

export interface Evidence {
  /** The visit's door reports in order of arrival. */
  readonly door: readonly DoorReport[];
  readonly vision: VisionReport | null;
}

export interface VisitEventRow {
  readonly event: string;
  readonly atMs: number;
  readonly phase: string;
  readonly note: Readonly<Record<string, unknown>> | null;
}

export type MoneyStepState = 'planned' | 'sent' | 'done' | 'failed' | 'unknown';
export type MoneyStepKind = 'hold' | 'capture' | 'cancel';

export interface MoneyStep {
  readonly visitId: string;
  readonly kind: MoneyStepKind;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly state: MoneyStepState;
  readonly sentAtMs: number | null;
  /** Stripe's PaymentIntent. */
  readonly intent: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

/** One message for the broker, its number already taken: the same row always makes the same frame. */
export interface OutgoingFrame {
  readonly outboxId: number;
  readonly topic: string;
  readonly payload: Command | VisionCommand;
}
export interface OutgoingPush {
  readonly outboxId: number;
  readonly visit: Visit;
  readonly subscriptions: readonly PushSubscription[];
}

export interface PushSubscription {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly language: Language;
}

export interface CaseRow {
  readonly id: string;
  readonly lastStatus: StatusReport | null;
  /** When the controller was last heard; null if never. */
  readonly heardAtMs: number | null;
  /** The open visit, if any. */
  readonly openVisitId: string | null;
}

export type CodeCheck = 'right' | 'wrong' | 'expired' | 'too_many';

export interface Ledger {
  // Customers
  customer(id: string): Promise<Customer | undefined>;
  /** Finds or makes. `id` is used when it makes. */
  customerByEmail(email: string, fresh: { id: string; language: Language; atMs: number }): Promise<Customer>;
  setStripeCustomer(customerId: string, stripeCustomer: string): Promise<void>;
  setCard(customerId: string, card: Card, atMs: number): Promise<void>;
  customerByStripeCustomer(stripeCustomer: string): Promise<Customer | undefined>;
  /** Replaces an earlier code for the e-mail address. Only the hash is kept. */
  putSignInCode(email: string, code: { hash: string; expiresAtMs: number; atMs: number }): Promise<void>;
  /** Counts the attempt; a right code is used up. At most `attemptsMax` tries for one code. */
  checkSignInCode(email: string, attempt: { hash: string; atMs: number; attemptsMax: number }): Promise<CodeCheck>;

  // Visits
  openVisit(opening: VisitOpening): Promise<Opened>;
  visit(id: string): Promise<Visit | undefined>;
  openVisitOf(customerId: string): Promise<Visit | undefined>;
  /** Applies the domain's table; `visit.unknown` or `visit.wrong-phase` and nothing written otherwise. */
  advanceVisit(id: string, change: VisitChange): Promise<Visit | Fault>;
  visitEvents(id: string): Promise<readonly VisitEventRow[]>;
  /** Visits whose deadline has passed, the longest due first. */
  dueVisits(nowMs: number, limit: number): Promise<readonly Visit[]>;

  // Devices
  /** Window check, evidence, transition of the visit and the ack, together or not at all. */
  recordReport(caseId: string, report: CaseReport, at: { atMs: number; visionWaitMs: number }): Promise<Recorded>;
  evidence(visitId: string): Promise<Evidence>;
  /** Strictly rising `seq` or `seq.replayed`; a `hello` queues the signed time. Keeps the last `status`. */
  recordStatus(caseId: string, report: StatusReport, atMs: number): Promise<Fault | undefined>;
  caseRow(caseId: string): Promise<CaseRow>;

  // Money
  /** Writes the step as planned, or returns the one there is with the same visit, kind and attempt. */
  planStep(
    step: Pick<MoneyStep, 'visitId' | 'kind' | 'attempt' | 'idempotencyKey' | 'amountMinor'>,
  ): Promise<MoneyStep>;
  markStep(
    step: Pick<MoneyStep, 'visitId' | 'kind' | 'attempt'>,
    mark: { state: MoneyStepState; atMs: number; intent?: string; result?: Readonly<Record<string, unknown>> },
  ): Promise<void>;
  moneySteps(visitId: string): Promise<readonly MoneyStep[]>;

  // Outbox: rows are leased for `leaseMs`, then offered again until marked done.
  takeFrames(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingFrame[]>;
  takePushes(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingPush[]>;
  outboxDone(outboxId: number, atMs: number): Promise<void>;

  // Push
  putPushSubscription(customerId: string, subscription: PushSubscription, atMs: number): Promise<void>;
  dropPushSubscription(endpoint: string): Promise<void>;

  // Faults and webhooks
  countFault(code: string, atMs: number): Promise<number>;
  faultCounts(): Promise<readonly { code: string; count: number; lastAtMs: number }[]>;
  /** False when this event was recorded before. */
  recordWebhook(eventId: string, type: string, atMs: number): Promise<boolean>;

  close(): Promise<void>;
}
