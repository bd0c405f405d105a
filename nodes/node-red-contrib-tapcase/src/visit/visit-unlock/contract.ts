// What tapcase-visit-unlock stores, and what Stripe said of the hold that lets a visit in or ends it.
import { asFields, contract, incomplete, parsed } from '@tapcase/define-node';
import { type Fault, HELD, type IntentFacts, intentOf, type Visit } from '@tapcase/domain';
import type { MoneyAnswer } from '@tapcase/ledger';
import { requiredVisit } from '../../messages.ts';

export const visitUnlock = contract({
  type: 'tapcase-visit-unlock',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-unlock',
  inputs: 1,
  outputs: ['unlocking', 'refused'],
  properties: {
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'shopping-basket' },
  },
});

export type HoldAnswer =
  | { readonly kind: 'held'; readonly visit: Visit; readonly hold: IntentFacts }
  | { readonly kind: 'refused'; readonly visit: Visit; readonly refusal: MoneyAnswer & { kind: 'refused' } };

const CODE_LENGTH_MAX = 60;

/** `msg.stripe` as stripe-hold gave it. `message.incomplete` where it says neither: only money that is really held opens a door. */
export function parseMessage(raw: unknown): HoldAnswer | Fault {
  return parsed(() => {
    const { stripe } = asFields(raw);
    const { status, code, declineCode, adviceCode } = asFields(stripe);
    if (typeof status !== 'string' && typeof code !== 'string') throw incomplete('stripe');
    const visit = requiredVisit(raw);
    const intent = intentOf({ kind: 'hold' }, stripe);
    if (status === HELD && intent === null) throw incomplete('stripe.intent');
    if (status === HELD && intent !== null) return { kind: 'held', visit, hold: intent };
    const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, CODE_LENGTH_MAX) : null);
    const refusal = {
      kind: 'refused' as const,
      code: text(code) ?? 'declined',
      declineCode: text(declineCode),
      adviceCode: text(adviceCode),
      ...(intent === null ? {} : { intent }),
    };
    return { kind: 'refused', visit, refusal };
  });
}
