// Finds a visit for the customer whose visit it is, or for staff, and shows it with the name of its case.
import { Fault, type Visit, type VisitView, visitView } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../shop/shop/contract.ts';

/** Throws `visit.unknown`, the same for a visit that is not there and for somebody else's: ids are not to be guessed. */
export async function ownVisit(ledger: Ledger, visitId: string, customerId: string): Promise<Visit> {
  const visit = await ledger.visit(visitId);
  if (visit === undefined || visit.customerId !== customerId) throw new Fault('visit.unknown', 'no such visit');
  return visit;
}

/** For staff, who may see everybody's. Throws `visit.unknown`. */
export async function anyVisit(ledger: Ledger, visitId: string): Promise<Visit> {
  const visit = await ledger.visit(visitId);
  if (visit === undefined) throw new Fault('visit.unknown', 'no such visit');
  return visit;
}

/** With all that happened to its money. */
export async function viewOf(ledger: Ledger, visit: Visit, shop: Shop): Promise<VisitView> {
  return visitView(visit, caseNameOf(visit, shop), await ledger.money(visit.id));
}

/** A case that was taken out of the shop still has receipts. */
export function caseNameOf({ caseId }: Visit, shop: Shop): string {
  const shopCase = shop.case(caseId);
  return shopCase instanceof Fault ? caseId : shopCase.name;
}
