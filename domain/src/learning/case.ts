// Learns a case from its past visits: what a piece weighs, how quiet the scale is, what sells. Pure, bounded, and the
// same for the same visits.
import type { Catalog } from '../catalog/product.ts';
import type { BasketLine } from '../reconcile/basket.ts';
import type { ScaleReading } from '../reconcile/evidence.ts';
import { DEFAULT_MODEL } from '../reconcile/model.ts';
import { COUNT_MAX } from '../reconcile/prior.ts';
import type { Weighing } from './change.ts';
import { type CaseLearning, LEARNED_SIGMA_GRAMS, type LearnedMass, popularityOf } from './learning.ts';
import { type MassFilter, massFilter } from './mass.ts';
import { type ScaleSample, SIGMA_VISITS_MIN, sigmaOf } from './sigma.ts';

/** The newest so many visits of a case are learned from. */
export const PAST_VISITS_MAX = 500;
/** What is older than a season says little of what sells, or of a load cell. */
export const PAST_MS_MAX = 90 * 86_400_000;
/** A basket of more kinds teaches little of each, and nobody carries it. */
const KINDS_MAX = 20;
/** No shelf weighs more. */
const REMOVED_GRAMS_MAX = 1_000_000;

/**
 * Who says what was taken. `agreed`: scale and cameras, each by itself. `cameras`: they alone, against the scale; its
 * noise is not learned from such visits, for they are chosen by their residual, but a pack that changes by more than
 * the scale's gate is seen in no others. `person`: who reviewed it. Where the scale alone decided nothing is learned:
 * it would confirm itself.
 */
export type KnownBy = 'agreed' | 'cameras' | 'person';

/** A past visit as learning needs it. */
export interface PastBasket {
  readonly visitId: string;
  readonly atMs: number;
  readonly by: KnownBy;
  readonly lines: readonly BasketLine[];
  readonly scale: ScaleReading | null;
}

/** An operator's word that earlier visits count no more: for one product's mass, or for the whole case. */
export interface Forgotten {
  /** null: the whole case. */
  readonly sku: string | null;
  readonly atMs: number;
}

/** How far one visit's weighing was off. */
export interface VisitResidual {
  readonly visitId: string;
  readonly atMs: number;
  readonly by: KnownBy;
  /** From what was believed of its basket; where a change is noticed later, from what is known now. */
  readonly residualGrams: number;
  /** From what the catalog says. */
  readonly catalogResidualGrams: number;
  /** What `residualGrams` may be off by, one standard deviation. */
  readonly sigmaGrams: number;
}

export interface CaseStudy {
  readonly learning: CaseLearning;
  /** The oldest first. */
  readonly residuals: readonly VisitResidual[];
}

/** What the visits of one case teach. Any order; what cannot be (an unknown SKU, half a piece) is left out. */
export function learnCase(
  catalog: Catalog,
  visits: readonly PastBasket[],
  atMs: number,
  forgotten: readonly Forgotten[] = [],
): CaseLearning {
  return studyCase(catalog, visits, atMs, forgotten).learning;
}

/** As learnCase, with each visit's residual for whoever wants to see it drift. */
export function studyCase(
  catalog: Catalog,
  visits: readonly PastBasket[],
  atMs: number,
  forgotten: readonly Forgotten[] = [],
): CaseStudy {
  const index = new Map(catalog.products.map(({ sku }, product) => [sku, product]));
  const past = newest(visits, index, atMs, forgotten);
  const filter = massFilter(catalog.products);
  const samples: Weighing[] = [];
  const residuals: { readonly visit: PastBasket; readonly weighing: Weighing }[] = [];
  for (const visit of past) {
    if (visit.scale === null || !countsForMass(visit, forgotten)) continue;
    const scaleGrams = Math.max(believable(sigmaOf(samples, DEFAULT_MODEL.scale.sigmaGrams)), visit.scale.sigmaGrams);
    const counts = visit.lines.map(({ sku, count }) => [index.get(sku)!, count] as const);
    const weighing = filter.take(visit.scale.removedGrams, counts, scaleGrams);
    // The same objects: a residual that a change explains later is corrected in both.
    if (visit.by === 'agreed') samples.push(weighing);
    residuals.push({ visit, weighing });
  }
  const learning = learningOf(catalog, past, atMs, filter, samples);
  return { learning, residuals: residuals.map(({ visit, weighing }) => residualOf(visit, weighing, catalog)) };
}

