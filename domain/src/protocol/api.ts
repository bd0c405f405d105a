// The JSON that the cloud and the phone exchange over HTTP (all under /api, same origin, session cookie).
import type { Outcome, Phase } from '../visit/phases.ts';
import type { TurnedAway } from '../visit/turned-away.ts';
import type { Closed } from './closed.ts';
import type { PictureFacts } from './pictures.ts';

export type Language = 'en' | 'es';
export type LocalText = Readonly<Record<Language, string>>;

/** GET /api/me */
export interface MeView {
  readonly customer: {
    readonly email: string;
    readonly card: { readonly brand: string; readonly last4: string } | null;
  } | null;
  /** For PushManager.subscribe; base64url, uncompressed P-256 point. */
  readonly vapidPublicKey: string;
  /** The visit that is still running, so that a reloaded page finds its way back. */
  readonly openVisit: { readonly id: string; readonly caseId: string } | null;
  /** What was taken and is not paid: no door opens before it is (`customer.owes`). Oldest first. */
  readonly debts: readonly { readonly visitId: string; readonly amountMinor: number; readonly currency: string }[];
}

export interface ProductView {
  readonly sku: string;
  readonly name: LocalText;
  readonly priceMinor: number;
  /** URL path of a picture on this origin, or empty. */
  readonly picture: string;
}

/** GET /api/cases/:case */
export interface CaseView {
  readonly id: string;
  readonly name: string;
  readonly state: 'ready' | 'busy' | 'offline' | Closed;
  readonly currency: string;
  /** What is reserved on the card at unlock, in minor units. */
  readonly holdMinor: number;
  readonly products: readonly ProductView[];
}

/** POST /api/cases/:case/unlock */
export interface UnlockRequest {
  /** Made by the phone once per tap: a repeated request is the same visit. 8 to 64 of [A-Za-z0-9-]. */
  readonly requestId: string;
  readonly language: Language;
}

export interface LineView {
  readonly sku: string;
  readonly name: LocalText;
  readonly count: number;
  readonly priceMinor: number;
}

/** A line of a receipt that takes something off, by a rule of the shop's own. */
export interface AdjustmentView {
  readonly label: LocalText;
  /** Minor units, above zero. */
  readonly minor: number;
}

/** GET /api/visits/:id, and each `visit` event of GET /api/visits/:id/live (server-sent events). */
export interface VisitView {
  readonly id: string;
  readonly caseId: string;
  readonly caseName: string;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  readonly currency: string;
  readonly holdMinor: number;
  /** When the lock closes again if nobody opens the door; unix ms; only while unlocked. */
  readonly openByMs: number | null;
  /** True once the controller said that the door has been open too long. */
  readonly openTooLong: boolean;
  /** Of a visit that ended `unused`: why the case opened nothing; null where nobody opened the unlocked door. */
  readonly turnedAway: TurnedAway | null;
  readonly lines: readonly LineView[];
  /** What came off the sum of the lines (of the review's lines, where a person corrected them), in order. */
  readonly adjustments: readonly AdjustmentView[];
  readonly totalMinor: number;
  /** All that was received for this visit, debts paid later included, refunds not taken off. */
  readonly chargedMinor: number;
  readonly refundedMinor: number;
  readonly hold: HoldView;
  /** What was not paid with the visit; null when there never was such a thing. */
  readonly debt: DebtView | null;
  /** What happened with the money, in order; empty while the door is still open. */
  readonly history: readonly MoneyEventView[];
  readonly card: { readonly brand: string; readonly last4: string };
  /** A person was asked what was taken; null where nobody had to be. */
  readonly review: ReviewView | null;
  /** Why we believe this was taken; null until reconciled, and where nothing was weighed. */
  readonly evidence: EvidenceView | null;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
}

/** What a person decides about a doubtful basket. */
export interface ReviewView {
  readonly state: 'open' | 'decided';
  /** `confirm`: the basket is right. `correct`: `lines` is what was taken. `waive`: nothing more is asked. */
  readonly decision: 'confirm' | 'correct' | 'waive' | null;
  /** The corrected basket; empty unless corrected. */
  readonly lines: readonly LineView[];
  /** What the corrected basket costs; null unless corrected. */
  readonly totalMinor: number | null;
}

/** What is reserved on the card. */
export interface HoldView {
  readonly state: 'none' | 'held' | 'captured' | 'released';
  /** When the bank gives it back by itself at the latest; null when nothing is held, or the bank did not say. */
  readonly expiresAtMs: number | null;
}

export interface DebtView {
  readonly amountMinor: number;
  /** `waived`: staff let it go, or it is too small to charge. */
  readonly state: 'open' | 'paid' | 'waived';
  /** `declined`: the bank said no. `authentication`: it wants its customer to confirm. `review`: a person corrected the
   * basket, and the difference is being charged. `other`: anything else. */
  readonly reason: 'declined' | 'authentication' | 'review' | 'other';
}

export interface MoneyEventView {
  readonly kind: 'held' | 'charged' | 'released' | 'declined' | 'owed' | 'debt_paid' | 'debt_waived' | 'refunded';
  readonly amountMinor: number;
  readonly atMs: number;
}

