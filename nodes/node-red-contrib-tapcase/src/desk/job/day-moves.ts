// What moved on a day with what was bought before: which visits that were, all payments of theirs, and disputes of which nobody has
// heard.
import type { AuditedDispute, AuditedVisit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { DayMoves, Dispute, ListedIntent } from './payments.ts';

interface Listed {
  /** Everything at Stripe from the day's start until now. */
  readonly intents: readonly ListedIntent[];
  readonly moves: DayMoves;
}

/** Visits of other days that were paid, given back or disputed on this one. `boughtIds`: those of the day itself. */
export async function boughtEarlier(
  ledger: Ledger,
  { fromMs, untilMs, intents, moves }: Listed & { readonly fromMs: number; readonly untilMs: number },
  boughtIds: ReadonlySet<string>,
): Promise<readonly AuditedVisit[]> {
  const paid = intents.filter(({ createdAtMs }) => createdAtMs >= fromMs && createdAtMs < untilMs);
  const ids = new Set(paid.map(({ visitId }) => visitId));
  for (const intent of [...moves.refunded, ...moves.disputes.flatMap((dispute) => dispute.intent ?? [])]) {
    const visitId = await ledger.visitOfIntent(intent);
    if (visitId !== undefined) ids.add(visitId);
  }
  return ledger.auditedVisits({ ids: [...ids].filter((id) => !boughtIds.has(id)) });
}

/** Payments of these visits that are not on the day's list: made before it, or a clock of ours was wrong. */
export async function unlisted(
  ledger: Ledger,
  { intents, moves }: Listed,
  visitIds: ReadonlySet<string>,
): Promise<readonly ListedIntent[]> {
  const isListed = new Set(intents.map(({ intent }) => intent));
  const found: ListedIntent[] = [];
  for (const id of visitIds) {
    for (const { intent } of (await ledger.money(id)).intents) {
      const payment = isListed.has(intent) ? undefined : await moves.look(intent);
      if (payment !== undefined) found.push(payment);
    }
  }
  return found;
}

/** Disputes that no event has told of, with what is written down of them. */
export async function unheard(ledger: Ledger, disputes: readonly Dispute[]) {
  const found: (AuditedDispute & { readonly note: Readonly<Record<string, unknown>> })[] = [];
  for (const { id, intent, amountMinor, reason, status } of disputes) {
    const visitId = intent === null ? undefined : await ledger.visitOfIntent(intent);
    const visit = visitId === undefined ? undefined : await ledger.visit(visitId);
    if (intent === null || visit === undefined) continue;
    const told = (await ledger.visitEvents(visit.id)).filter(({ event }) => event === 'disputed_at_bank');
    // What was written down by an earlier release names none: it is taken for this one.
    if (told.some(({ note }) => note?.dispute === undefined || note.dispute === id)) continue;
    const note = { dispute: id, reason, amountMinor, status };
    found.push({ intent, visitId: visit.id, amountMinor, currency: visit.catalog.currency, note });
  }
  return found;
}