function newest(
  visits: readonly PastBasket[],
  index: ReadonlyMap<string, number>,
  atMs: number,
  forgotten: readonly Forgotten[],
): PastBasket[] {
  const wholeMs = forgotten.reduce(
    (most, one) => (one.sku === null ? Math.max(most, one.atMs) : most),
    atMs - PAST_MS_MAX,
  );
  const once = new Map(visits.map((visit) => [visit.visitId, visit]));
  return [...once.values()]
    .filter((visit) => visit.atMs > wholeMs && visit.atMs <= atMs && isPossible(visit, index))
    .sort((a, b) => a.atMs - b.atMs || (a.visitId < b.visitId ? -1 : 1))
    .slice(-PAST_VISITS_MAX);
}

function isPossible({ lines, scale }: PastBasket, index: ReadonlyMap<string, number>): boolean {
  const isWeighed =
    scale === null ||
    (Math.abs(scale.removedGrams) <= REMOVED_GRAMS_MAX &&
      scale.sigmaGrams >= 0 &&
      scale.sigmaGrams <= REMOVED_GRAMS_MAX);
  const skus = new Set(lines.map(({ sku }) => sku));
  return (
    isWeighed &&
    skus.size === lines.length &&
    lines.length <= KINDS_MAX &&
    lines.every(({ sku, count }) => index.has(sku) && Number.isInteger(count) && count >= 1 && count <= COUNT_MAX)
  );
}

/** A visit with a product whose mass was forgotten after it says nothing of the others either: their masses are mixed. */
function countsForMass({ lines, atMs }: PastBasket, forgotten: readonly Forgotten[]): boolean {
  return forgotten.every((one) => one.sku === null || atMs > one.atMs || lines.every(({ sku }) => sku !== one.sku));
}

function learningOf(
  { products }: Catalog,
  past: readonly PastBasket[],
  atMs: number,
  { masses }: MassFilter,
  samples: readonly ScaleSample[],
): CaseLearning {
  const learned = products.flatMap(({ sku }, product): [string, LearnedMass][] => {
    const { massGrams, variance, pieces } = masses[product]!;
    return pieces === 0 ? [] : [[sku, { massGrams, pieces, errorGrams: Math.sqrt(variance) }]];
  });
  return {
    visits: past.length,
    learnedAtMs: atMs,
    sigmaGrams: samples.length < SIGMA_VISITS_MIN ? null : sigmaOf(samples, DEFAULT_MODEL.scale.sigmaGrams),
    masses: Object.fromEntries(learned),
    popularity: popularityOf(
      products.map(({ sku }) => sku),
      past.map(({ lines }) => lines),
    ),
  };
}

function believable(sigmaGrams: number): number {
  return Math.min(LEARNED_SIGMA_GRAMS.max, Math.max(LEARNED_SIGMA_GRAMS.min, sigmaGrams));
}

function residualOf(
  { visitId, atMs, by }: PastBasket,
  { parts, residualGrams, variance }: Weighing,
  { products }: Catalog,
): VisitResidual {
  const learnedGrams = parts.reduce(
    (sum, { product, count, massGrams }) => sum + count * (massGrams - products[product]!.massGrams),
    0,
  );
  const catalogResidualGrams = residualGrams + learnedGrams;
  return { visitId, atMs, by, residualGrams, catalogResidualGrams, sigmaGrams: Math.sqrt(variance) };
}
