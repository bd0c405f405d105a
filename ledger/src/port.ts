// The ledger as the nodes see it: what is the truth about visits and money, whichever database keeps it.
// Every method is one database transaction. No vendor is called inside one.
import type {
  Act,
  AuditedVisit,
  Basket,
  BasketLine,
  Card,
  CaseLearning,
  Catalog,
  CodeAnswer,
  Command,
  Debt,
  Device,
  DoorReport,
  Fault,
  Forgotten,
  IntentFacts,
  Language,
  MarkedPayment,
  Outcome,
  PastBasket,
  Review,
  ShopEvent,
  StatusReport,
  StepFacts,
  StrangePayment,
  TurnedAway,
  Unnumbered,
  UnopenedVisit,
  VisionCommand,
  VisionReport,
  Visit,
  VisitEvent,
} from '@tapcase/domain';
import type { StaffLedger } from './staff-port.ts';

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
  | { readonly kind: 'busy' }
  /** Something taken earlier is not paid. */
  | { readonly kind: 'owes' };

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
    readonly outcome?: Outcome;
    readonly flagged?: boolean;
    readonly review?: boolean;
    readonly openTooLong?: boolean;
    readonly turnedAway?: TurnedAway;
  };
  /** Overrides the phase's own deadline. */
  readonly dueAtMs?: number | null;
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
  /**
   * Acked, kept aside for a person and counted for nothing; why: `device.unexpected-board`, `seq.reused` (this number has said
   * something else before), `seq.leap`.
   */
  | { readonly kind: 'held'; readonly fault: Fault };

/** Which ledger gives the numbers: random, made with it, and made anew where it finds that it was put back from a copy. */
export interface LedgerEpoch {
  readonly epoch: string;
  readonly why: string;
  readonly atMs: number;
}

/** Somebody says that a new board comes into a case, or that the one that is there is right. */
export interface BoardOrder {
  readonly caseId: string;
  readonly device: Device;
  /** A board that first speaks after this was not meant. */
  readonly untilMs: number;
  readonly act: Act;
}

export interface Evidence {
  /** The visit's door reports in order of arrival. */
  readonly door: readonly DoorReport[];
  readonly vision: VisionReport | null;
}

export type FlaggedVisit = Pick<Visit, 'id' | 'caseId' | 'phase'>;

export interface VisitEventRow {
  readonly event: string;
  readonly atMs: number;
  readonly phase: string;
  readonly note: Readonly<Record<string, unknown>> | null;
}

/** What a step carries besides its amount; frozen with it, so that a repeated call has the same bytes. */
export interface StepParams {
  /** charge, pay: whose card. */
  readonly customer?: string;
  readonly paymentMethod?: string;
  /** pay: the page, once it is open, and when it closes by itself. */
  readonly session?: string;
  readonly url?: string;
  readonly expiresAtMs?: number;
  /** refund: which payment, and which of the operator's requests. */
  readonly intent?: string;
  readonly adjustment?: string;
}

export interface MoneyStep extends StepFacts {
  readonly visitId: string;
  readonly idempotencyKey: string;
  readonly firstSentAtMs: number | null;
  readonly lastSentAtMs: number | null;
  readonly tries: number;
  /** Nobody sends it again before this. */
  readonly leasedUntilMs: number;
  readonly answeredAtMs: number | null;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
  /** Stripe's PaymentIntent, once there is one. */
  readonly intent: string | null;
  /** Stripe's id of a refund. */
  readonly refund: string | null;
  readonly params: StepParams;
}

/** Whether the shop's money goes on; unix ms. */
export interface MoneyGuard {
  readonly bornAtMs: number;
  /** What Stripe made before then was looked at by a person. */
  readonly acceptedUntilMs: number;
  /** null: it goes on. */
  readonly stoppedAtMs: number | null;
}

/** What an event or a list of Stripe's says of a payment: believed so far that Stripe is asked. */
export interface StripeHint {
  readonly intent: string;
  readonly status?: string | undefined;
  readonly receivedMinor?: number | undefined;
  readonly refundedMinor?: number | undefined;
  /** A refund of it; `key`: what the shop wrote on its own. */
  readonly refund?: { readonly id: string; readonly key: string | undefined } | undefined;
}

