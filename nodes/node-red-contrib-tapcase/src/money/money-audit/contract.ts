// What money-audit stores, and the day and payments that it compares.

import { asFields, chosen, incomplete, parsed } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type ListedIntent, listedIntents } from '../hold-orphans/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export interface AuditRequest {
  /** `2026-11-21`, in UTC. */
  readonly day: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Everything at Stripe from the day's start until now: a debt may be paid days later. */
  readonly intents: readonly ListedIntent[];
}

const DAY_MS = 86_400_000;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `audit.bad-day`, `message.incomplete`. */
export function parseMessage(raw: unknown): AuditRequest | Fault {
  return parsed(() => {
    const { audit } = asFields(raw);
    if (audit === undefined) throw incomplete('audit');
    const { day } = asFields(audit);
    const fromMs = typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
    // The 30th of February would be taken for one of March.
    const isDay = Number.isFinite(fromMs) && new Date(fromMs).toISOString().startsWith(String(day));
    if (!isDay) throw new Fault('audit.bad-day', 'msg.audit.day: wants a day like 2026-11-21');
    return { day: day as string, fromMs, untilMs: fromMs + DAY_MS, intents: listedIntents(raw) };
  });
}
