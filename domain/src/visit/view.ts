// Turns a visit into what the customer's phone shows: prices as frozen at unlock, names in both languages, the evidence.
import { productBySku } from '../catalog/product.ts';
import type { EvidenceView, LineView, VisitView } from '../protocol/api.ts';
import type { Basket, BasketLine } from '../reconcile/basket.ts';
import type { Visit } from './visit.ts';

/** The controller locks again this long after unlocking when nobody opens the door (firmware's `config.py`). */
export const OPEN_WITHIN_MS = 10_000;

export function visitView(visit: Visit, caseName: string): VisitView {
  return {
    id: visit.id,
    caseId: visit.caseId,
    caseName,
    phase: visit.phase,
    outcome: visit.outcome,
    currency: visit.catalog.currency,
    holdMinor: visit.holdMinor,
    openByMs: visit.phase === 'unlocked' ? visit.enteredAtMs + OPEN_WITHIN_MS : null,
    openTooLong: visit.openTooLong,
    lines: (visit.basket?.lines ?? []).map((line) => lineView(line, visit)),
    totalMinor: visit.totalMinor,
    chargedMinor: visit.chargedMinor,
    card: { brand: visit.card.brand, last4: visit.card.last4 },
    evidence: visit.basket === null ? null : evidenceView(visit.basket),
    createdAtMs: visit.createdAtMs,
    endedAtMs: visit.endedAtMs,
  };
}

function lineView({ sku, count }: BasketLine, visit: Visit): LineView {
  const product = productBySku(visit.catalog, sku);
  // A basket is made from the same frozen catalog, so a missing product is our mistake; the receipt still shows the line.
  const name = product?.name ?? { en: sku, es: sku };
  return { sku, name, count, priceMinor: product?.priceMinor ?? 0 };
}

/** Without the runner-up and the reason: those are for the operator. */
function evidenceView({ verdict, probability, scale, cameras }: Basket): EvidenceView {
  return { verdict, probability, scale, cameras };
}