/** A refund as Stripe has it. */
export interface StripeRefund {
  readonly id: string;
  readonly amountMinor: number;
  readonly status: string;
  readonly reason: string | null;
  readonly key: string | undefined;
}

/** All there is about a visit's money. */
export interface MoneyBook {
  /** Payments of which Stripe has said something that is not known here: they are looked at. */
  readonly doubted: readonly string[];
  readonly intents: readonly IntentFacts[];
  readonly steps: readonly MoneyStep[];
  readonly debt: Debt | null;
  /** null where nobody had to look. */
  readonly review: Review | null;
}

/** The basket as it is decided, once. */
export interface BasketDecision {
  readonly basket: Basket;
  readonly totalMinor: number;
  readonly flagged: boolean;
  /** Charge nothing, let the hold go. */
  readonly review: boolean;
  /** Charge the basket, and open a review all the same; a disputed basket has one anyway. */
  readonly asksPerson?: boolean;
}

/**
 * What an ended visit causes: it is told to the customer in the transaction that ends it. `isLetGo`: no charge can carry
 * what was not paid, so nobody owes it.
 */
export type Ends = (visit: Visit, isLetGo: boolean) => readonly Effect[];

export interface MoneyAsk {
  readonly visit: Visit;
  readonly step: MoneyStep;
  /** When Stripe made the visit's hold, by Stripe's clock: every other step was first sent after that. null: not known. */
  readonly sinceMs: number | null;
}

export type MoneyNext =
  /** Ask Stripe, under the step's key; nobody else does while the lease lasts. */
  | ({ readonly kind: 'send' } & MoneyAsk)
  /** Do not ask again: see at Stripe what became of it. */
  | ({ readonly kind: 'look' } & MoneyAsk)
  /** Somebody has done something at Stripe: look at this payment, and tell `seenAtStripe`. */
  | { readonly kind: 'doubt'; readonly visit: Visit; readonly intent: string }
  /** Just ended. */
  | { readonly kind: 'ended'; readonly visit: Visit }
  /** Nothing to do now: under way elsewhere, waiting, not yet decided, or over. */
  | { readonly kind: 'rest'; readonly visit: Visit };

export type StepRef = Pick<MoneyStep, 'visitId' | 'kind' | 'attempt'>;

export type MoneyAnswer =
  | { readonly kind: 'done'; readonly intent?: IntentFacts; readonly refund?: string }
  /** A definite no; nothing happened, or what `intent` says. */
  | {
      readonly kind: 'refused';
      readonly intent?: IntentFacts;
      readonly code: string;
      readonly declineCode: string | null;
      readonly adviceCode: string | null;
    }
  /** The customer's page is open; whether they pay is seen later. */
  | { readonly kind: 'page_open'; readonly session: string; readonly url: string | null }
  /** No answer, with the fault's code. */
  | { readonly kind: 'unknown'; readonly code: string };

export interface Answered {
  /** `more`: ask `nextMoney`. `changed`: the visit had ended, and its debt or refund has moved. */
  readonly kind: 'more' | 'ended' | 'changed' | 'rest';
  readonly visit: Visit;
}

export type PayPage =
  | { readonly kind: 'send'; readonly visit: Visit; readonly step: MoneyStep }
  | { readonly kind: 'look'; readonly visit: Visit; readonly step: MoneyStep }
  | { readonly kind: 'open'; readonly visit: Visit; readonly url: string }
  /** The stored card is being asked in this moment. */
  | { readonly kind: 'busy'; readonly visit: Visit }
  | { readonly kind: 'none'; readonly visit: Visit };

/** Money given back, or a debt forgiven, by a person. The id is the request's: the same one again changes nothing. */
export interface AdjustmentOrder {
  readonly id: string;
  readonly visitId: string;
  readonly reason: string;
  /** Who. */
  readonly by: string;
  readonly atMs: number;
  /** For the audit of the staff: written in the order's own transaction, where the order is taken and no second click. */
  readonly act?: Act;
}
export interface AdjustmentRow extends Omit<AdjustmentOrder, 'act'> {
  readonly kind: 'refund' | 'waive' | 'lower_total' | 'raise_total';
  readonly amountMinor: number;
}

