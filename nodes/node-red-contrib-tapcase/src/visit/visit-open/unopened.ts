// How long somebody waits who had doors unlocked and opened none, or whom nobody has ever seen where many such did.
import { strangersAgainAtMs, tryAgainAtMs, UNOPENED_BY_STRANGERS, UNOPENED_MS } from '@tapcase/domain';
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
  const strangers = await ledger.unopenedByStrangers(caseId, customer.id, nowMs - UNOPENED_BY_STRANGERS.windowMs);
  const waits = [tryAgainAtMs(unopened, caseId, nowMs), strangersAgainAtMs(strangers, nowMs)];
  const latest = Math.max(...waits.map((atMs) => atMs ?? nowMs));
  return latest === nowMs ? null : latest - nowMs;
}
