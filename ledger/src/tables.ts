// The ledger's tables as Kysely sees them. JSON is text, times are unix milliseconds, truth values are 0 or 1:
// the same on SQLite and PostgreSQL.
import type { Generated } from 'kysely';

export interface Tables {
  customers: {
    id: string;
    email: string;
    language: string;
    stripe_customer: string | null;
    created_at_ms: number;
  };
  /** Append-only: the newest of a customer is the card in use. */
  cards: {
    id: Generated<number>;
    customer_id: string;
    stripe_customer: string;
    payment_method: string;
    brand: string;
    last4: string;
    /** null: not known. */
    fingerprint: string | null;
    added_at_ms: number;
    /** When it was heard that Stripe has it no more. */
    gone_at_ms: number | null;
  };
  /** What each browser that asked may sign in with: `request` is the hash of what it was given when it asked. */
  sign_in_codes: {
    email: string;
    request: string;
    hash: string;
    is_long: number;
    attempts: number;
    asked_at_ms: number;
    mailed_at_ms: number;
    expires_at_ms: number;
  };
  /** Who is signed in where, known by the hash of the secret; `id` is what people end it by. */
  sessions: {
    token_hash: string;
    id: string;
    kind: string;
    subject: string;
    label: string;
    created_at_ms: number;
    seen_at_ms: number;
    expires_at_ms: number;
  };
  /** How often something was tried in the window that is open until `until_ms`. */
  tries: { what: string; count: number; until_ms: number };
  visits: {
    id: string;
    case_id: string;
    customer_id: string;
    request_id: string;
    language: string;
    phase: string;
    outcome: string | null;
    catalog: string;
    card: string;
    /** Of that card; null: not known. */
    card_fingerprint: string | null;
    hold_minor: number;
    intent: string | null;
    open_too_long: number;
    basket: string | null;
    total_minor: number;
    charged_minor: number;
    flagged: number;
    /** 1 while nobody else may use the case; the unique index rests on it. */
    occupies_case: number;
    created_at_ms: number;
    entered_at_ms: number;
    due_at_ms: number | null;
    /** When that was written: in the future it was by a clock that was ahead. */
    due_set_at_ms: number;
    ended_at_ms: number | null;
    opened: number;
    review: number;
    refunded_minor: number;
    turned_away: string | null;
  };
  /** Append-only: why a visit is where it is. */
  visit_events: {
    id: Generated<number>;
    visit_id: string;
    event: string;
    phase: string;
    note: string | null;
    at_ms: number;
  };
  /** Append-only: what a case reported, word for word. `visit_id` is null where it names no visit we know. */
  evidence: {
    id: Generated<number>;
    case_id: string;
    visit_id: string | null;
    channel: string;
    seq: number;
    report: string;
    at_ms: number;
    /** Of the board that said it; null where it said none. */
    epoch: string | null;
    /** Why it is kept aside for a person and counts for nothing, as a fault code; null: it counts. */
    held: string | null;
  };
  /** Boards by the epoch of their state: at most one of a case and device is `current`, and one `speaks`. */
  device_epochs: {
    case_id: string;
    device: string;
    epoch: string;
    state: string;
    speaks: number;
    heard_at_ms: number;
    accepted_by: string | null;
  };
  /** Somebody of the staff said that a new board comes. */
  boards_expected: { case_id: string; device: string; until_ms: number; expected_by: string };
  /** The newest is this ledger's. */
  ledger_epochs: { id: Generated<number>; epoch: string; why: string; at_ms: number };
  /** What was asked of Stripe: written before the call and after it. */
  money_steps: {
    visit_id: string;
    kind: string;
    attempt: number;
    idempotency_key: string;
    amount_minor: number;
    state: string;
    /** When it was first sent: Stripe's memory of the key counts from there. */
    sent_at_ms: number | null;
    intent: string | null;
    result: string | null;
    /** The order in which a visit's steps were planned. */
    ordinal: number;
    tries: number;
    planned_at_ms: number;
    last_sent_at_ms: number | null;
    leased_until_ms: number;
    answered_at_ms: number | null;
    code: string | null;
    decline_code: string | null;
    advice_code: string | null;
    params: string | null;
    refund: string | null;
  };
  /** What Stripe last said of each PaymentIntent. */
  intents: {
    id: string;
    visit_id: string;
    purpose: string;
    status: string;
    amount_minor: number;
    capturable_minor: number;
    capture_max_minor: number;
    can_increment: number;
    received_minor: number;
    capture_before_ms: number | null;
    /** By Stripe's clock. */
    made_at_ms: number | null;
    /** 1: Stripe has said something of it that is not known here. */
    doubted: number;
    seen_at_ms: number;
  };
  debts: {
    visit_id: string;
    customer_id: string;
    amount_minor: number;
    waived_minor: number;
    currency: string;
    state: string;
    reason: string;
    code: string | null;
    decline_code: string | null;
    advice_code: string | null;
    next_try_at_ms: number | null;
    tries: number;
    opened_at_ms: number;
    closed_at_ms: number | null;
    closed_by: string | null;
    closing_note: string | null;
  };
  /** Append-only: what a person gave back or forgave. */
  adjustments: {
    id: string;
    visit_id: string;
    kind: string;
    amount_minor: number;
    reason: string;
    made_by: string;
    at_ms: number;
  };
  /** Whom nobody could tell what they took: who was asked, and what they said. */
  reviews: {
    visit_id: string;
    case_id: string;
    cause: string;
    state: string;
    opened_at_ms: number;
    decision: string | null;
    /** 1: waived, and what was received goes back. */
    gives_back: number;
    lines: string | null;
    total_minor: number | null;
    raised_minor: number;
    decided_by: string | null;
    note: string | null;
    decided_at_ms: number | null;
  };
  /** The newest of a case. */
  case_learning: { case_id: string; learning: string; learned_at_ms: number };
  /** Earlier visits count no more; `sku` is '' for the whole case. */
  learning_forgotten: { case_id: string; sku: string; forgotten_by: string; at_ms: number };
  audits: { day: string; report: string; differences: number; at_ms: number };
  /** `highest` and `bitmap` of what came in on a channel, or the last number given out. */
  device_seqs: { case_id: string; channel: string; highest: number; bitmap: string };
  case_status: { case_id: string; last_status: string | null; heard_at_ms: number };
  outbox: {
    id: Generated<number>;
    kind: string;
    body: string;
    created_at_ms: number;
    /** Not offered again before this. */
    leased_until_ms: number;
    done_at_ms: number | null;
  };
  push_subscriptions: {
    endpoint: string;
    customer_id: string;
    p256dh: string;
    auth: string;
    language: string;
    added_at_ms: number;
  };
  staff: {
    id: string;
    name: string;
    /** What two who may sign in do not share. */
    name_key: string;
    email: string | null;
    role: string;
    created_at_ms: number;
    disabled_at_ms: number | null;
  };
  staff_passkeys: {
    id: string;
    staff_id: string;
    public_key: string;
    counter: number;
    transports: string;
    name: string;
    added_at_ms: number;
    used_at_ms: number | null;
  };
  staff_passwords: {
    staff_id: string;
    hash: string;
    sealed_totp: string;
    totp_step: number;
    set_at_ms: number;
  };
  /** In which somebody was let in by password. */
  staff_browsers: { token_hash: string; staff_id: string; expires_at_ms: number };
  staff_invitations: {
    id: string;
    token_hash: string;
    role: string;
    name: string;
    email: string | null;
    staff_id: string | null;
    is_first_owner: number;
    made_by: string;
    made_by_id: string | null;
    expires_at_ms: number;
    /** Used or revoked. */
    over_at_ms: number | null;
  };
  staff_challenges: { browser_hash: string; purpose: string; body: string; expires_at_ms: number };
  /** Append-only: what people of the staff did. */
  acts: {
    id: Generated<number>;
    at_ms: number;
    staff_id: string | null;
    name: string;
    role: string | null;
    act: string;
    subject: string | null;
    detail: string;
    address: string | null;
  };
  /** One row: since when this ledger lives, and whether charging has stopped. */
  money_guard: { id: number; born_at_ms: number; accepted_until_ms: number; stopped_at_ms: number | null };
  fault_counts: { code: string; count: number; last_at_ms: number };
  webhook_events: { id: string; type: string; at_ms: number };
}