/** A review with the visit that it is about. */
export interface ReviewedVisit {
  readonly review: Review;
  readonly visit: Visit;
}
/** Oldest first; `after` is the last row of the page before. */
export interface ReviewPage {
  readonly limit: number;
  readonly after?: ReviewCursor | undefined;
}
export interface ReviewCursor {
  /** When it was opened, or decided: by what the page is ordered. */
  readonly atMs: number;
  readonly visitId: string;
}

/** What a person decides, with who and why. */
export type ReviewOrder = { readonly by: string; readonly note: string; readonly atMs: number; readonly act?: Act } & (
  | { readonly decision: 'confirm' }
  /** A count of 0 is no line; prices are the visit's own. */
  | { readonly decision: 'correct'; readonly lines: readonly BasketLine[] }
  /** `givesBack`: what was received goes back too. */
  | { readonly decision: 'waive'; readonly givesBack: boolean }
);
export interface ReviewDecided extends ReviewedVisit {
  /** `repeated`: the same decision again, and nothing changed. */
  readonly kind: 'decided' | 'repeated';
}

export interface AuditReport {
  /** The audited day, `2026-11-21` in UTC. */
  readonly day: string;
  readonly report: string;
  readonly differences: number;
  readonly atMs: number;
}

/** What an operator wants forgotten, and who. */
export interface ForgetOrder extends Forgotten {
  readonly caseId: string;
  readonly by: string;
  readonly act?: Act;
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
  readonly review: Review | null;
  /** What was not paid is owed no longer. */
  readonly isLetGo: boolean;
  readonly subscriptions: readonly PushSubscription[];
}

export interface OutgoingEvent {
  readonly outboxId: number;
  readonly event: ShopEvent;
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
  /** Its board is one that nobody of the staff expected: it sells nothing until somebody says that it is right. */
  readonly hasUnexpectedBoard: boolean;
  /** Its Pi is one, or has a card, that nobody expected: what its cameras saw counts for nothing until then. */
  readonly hasUnexpectedPi: boolean;
}

export type CodeCheck = 'right' | 'wrong' | 'expired' | 'too_many';

/** A browser that somebody is signed in with. */
export interface SessionRow {
  /** For lists and for ending it; tells nothing of the secret. */
  readonly id: string;
  readonly kind: 'customer' | 'staff';
  /** Whose: the customer's id, or the person's. */
  readonly subject: string;
  /** Which browser, for people. */
  readonly label: string;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
}

/** At most `max` tries in a window; it opens with the first try, and the next one after it is over opens another. */
export interface TryRule {
  readonly windowMs: number;
  readonly max: number;
}

export interface Ledger extends StaffLedger {
  // Customers
  customer(id: string): Promise<Customer | undefined>;
  /** Finds or makes. `id` is used when it makes. */
  customerByEmail(email: string, fresh: { id: string; language: Language; atMs: number }): Promise<Customer>;
  setStripeCustomer(customerId: string, stripeCustomer: string): Promise<void>;
  setCard(customerId: string, card: Card, atMs: number): Promise<void>;
  /** Stripe has the card no more: who had it is asked for one again. False where nobody has it. */
  cardGone(paymentMethod: string, atMs: number): Promise<boolean>;
  customerByStripeCustomer(stripeCustomer: string): Promise<Customer | undefined>;
  /**
   * Gives the browser that asks (`request`, the hash of what it shows) a code for the address, or none, as
   * `answerCodeWish` decides. Whoever makes the codes hands in one of each kind; only hashes are kept.
   */
  wishForCode(email: string, wish: { request: string; short: string; long: string; atMs: number }): Promise<CodeAnswer>;
  /** Counts the attempt of this browser; a right code is used up. At most `attemptsMax` tries for one code. */
  checkSignInCode(
    email: string,
    attempt: { request: string; hash: string; atMs: number; attemptsMax: number },
  ): Promise<CodeCheck>;

