// What visit-refuse stores, and the refusal that a visit brings.

import { asFields, chosen } from '@tapcase/define-node';
import type { Visit } from '@tapcase/domain';
import type { MoneyAnswer } from '@tapcase/ledger';
import { requiredVisit } from '../../messages.ts';
import { intentOf } from '../../money/settle-record/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** The hold's refusal, as stripe-hold gave it. */
export function parseMessage(raw: unknown): {
  readonly visit: Visit;
  readonly refusal: MoneyAnswer & { kind: 'refused' };
} {
  const { stripe } = asFields(raw);
  const { code, declineCode, adviceCode } = asFields(stripe);
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, CODE_LENGTH_MAX) : null);
  const intent = intentOf({ kind: 'hold' }, stripe);
  return {
    visit: requiredVisit(raw),
    refusal: {
      kind: 'refused',
      code: text(code) ?? 'declined',
      declineCode: text(declineCode),
      adviceCode: text(adviceCode),
      ...(intent === null ? {} : { intent }),
    },
  };
}

const CODE_LENGTH_MAX = 60;
