// Asks the operator's own flows about a basket before anything of it is written: what comes off its price, and whether a
// person must look before it is charged. The answers are frozen with the visit.
import {
  AS_SHIPPED,
  type Basket,
  heldBack,
  type LineFacts,
  type LocalText,
  linesOfVisit,
  orThrow,
  priced,
  rulingOf,
  type Visit,
} from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Asker } from '../../hooks/ask.ts';
import { customerFacts } from '../../hooks/customer-facts.ts';

/** What customer and staff read where the own flow gave no reason. */
const HELD_BACK: LocalText = {
  en: 'The shop wants a person to look before anything is charged.',
  es: 'La tienda quiere que una persona lo mire antes de cobrar.',
};

/** The basket as it is decided; the same one where nobody is asked, there is nothing to charge, or all is decided. */
export async function askedAbout(
  asker: Asker,
  ledger: Ledger,
  { id }: Pick<Visit, 'id'>,
  basket: Basket,
): Promise<Basket> {
  if (basket.lines.length === 0 || !(asker.isHeard('cost') || asker.isHeard('charge'))) return basket;
  // A message may be older than what became of its visit.
  const visit = await ledger.visit(id);
  if (visit?.phase !== 'closed') return basket;
  const { caseId, customerId, catalog, createdAtMs } = visit;
  const about = { id, caseId, customerId };
  const lines: LineFacts[] = linesOfVisit({ basket, catalog });
  const { listMinor } = orThrow(priced(basket.lines, catalog));
  const costFacts = async () => ({
    visit: about,
    customer: await customerFacts(ledger, (await ledger.customer(customerId)) ?? NOBODY(customerId), id),
    currency: catalog.currency,
    lines,
    listMinor,
    at: createdAtMs,
  });
  const cost = await asker.ask('cost', costFacts, { shipped: AS_SHIPPED.cost, visit: id, asksAgain: true });
  const { adjustments } = cost.answer;
  const changed = adjustments.length === 0 ? basket : { ...basket, adjustments, ...changedBy(cost.by) };
  const { totalMinor } = orThrow(priced(basket.lines, catalog, adjustments));
  // Nothing is charged anyway.
  if (totalMinor === 0) return changed;
  const { probability, reason } = basket;
  const ruling = rulingOf(basket) === 'partly' ? ('partly' as const) : ('agreed' as const);
  const chargeFacts = () => ({ visit: about, lines, totalMinor, probability, reason, ruling });
  const charge = await asker.ask('charge', chargeFacts, {
    shipped: AS_SHIPPED.charge,
    visit: id,
    asksAgain: true,
  });
  if (charge.answer.ruling === 'as-shipped') return changed;
  return { ...heldBack(changed, charge.answer.why ?? HELD_BACK), ...changedBy(charge.by) };
}

/** A visit whose customer is not in the ledger: our mistake, and no reason to charge more. */
const NOBODY = (id: string) => ({ id, email: '' });

function changedBy(by: string | null): Pick<Basket, 'changedBy'> {
  return by === null ? {} : { changedBy: by };
}