  // Sessions
  /** At most 20 of a subject: then the one that was seen longest ago ends. */
  startSession(row: SessionRow & { readonly tokenHash: string }): Promise<void>;
  /**
   * Whose secret this is. Ended, expired, unknown, or not seen for `idleMsMax` (whole hours: `seenAtMs` is written at most once
   * an hour): undefined. Without `isUse` it is not seen by that.
   */
  session(
    kind: SessionRow['kind'],
    tokenHash: string,
    nowMs: number,
    idleMsMax?: number,
    isUse?: boolean,
  ): Promise<SessionRow | undefined>;
  /** Those that have not ended, the last seen first. */
  sessionsOf(kind: SessionRow['kind'], subject: string, nowMs: number): Promise<readonly SessionRow[]>;
  /** False where the subject has no such session. */
  endSession(kind: SessionRow['kind'], subject: string, id: string): Promise<boolean>;
  /** All of them, or all others; how many. */
  endSessions(kind: SessionRow['kind'], subject: string, exceptId?: string): Promise<number>;
  /** Counts a try; false when there were too many. The key's length is the caller's to bound. */
  countTry(key: string, rule: TryRule, nowMs: number): Promise<boolean>;

  // Visits
  openVisit(opening: VisitOpening): Promise<Opened>;
  visit(id: string): Promise<Visit | undefined>;
  openVisitOf(customerId: string): Promise<Visit | undefined>;
  /** Applies the domain's table; `visit.unknown` or `visit.wrong-phase` and nothing written otherwise. */
  advanceVisit(id: string, change: VisitChange): Promise<Visit | Fault>;
  visitEvents(id: string): Promise<readonly VisitEventRow[]>;
  /** Visits whose deadline has passed, the longest due first; nobody else gets them before the lease is over. */
  claimDueVisits(nowMs: number, leaseMs: number, limit: number): Promise<readonly Visit[]>;
  /** The customer's doors that were unlocked since then, or are about to be, and not opened; the newest first, at most 50. */
  unopenedVisits(customerId: string, sinceMs: number): Promise<readonly (UnopenedVisit & { requestId: string })[]>;
  /** The same of everybody but `exceptOf` whose visits are on the card with this fingerprint. */
  unopenedVisitsByCard(fingerprint: string, exceptOf: string, sinceMs: number): Promise<readonly UnopenedVisit[]>;
  /** The customer's own, newest first. */
  visitsOf(customerId: string, limit: number): Promise<readonly Visit[]>;
  /** For the staff: newest first; `flagged` only those a person must look at. */
  latestVisits(filter: { readonly flagged: boolean; readonly limit: number }): Promise<readonly Visit[]>;
  /**
   * Ids of ended visits whose basket was decided, of one case or of all, the newest first: whoever replays them reads one at
   * a time. Looks through the newest 2,000 visits of the shop, and no further.
   */
  decidedVisits(filter: { readonly caseId: string | null; readonly limit: number }): Promise<readonly string[]>;

  // Devices
  /** Window check, evidence, transition of the visit and the ack, together or not at all. */
  recordReport(caseId: string, report: CaseReport, at: { atMs: number; visionWaitMs: number }): Promise<Recorded>;
  evidence(visitId: string): Promise<Evidence>;
  /**
   * Strictly rising `seq`, or `seq.replayed`, `seq.leap` and nothing changed; a `hello` queues the signed time. Keeps the last
   * `status`. Told of a hello that is answered all the same: `device.unexpected-board`, `ledger.restored`.
   */
  recordStatus(caseId: string, report: StatusReport, atMs: number): Promise<Fault | undefined>;
  caseRow(caseId: string): Promise<CaseRow>;
  /** How many reports of the last week were kept aside. */
  heldReports(caseId: string, nowMs: number): Promise<number>;
  /** `accepted`: the board that speaks now counts from here on. `expected`: the next new one will, once. */
  expectBoard(order: BoardOrder): Promise<'accepted' | 'expected'>;
  /** Made where there is none yet. */
  ledgerEpoch(nowMs: number): Promise<LedgerEpoch>;
  /** The new one, for a ledger that was put back from a copy: numbers go on above all that it may have forgotten. */
  renewLedgerEpoch(why: string, atMs: number): Promise<string>;

