// How long somebody waits who had doors unlocked and opened none.
import { tryAgainAtMs, UNOPENED_MS } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Tap } from './contract.ts';

/** Milliseconds; null: not at all. A tap that is sent again waits for nothing: its visit is there. */
export async function waitOf(
  ledger: Ledger,
  { customer, caseId, requestId }: Pick<Tap, 'customer' | 'caseId' | 'requestId'>,
  nowMs: number,
): Promise<number | null> {
  const unopened = await ledger.unopenedVisits(customer.id, nowMs - UNOPENED_MS);
  if (unopened.some((visit) => visit.requestId === requestId)) return null;
  const atMs = tryAgainAtMs(unopened, caseId, nowMs);
  return atMs === null ? null : atMs - nowMs;
}
