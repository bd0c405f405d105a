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
  readonly currency: string;
  /** What its step has written on it; undefined for an own flow's. */
  readonly marks: ReturnType<typeof stepMarks>;
}

/** What is used of the port of a stripe-account, whose palette knows nothing of this one. */
export interface PaymentSource {
  intents(query: { readonly createdAfterMs: number; readonly max: number }): Promise<
    readonly {
      readonly id: string;
      readonly status: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly createdAtMs: number;
      readonly captureBeforeMs: number | null;
      readonly amountReceivedMinor: number;
      readonly amountRefundedMinor: number;
      readonly currency?: string;
    }[]
  >;
}

/** Of a month of the largest fleet; a list that was cut short would look complete, so more is a Fault of the account's. */
const PAYMENTS_MAX = 100_000;

export async function askedFor(source: PaymentSource, createdAfterMs: number): Promise<readonly ListedIntent[]> {
  const found = await source.intents({ createdAfterMs, max: PAYMENTS_MAX });
  return ourOwn(found.map(({ id, ...payment }) => ({ ...payment, intent: id })));
}

/** `msg.listed`: payments as the account’s port lists them. Throws `message.incomplete` where it is no list. */
export function listedOn(raw: unknown): readonly ListedIntent[] {
  const { listed } = asFields(raw);
  if (!Array.isArray(listed)) throw incomplete('listed');
  return ourOwn(listed);
}

/** Only payments with our metadata: an account may serve other shops too. */
function ourOwn(listed: readonly unknown[]): readonly ListedIntent[] {
  return listed.flatMap((each) => {
    const { intent, status, metadata, createdAtMs, captureBeforeMs, amountReceivedMinor, amountRefundedMinor } =
      asFields(each);
    const { visit } = asFields(metadata);
    const { currency } = asFields(each);
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
        currency: typeof currency === 'string' ? currency : '',
        marks: stepMarks(asFields(metadata)),
      },
    ];
  });
}