  // Money of a visit. Each call is serialised per visit by the visit's row.
  /**
   * What is asked of Stripe next, already written down as sent. Freezes `decision` first where the basket is not yet
   * decided. Ends the visit where nothing is left to ask.
   */
  nextMoney(
    visitId: string,
    ask: { readonly atMs: number; readonly ends: Ends; readonly decision?: BasketDecision | undefined },
  ): Promise<MoneyNext>;
  /** Writes down what Stripe said, and ends the visit where nothing is left to ask. The second answer changes nothing. */
  answerMoney(
    step: StepRef,
    answer: MoneyAnswer,
    at: { readonly atMs: number; readonly ends: Ends },
  ): Promise<Answered>;
  /** The hold is made: the visit may unlock. `visit.wrong-phase` when it was given up meanwhile. */
  holdMade(
    visitId: string,
    intent: IntentFacts,
    at: { readonly atMs: number; readonly visionWaitMs: number; readonly effects: readonly Effect[] },
  ): Promise<Visit | Fault>;
  money(visitId: string): Promise<MoneyBook>;
  moneyGuard(): Promise<MoneyGuard>;
  /** Those that this ledger never asked for, although it lived already: it was put back, or is another's. */
  strangePayments(payments: readonly MarkedPayment[]): Promise<readonly StrangePayment[]>;
  /** From now on nothing is charged or given back; holds are made, captured and let go as before. False where it had stopped. */
  stopMoney(atMs: number): Promise<boolean>;
  /** Goes on; payments that Stripe made until then are no reason to stop again. */
  goOnWithMoney(acceptedUntilMs: number): Promise<void>;
  /** A payment of a known visit that the ledger has forgotten, as Stripe has it: written down as if it had just been answered. */
  repairFromStripe(
    made: Pick<MarkedPayment, 'visitId' | 'kind' | 'attempt'>,
    seen: { readonly facts: IntentFacts; readonly refunds: readonly StripeRefund[] },
    atMs: number,
  ): Promise<Visit>;
  /** Something happened at Stripe (a webhook): look at what waits, now, and at the payment where the hint is news. False for a visit that is not ours. */
  wakeMoney(visitId: string, atMs: number, hint?: StripeHint): Promise<boolean>;
  /** Has the payment looked at where the hint says what is not known; false where it is no news. */
  doubtMoney(visitId: string, hint: StripeHint, atMs: number): Promise<boolean>;
  /**
   * What a look at a doubted payment showed; null: there is none. Refunds that nobody here has ordered are written down like
   * those of the desk, and the visit is flagged where anything had moved.
   */
  seenAtStripe(
    visitId: string,
    seen: { readonly intent: string; readonly facts: IntentFacts | null; readonly refunds: readonly StripeRefund[] },
    atMs: number,
  ): Promise<Visit>;
  /** Which visit a PaymentIntent belongs to. */
  visitOfIntent(intent: string): Promise<string | undefined>;
  /** Marks a visit for a person, with the reason in its history. */
  flagVisit(
    visitId: string,
    event: 'disputed_at_bank',
    note: Readonly<Record<string, unknown>>,
    atMs: number,
  ): Promise<boolean>;
  /** What happened to these visits that a person must look at, in order: disputes, failed refunds, steps given up. */
  flagReasons(visitIds: readonly string[]): Promise<ReadonlyMap<string, readonly VisitEventRow[]>>;

  // Debts
  openDebts(customerId: string): Promise<readonly Debt[]>;
  /** All open ones, oldest first, for the staff. */
  debts(filter: { readonly state: Debt['state']; readonly limit: number }): Promise<readonly Debt[]>;
  /** The page on which the customer pays: there is never more than one open. */
  payDebt(visitId: string, ask: { readonly atMs: number; readonly expiresAtMs: number }): Promise<PayPage>;
  /**
   * Lets all of it go, or so much of it; what is then too little to be charged goes with it. `debt.none` where nothing is
   * open, `debt.busy` while a charge is under way, `debt.bad-amount` above what is owed.
   */
  waiveDebt(order: AdjustmentOrder & { readonly amountMinor?: number | undefined }): Promise<Visit | Fault>;

  // Refunds
  /**
   * Plans the refund's steps. The same refund by the same person for the same reason within a minute is a second click on
   * the first: nothing more is planned. `refund.too-large`, `refund.bad-amount`, `visit.unknown`,
   * `refund.not-ended`.
   */
  refund(order: AdjustmentOrder & { readonly amountMinor: number }): Promise<Visit | Fault>;
  /** Lowers the visit's total: forgives what is owed of it first, then gives money back. */
  lowerTotal(order: AdjustmentOrder & { readonly newTotalMinor: number }): Promise<Visit | Fault>;
  adjustments(visitId: string): Promise<readonly AdjustmentRow[]>;
  /**
   * Stripe says that a refund failed after all (the card's account is closed): it counts as not given. `key` is the
   * refund's idempotency key, by which it is known where the answer that names it has not come yet.
   */
  refundFailed(refund: string, code: string, atMs: number, key?: string): Promise<boolean>;

