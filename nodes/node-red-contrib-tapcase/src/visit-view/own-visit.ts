// Finds a visit for the customer whose visit it is, and shows it with the name of its case.
import { Fault, type Visit, type VisitView, visitView } from '@tapcase/domain';
import type { Shop } from '../shop/contract.ts';
import type { Ledger } from '../store/port.ts';

/** Throws `visit.unknown`, the same for a visit that is not there and for somebody else's: ids are not to be guessed. */
export async function ownVisit(ledger: Ledger, visitId: string, customerId: string): Promise<Visit> {
  const visit = await ledger.visit(visitId);
  if (visit === undefined || visit.customerId !== customerId) throw new Fault('visit.unknown', 'no such visit');
  return visit;
}

export function viewOf(visit: Visit, shop: Shop): VisitView {
  const shopCase = shop.case(visit.caseId);
  // A case that was taken out of the shop still has receipts.
  return visitView(visit, shopCase instanceof Fault ? visit.caseId : shopCase.name);
}
