// The payments that Stripe knows of, of visits of ours: as a message brings them, or as the account is asked for them.
import { asFields, incomplete } from '@tapcase/define-node';
import { stepMarks } from '@tapcase/domain';

export interface ListedIntent {
  readonly intent: string;
  readonly status: string;
  readonly visitId: string;
  readonly createdAtMs: number;
  readonly captureBeforeMs: number | null;
  readonly receivedMinor: number;
  readonly refundedMinor: number;
  readonly untakenMinor: number;
  readonly currency: string;
  /** What its step has written on it; undefined for an own flow's. */
  readonly marks: ReturnType<typeof stepMarks>;
}

/** What is used of the port of a stripe-account, whose palette knows nothing of this one. */
export interface PaymentSource {
  intents(query: { readonly createdAfterMs: number; readonly max: number }): Promise<readonly Payment[]>;
  intent(id: string): Promise<Payment | undefined>;
  refundsMade(query: Span): Promise<readonly { readonly intent: string | null }[]>;
  disputes(query: Span): Promise<readonly Dispute[]>;
}

interface Payment {
  readonly id: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly captureBeforeMs: number | null;
  readonly amountReceivedMinor: number;
  readonly amountRefundedMinor: number;
  readonly amountMinor?: number;
  readonly currency?: string;
}

interface Span {
  readonly createdAfterMs: number;
  readonly createdBeforeMs: number;
  readonly max: number;
}

export interface Dispute {
  readonly id: string;
  readonly intent: string | null;
  readonly amountMinor: number;
  readonly reason: string;
  readonly status: string;
}

/** What was done on a day, whenever it was bought. */
export interface DayMoves {
  /** Payments of which something was given back. */
  readonly refunded: readonly string[];
  readonly disputes: readonly Dispute[];
  /** A payment that is too old for the list; undefined where Stripe has none. */
  look(intent: string): Promise<ListedIntent | undefined>;
}

/** Of a month of the largest fleet; a list that was cut short would look complete, so more is a Fault of the account's. */
const PAYMENTS_MAX = 100_000;

export async function askedFor(source: PaymentSource, createdAfterMs: number): Promise<readonly ListedIntent[]> {
  const found = await source.intents({ createdAfterMs, max: PAYMENTS_MAX });
  return ourOwn(found.map(({ id, ...payment }) => ({ ...payment, intent: id })));
}

/** The span is by Stripe's clock. */
export async function movedIn(source: PaymentSource, fromMs: number, untilMs: number): Promise<DayMoves> {
  const span = { createdAfterMs: fromMs, createdBeforeMs: untilMs, max: PAYMENTS_MAX };
  const refunds = await source.refundsMade(span);
  return {
    refunded: refunds.flatMap(({ intent }) => (intent === null ? [] : [intent])),
    disputes: await source.disputes(span),
    look: async (intent) => {
      const found = await source.intent(intent);
      return found === undefined ? undefined : ourOwn([{ ...found, intent }])[0];
    },
  };
}

/** `msg.listed`: payments as the account’s port lists them. Throws `message.incomplete` where it is no list. */
export function listedOn(raw: unknown): readonly ListedIntent[] {
  const { listed } = asFields(raw);
  if (!Array.isArray(listed)) throw incomplete('listed');
  return ourOwn(listed);
}

/** Only what has ended leaves something: a hold may still be taken, and what was declined was never reserved. */
function untaken(status: string, leftMinor: number): number {
  return (status === 'succeeded' || status === 'canceled') && leftMinor > 0 ? leftMinor : 0;
}

/** Only payments with our metadata: an account may serve other shops too. */
function ourOwn(listed: readonly unknown[]): readonly ListedIntent[] {
  return listed.flatMap((each) => {
    const { intent, status, metadata, createdAtMs, captureBeforeMs, amountReceivedMinor, amountRefundedMinor } =
      asFields(each);
    const { visit } = asFields(metadata);
    const { currency, amountMinor } = asFields(each);
    if (typeof intent !== 'string' || typeof visit !== 'string' || typeof status !== 'string') return [];
    return [
      {
        intent,
        status,
        visitId: visit,
        createdAtMs: Number(createdAtMs),
        captureBeforeMs: typeof captureBeforeMs === 'number' ? captureBeforeMs : null,
        receivedMinor: Number(amountReceivedMinor),
        refundedMinor: Number(amountRefundedMinor ?? 0),
        untakenMinor: untaken(status, Number(amountMinor) - Number(amountReceivedMinor)),
        currency: typeof currency === 'string' ? currency : '',
        marks: stepMarks(asFields(metadata)),
      },
    ];
  });
}