  // Reviews
  openReviews(page: ReviewPage): Promise<readonly ReviewedVisit[]>;
  decidedReviews(page: ReviewPage): Promise<readonly ReviewedVisit[]>;
  review(visitId: string): Promise<ReviewedVisit | undefined>;
  /** Of the customer's own visits, the newest visit first. */
  reviewsOf(customerId: string, limit: number): Promise<readonly Review[]>;
  /**
   * Decides once: `confirm` leaves the money as it is, `waive` lets go of what is still owed, `correct` makes the
   * difference a debt that is due now, or forgives and gives back. `review.unknown`, `review.decided` where somebody
   * decided otherwise before, `review.not-ended`, `review.bad-lines`, `review.unknown-sku`, `review.money-unclear`,
   * `debt.busy` while a charge or a page is under way.
   */
  decideReview(visitId: string, order: ReviewOrder): Promise<ReviewDecided | Fault>;

  // Learning
  /**
   * The newest visits of a case of which scale and cameras together, the cameras alone or a person say what was taken;
   * the newest first, at most `limit`.
   */
  pastBaskets(of: {
    readonly caseId: string;
    readonly sinceMs: number;
    readonly limit: number;
  }): Promise<readonly PastBasket[]>;
  /** Replaces what the case had learned, unless something was forgotten after it was learned. */
  saveLearning(caseId: string, learning: CaseLearning): Promise<boolean>;
  learning(caseId: string): Promise<CaseLearning | null>;
  /** Takes it out of what is learned, and keeps what visits before it say out of what will be. */
  forgetLearning(order: ForgetOrder): Promise<void>;
  forgotten(caseId: string): Promise<readonly Forgotten[]>;

  // Audits
  /** Visits that began in the span, at most `limit`, or those that are named, as the audit needs them. */
  auditedVisits(
    which:
      | { readonly fromMs: number; readonly untilMs: number; readonly limit: number }
      | { readonly ids: readonly string[] },
  ): Promise<readonly AuditedVisit[]>;
  saveAudit(report: AuditReport): Promise<void>;
  /** Those made last first: a day is looked at again when its debts and refunds have come to rest. */
  audits(limit: number): Promise<readonly AuditReport[]>;

  // Outbox: rows are leased for `leaseMs`, then offered again until marked done.
  /** A command to a case that no visit causes. */
  command(caseId: string, command: Unnumbered<Command>, atMs: number): Promise<void>;
  takeFrames(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingFrame[]>;
  takePushes(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingPush[]>;
  /** What own flows wait for (`waitFor` of events.ts); nothing else is written. A day old, it is told no more. */
  takeEvents(nowMs: number, leaseMs: number, limit: number): Promise<readonly OutgoingEvent[]>;
  outboxDone(outboxIds: readonly number[], atMs: number): Promise<void>;

  // Push
  putPushSubscription(customerId: string, subscription: PushSubscription, atMs: number): Promise<void>;
  dropPushSubscription(endpoint: string): Promise<void>;

  // Faults and webhooks
  countFault(code: string, atMs: number, times?: number): Promise<number>;
  faultCounts(): Promise<readonly { code: string; count: number; lastAtMs: number }[]>;
  /** False when this event was recorded before. */
  recordWebhook(eventId: string, type: string, atMs: number): Promise<boolean>;

  /** Forgets rows that have done their work (outbox, webhook ids, codes, sessions, counted tries), at most `rowsMax` of a kind; how many went. */
  prune(nowMs: number, rowsMax: number): Promise<number>;

  /**
   * Tells of each visit that another instance of the cloud has moved on to another phase or outcome, and null when any may have
   * been: nobody listened for a while. What it resolves to ends it.
   */
  watchVisits(changed: (visitId: string | null) => void): Promise<() => void>;

  close(): Promise<void>;
}
