// What hold-orphans stores, and the payments that stripe-list found.

import { asFields, chosen, incomplete, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

/** As stripe-list gives it. */
export interface ListedIntent {
  readonly intent: string;
  readonly status: string;
  readonly visitId: string;
  readonly createdAtMs: number;
  readonly captureBeforeMs: number | null;
  readonly receivedMinor: number;
  readonly refundedMinor: number;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** Only payments with our metadata: an account may serve other shops too. `message.incomplete` without a list. */
export function parseMessage(raw: unknown): { readonly intents: readonly ListedIntent[] } | Fault {
  return parsed(() => ({ intents: listedIntents(raw) }));
}

export function listedIntents(raw: unknown): readonly ListedIntent[] {
  const { listed } = asFields(raw);
  if (!Array.isArray(listed)) throw incomplete('listed');
  return listed.flatMap((each: unknown) => {
    const { intent, status, metadata, createdAtMs, captureBeforeMs, amountReceivedMinor, amountRefundedMinor } =
      asFields(each);
    const { visit } = asFields(metadata);
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
      },
    ];
  });
}
