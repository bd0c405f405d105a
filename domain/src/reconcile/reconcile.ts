// Turns the evidence of a visit into the most probable basket, how sure we are of it, and what is certain in any case.
import type { Catalog } from '../catalog/product.ts';
import { type Basket, CANDIDATES_MAX, type Candidate, type LineEvidence, type LineSighting } from './basket.ts';
import type { CameraView, CaseEvidence, ScaleReading, ZoneReading } from './evidence.ts';
import { DEFAULT_MODEL, type ReconcileModel } from './model.ts';
import { certainLines, DEFAULT_THRESHOLDS, type Thresholds, verdictOf, type Weighed } from './policy.ts';
import { posteriorOf } from './posterior.ts';
import { NO_CATALOG, NO_SOURCE, reasonFor, TOO_MANY } from './reason.ts';
import { countOf, isNamed } from './sightings.ts';
import type { Stock } from './stock.ts';

export interface ReconcileInput extends CaseEvidence {
  /** As frozen at the visit's start. */
  readonly catalog: Catalog;
  /** SKU to pieces in the case before the visit; a SKU that is not named: not known. */
  readonly stock?: Stock;
  readonly model?: ReconcileModel;
  readonly thresholds?: Thresholds;
}

/** Total and deterministic: any evidence gives a basket, at worst an empty one that is `disputed`. */
export function reconcile(input: ReconcileInput): Basket {
  const { catalog, model = DEFAULT_MODEL, thresholds = DEFAULT_THRESHOLDS } = input;
  const told = { scale: sane(input.scale), zones: input.zones.filter(isSane), cameras: input.cameras };
  const nothing = { lines: [], verdict: 'disputed', probability: 0, candidates: [], evidence: [], ...told } as const;
  const idle = { tried: 0, limited: false };
  if (catalog.products.length === 0) return { ...nothing, reason: NO_CATALOG, work: idle };
  const posterior = posteriorOf({ ...input, ...told }, model);
  if (posterior === null) return { ...nothing, reason: NO_SOURCE, work: idle };
  const { work, candidates, sources, seen } = posterior;
  const [best, next] = candidates;
  if (best === undefined) return { ...nothing, reason: TOO_MANY, work };
  const verdict = verdictOf(best, sources, thresholds);
  const lines = verdict === 'disputed' ? certainLines(candidates, sources, thresholds) : best.lines;
  const removedGrams = sources.hasScale ? removedOf(told) : null;
  return {
    lines,
    verdict,
    probability: best.probability,
    candidates: candidates
      .slice(0, CANDIDATES_MAX)
      .map(({ lines, probability }): Candidate => ({ lines, probability })),
    evidence: evidenceFor(catalog, candidates, told.cameras),
    reason: reasonFor({ catalog, verdict, lines, best, next, removedGrams, seen, limited: work.limited }),
    ...told,
    work,
  };
}

/** Every product of the best basket and the runner-up, and what else the cameras saw change. */
function evidenceFor(
  catalog: Catalog,
  candidates: readonly Weighed[],
  cameras: readonly CameraView[] | null,
): LineEvidence[] {
  const named = new Set(candidates.slice(0, 2).flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  const countIn = ({ lines }: Weighed, sku: string) => lines.find((line) => line.sku === sku)?.count ?? 0;
  return catalog.products.flatMap((product): LineEvidence[] => {
    // What a view that was cut short does not name did not change, and how many it saw is not known.
    const sightings = (cameras ?? [])
      .filter((view) => view.partial !== true || isNamed(view, product))
      .map(
        ({ camera, before, after }): LineSighting => ({
          camera,
          before: countOf(before, product),
          after: countOf(after, product),
        }),
      );
    if (!named.has(product.sku) && sightings.every(({ before, after }) => before === after)) return [];
    const count = countIn(candidates[0]!, product.sku);
    const probability = candidates.reduce(
      (sum, candidate) => sum + (countIn(candidate, product.sku) >= Math.max(1, count) ? candidate.probability : 0),
      0,
    );
    const { sku, massGrams } = product;
    return [{ sku, count, probability: Math.min(1, probability), grams: count * massGrams, cameras: sightings }];
  });
}

/** A reading that is no number is silence. */
function sane(scale: ScaleReading | null): ScaleReading | null {
  return scale !== null && isSane(scale) ? scale : null;
}

function isSane({ removedGrams, sigmaGrams }: ScaleReading): boolean {
  return Number.isFinite(removedGrams) && Number.isFinite(sigmaGrams) && sigmaGrams >= 0;
}

function removedOf({ scale, zones }: { scale: ScaleReading | null; zones: readonly ZoneReading[] }): number {
  return scale?.removedGrams ?? zones.reduce((sum, { removedGrams }) => sum + removedGrams, 0);
}
