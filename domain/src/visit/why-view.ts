// Decides what is shown of why a visit ended as it did: lines and evidence, named from the catalog that the visit froze.
import { type Catalog, productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import { priced } from '../hooks/cost.ts';
import type { Review } from '../payment/review.ts';
import type { AdjustmentView, EvidenceView, LineView, LocalText, ReviewView, WhyView } from '../protocol/api.ts';
import type { BasketLine } from '../reconcile/basket.ts';
import type { Visit } from './visit.ts';

/** For staff. Named field by field: what a visit or its view gains later stays out until somebody decides otherwise. */
export function whyView(visit: Visit, caseName: string, review: Review | null): WhyView {
  return {
    id: visit.id,
    caseId: visit.caseId,
    caseName,
    phase: visit.phase,
    outcome: visit.outcome,
    currency: visit.catalog.currency,
    lines: lineViews(visit.basket?.lines ?? [], visit),
    adjustments: adjustmentViews(visit, review),
    totalMinor: visit.totalMinor,
    chargedMinor: visit.chargedMinor,
    refundedMinor: visit.refundedMinor,
    review: reviewView(review, visit),
    evidence: evidenceView(visit),
    createdAtMs: visit.createdAtMs,
    endedAtMs: visit.endedAtMs,
  };
}

export function lineViews(lines: readonly BasketLine[], { catalog }: Pick<Visit, 'catalog'>): LineView[] {
  return lines.map((line) => ({
    ...named(line, catalog),
    priceMinor: productBySku(catalog, line.sku)?.priceMinor ?? 0,
  }));
}

/** Of the lines that count by now: a person's word about them stands above the basket's. */
export function adjustmentViews({ basket, catalog }: Visit, review: Review | null): readonly AdjustmentView[] {
  if (basket?.adjustments === undefined) return [];
  const lines = review?.decision === 'correct' ? (review.lines ?? []) : basket.lines;
  const price = priced(lines, catalog, basket.adjustments);
  return price instanceof Fault ? [] : price.adjustments;
}

export function reviewView(review: Review | null, visit: Pick<Visit, 'catalog'>): ReviewView | null {
  if (review === null) return null;
  const { state, decision, lines, totalMinor } = review;
  if (decision !== 'correct') return { state, decision, lines: [], totalMinor: null };
  return { state, decision, lines: lineViews(lines ?? [], visit), totalMinor };
}

/** null before the basket is decided, and where nothing was there to decide on. */
export function evidenceView({ basket, catalog }: Pick<Visit, 'basket' | 'catalog'>): EvidenceView | null {
  if (basket === null) return null;
  const { verdict, probability, reason, scale, zones, cameras, candidates, evidence } = basket;
  return {
    verdict,
    probability,
    reason,
    scale,
    zones,
    cameras: cameras?.map(({ camera }) => camera) ?? null,
    candidates: candidates.map(({ lines, probability: posterior }) => ({
      lines: lines.map((line) => named(line, catalog)),
      probability: posterior,
      ...weightOf(lines, catalog),
    })),
    products: evidence.map(({ sku, count, probability: atLeast, cameras: sightings }) => ({
      ...named({ sku, count }, catalog),
      picture: productBySku(catalog, sku)?.picture ?? '',
      unitGrams: unitGrams(catalog, sku),
      probability: atLeast,
      cameras: sightings,
    })),
  };
}

function named({ sku, count }: BasketLine, catalog: Catalog): { sku: string; name: LocalText; count: number } {
  // A basket is made from the same frozen catalog, so a missing product is our mistake; the page still shows the line.
  return { sku, name: productBySku(catalog, sku)?.name ?? { en: sku, es: sku }, count };
}

/** Pieces vary independently of one another, so their variances add up. */
function weightOf(lines: readonly BasketLine[], catalog: Catalog): { grams: number; sigmaGrams: number } {
  const sum = (each: (sku: string) => number) => lines.reduce((whole, { sku, count }) => whole + count * each(sku), 0);
  return {
    grams: sum((sku) => unitGrams(catalog, sku)),
    sigmaGrams: Math.sqrt(sum((sku) => (productBySku(catalog, sku)?.toleranceGrams ?? 0) ** 2)),
  };
}

function unitGrams(catalog: Catalog, sku: string): number {
  return productBySku(catalog, sku)?.massGrams ?? 0;
}
