// How long somebody waits who had doors unlocked and opened none, or whose card had.
import { tryAgainAtMs, UNOPENED_MS } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Tap } from './contract.ts';

/** Milliseconds; null: not at all. A tap that is sent again waits for nothing: its visit is there. */
export async function waitOf(
  ledger: Ledger,
  { customer, caseId, requestId }: Pick<Tap, 'customer' | 'caseId' | 'requestId'>,
  nowMs: number,
): Promise<number | null> {
  const sinceMs = nowMs - UNOPENED_MS;
  const own = await ledger.unopenedVisits(customer.id, sinceMs);
  if (own.some((visit) => visit.requestId === requestId)) return null;
  // Whoever has one card and many mailboxes is one.
  const fingerprint = customer.card?.fingerprint;
  const others = fingerprint === undefined ? [] : await ledger.unopenedVisitsByCard(fingerprint, customer.id, sinceMs);
  const atMs = tryAgainAtMs([...own, ...others], caseId, nowMs);
  return atMs === null ? null : atMs - nowMs;
}
