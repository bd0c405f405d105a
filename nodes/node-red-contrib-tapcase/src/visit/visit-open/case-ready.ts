// Whether a case can take a customer now: connected, open for sale, and with nobody at its door.
import { closedBy } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { ShopCase } from '../../shop/shop/contract.ts';

/** What the phone is told of a case that cannot. */
export type NotReady = 'case.busy' | 'case.offline' | 'case.closed' | 'case.restocking';

/** null: it can, or it is the customer's own visit that is there, and the ledger tells a tap sent again from a second one. */
export async function whyNotReady(
  ledger: Ledger,
  { id, offlineAfterMs }: ShopCase,
  customerId: string,
  nowMs: number,
): Promise<NotReady | null> {
  const { heardAtMs, openVisitId, lastStatus, hasUnexpectedBoard } = await ledger.caseRow(id);
  if (openVisitId !== null) {
    const visit = await ledger.visit(openVisitId);
    return visit?.customerId === customerId ? null : 'case.busy';
  }
  if (heardAtMs === null || nowMs - heardAtMs > offlineAfterMs) return 'case.offline';
  // What it reported would be kept aside: whoever took something would not be charged.
  if (hasUnexpectedBoard) return 'case.closed';
  const closed = closedBy(lastStatus);
  return closed === null ? null : `case.${closed}`;
}