/** GET /api/visits: the customer's own, newest first, at most 50. */
export interface VisitsView {
  readonly visits: readonly VisitSummary[];
}
export interface VisitSummary {
  readonly id: string;
  readonly caseName: string;
  readonly outcome: Outcome | null;
  readonly currency: string;
  readonly totalMinor: number;
  readonly chargedMinor: number;
  readonly refundedMinor: number;
  /** Still to be paid. */
  readonly owedMinor: number;
  readonly items: number;
  readonly createdAtMs: number;
}

/** POST /api/visits/:visit/pay: the page on which an open debt is paid; it leads back to /visit/:visit. */
export interface PayView {
  readonly url: string;
}

/**
 * GET /api/staff/visits/:id/why: what the visit's page of reasons shows, for staff. Nothing of who the customer is or how
 * they pay.
 */
export type WhyView = Pick<
  VisitView,
  | 'id'
  | 'caseId'
  | 'caseName'
  | 'phase'
  | 'outcome'
  | 'currency'
  | 'lines'
  | 'adjustments'
  | 'totalMinor'
  | 'chargedMinor'
  | 'refundedMinor'
  | 'review'
  | 'evidence'
  | 'createdAtMs'
  | 'endedAtMs'
>;

/** What scale and cameras said, and what we made of it. */
export interface EvidenceView {
  readonly verdict: 'agreed' | 'weight_decided' | 'vision_decided' | 'disputed';
  /** Of the most probable explanation, 0..1. */
  readonly probability: number;
  /** One sentence. */
  readonly reason: LocalText;
  /** The explanations, most probable first, at most five. */
  readonly candidates: readonly {
    readonly lines: readonly { readonly sku: string; readonly name: LocalText; readonly count: number }[];
    readonly probability: number;
    /** What its pieces weigh, and one standard deviation of that: no two pieces weigh the same. */
    readonly grams: number;
    readonly sigmaGrams: number;
  }[];
  /** Every product that an explanation names or a camera saw change. */
  readonly products: readonly {
    readonly sku: string;
    readonly name: LocalText;
    /** URL path of a picture on this origin, or empty. */
    readonly picture: string;
    readonly unitGrams: number;
    /** Pieces in the most probable explanation. */
    readonly count: number;
    /** Posterior that at least these were taken, 0..1. */
    readonly probability: number;
    /** A camera that never recognised the product is not listed. */
    readonly cameras: readonly { readonly camera: string; readonly before: number; readonly after: number }[];
  }[];
  /** Grams removed and one standard deviation; null where no scale reported. */
  readonly scale: { readonly removedGrams: number; readonly sigmaGrams: number } | null;
  readonly zones: readonly { readonly zone: string; readonly removedGrams: number; readonly sigmaGrams: number }[];
  /** The cameras that looked before and after; `*`, all together, only in visits of an earlier release. null where none reported. */
  readonly cameras: readonly string[] | null;
}

/** Every error answer: HTTP status 4xx or 5xx with this body. `code` is a Fault's code. */
export interface ErrorView {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** The shop's own sentence, where its operator gave one: shown instead of the app's. */
    readonly say?: LocalText;
    /** `staff.name-taken`, to whoever sees the team: who is there already. */
    readonly like?: string;
  };
}

/** POST /api/sign-in/code -> 204. The code is good in the browser that asked (a cookie), and in no other. */
export interface CodeRequest {
  readonly email: string;
  readonly language: Language;
}
/** POST /api/sign-in -> MeView, sets the cookie */
export interface SignInRequest {
  readonly email: string;
  /** Six digits, or twelve that begin with a 0. */
  readonly code: string;
}
/** GET /api/me/sessions: where the customer is signed in, at most 20, the last seen first. */
export interface SessionsView {
  readonly sessions: readonly {
    /** POST /api/me/sessions/:session/end -> 204 ends it; `others` in its place ends all but this one. */
    readonly id: string;
    /** `Firefox · Android`; empty where the browser did not say. */
    readonly browser: string;
    readonly signedInAtMs: number;
    /** To the hour. */
    readonly seenAtMs: number;
    /** The one that asks. */
    readonly isThis: boolean;
  }[];
}

/** POST /api/cards -> CardSetupView; the phone then goes to `url`, and comes back to /case/:case. */
export interface CardSetupRequest {
  readonly caseId: string;
}
export interface CardSetupView {
  readonly url: string;
}
/** POST /api/push -> 204. The browser's PushSubscription as toJSON() gives it. */
export interface PushRequest {
  readonly subscription: {
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  readonly language: Language;
}
/** What a push carries (a Declarative Web Push document, so that it shows even without a worker). */
export interface PushDocument {
  readonly web_push: 8030;
  readonly notification: {
    readonly title: string;
    readonly body: string;
    readonly navigate: string;
    readonly tag: string;
    readonly lang: Language;
  };
}

/** GET /api/visits/:id/pictures and, for staff, GET /api/staff/visits/:id/pictures */
export interface PicturesView {
  /** Of each camera, before the door opened and after it was shut; empty where none came, or they have gone by age. */
  readonly pictures: readonly PictureView[];
}

export interface PictureView {
  readonly moment: 'before' | 'after';
  readonly camera: string;
  /** URL path of the JPEG on this origin. */
  readonly url: string;
  /** What the detector saw in it; null where nothing was said of it. */
  readonly seen: {
    readonly atMs: number;
    readonly width: number;
    readonly height: number;
    /** In pixels of the picture. Labels are the model's words, not checked ones: text, never markup. */
    readonly boxes: PictureFacts['boxes'];
  } | null;
}
