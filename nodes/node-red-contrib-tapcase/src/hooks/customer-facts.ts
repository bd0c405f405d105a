// What an own flow may know of a customer: who it is, how often they came, what they owe, what was taken off before.
import { type CustomerFacts, givenIn, KNOWN_VISITS_MAX } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';

export async function customerFacts(
  ledger: Ledger,
  { id, email }: Pick<Customer, 'id' | 'email'>,
  visitId?: string,
): Promise<CustomerFacts> {
  // The visit that is asked about is none of the earlier ones.
  const past = (await ledger.visitsOf(id, KNOWN_VISITS_MAX + 1)).filter((visit) => visit.id !== visitId);
  const debts = await ledger.openDebts(id);
  return {
    id,
    email,
    visits: Math.min(past.length, KNOWN_VISITS_MAX),
    owesMinor: debts.reduce((sum, { amountMinor, waivedMinor }) => sum + amountMinor - waivedMinor, 0),
    given: past.slice(0, KNOWN_VISITS_MAX).flatMap(givenIn),
  };
}
