// Turns the evidence of a visit into the most probable basket, how sure we are of it, and what is certain in any case.
import type { Catalog } from '../catalog/product.ts';
import type { Basket, BasketLine, Verdict } from './basket.ts';
import type { CaseEvidence } from './evidence.ts';
import { CHARGE_PROBABILITY_MIN } from './policy.ts';
import { inGrams, reasonFor } from './reason.ts';
import { type Explanation, searchBaskets } from './search.ts';

export interface ReconcileInput extends CaseEvidence {
  /** As frozen at the visit's start. */
  readonly catalog: Catalog;
}

/** Explanations that name the same pieces, whatever was put in beside. */
interface Candidate {
  readonly lines: readonly BasketLine[];
  readonly probability: number;
  /** At least one explanation is exactly what the cameras counted. */
  readonly camerasAgree: boolean;
}

/** Total and deterministic: any evidence gives a basket, at worst an empty one that is `disputed`. */
export function reconcile({ catalog, scale, cameras }: ReconcileInput): Basket {
  const told = { scale, cameras: cameras?.map(([label, count]) => ({ label, count })) ?? null };
  const disputed = { lines: [], verdict: 'disputed', probability: 0, runnerUp: null, ...told } as const;
  if (scale === null && cameras === null) return { ...disputed, reason: 'Neither the scale nor the cameras reported.' };
  const result = searchBaskets(catalog, { scale, cameras });
  if (result.kind === 'unexplained') {
    return { ...disputed, reason: `No basket of this catalog explains ${inGrams(scale?.removedGrams ?? 0)}.` };
  }
  if (result.kind === 'too_many') {
    return { ...disputed, reason: 'Too many baskets explain this equally well.' };
  }
  const candidates = candidatesOf(result.explanations, catalog);
  const [best, next] = candidates as [Candidate, ...Candidate[]];
  const verdict = verdictOf(best, { scale, cameras });
  const lines = commonLines(candidates);
  return {
    lines,
    verdict,
    probability: best.probability,
    runnerUp: next === undefined ? null : { lines: next.lines, probability: next.probability },
    reason: reasonFor({ verdict, best, next, lines, ...told }),
    ...told,
  };
}

/** The most probable first; equals in the order of their lines, so that the same evidence always gives the same basket. */
function candidatesOf(explanations: readonly Explanation[], catalog: Catalog): Candidate[] {
  const best = Math.min(...explanations.map(({ costNats }) => costNats));
  const weighed = explanations.map((explanation) => ({
    lines: linesOf(explanation, catalog),
    weight: Math.exp(best - explanation.costNats),
    camerasAgree: explanation.asSeen,
  }));
  const whole = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const byLines = Map.groupBy(weighed, ({ lines }) => keyOf(lines));
  return [...byLines]
    .map(([key, same]) => ({
      key,
      lines: same[0]!.lines,
      probability: Math.min(1, same.reduce((sum, { weight }) => sum + weight, 0) / whole),
      camerasAgree: same.some(({ camerasAgree }) => camerasAgree),
    }))
    .sort((a, b) => b.probability - a.probability || (a.key < b.key ? -1 : 1));
}

function linesOf({ counts }: Explanation, catalog: Catalog): BasketLine[] {
  return catalog.products.map(({ sku }) => ({ sku, count: counts.get(sku) ?? 0 })).filter(({ count }) => count > 0);
}

function keyOf(lines: readonly BasketLine[]): string {
  return lines.map(({ sku, count }) => `${sku}=${count}`).join(',');
}

function verdictOf({ probability, camerasAgree }: Candidate, { scale, cameras }: CaseEvidence): Verdict {
  if (probability < CHARGE_PROBABILITY_MIN) return 'disputed';
  if (scale === null) return 'vision_decided';
  return cameras !== null && camerasAgree ? 'agreed' : 'weight_decided';
}

/** The pieces in each of the explanations that reach the threshold together: of one alone, all. In doubt the customer wins. */
function commonLines(candidates: readonly Candidate[]): BasketLine[] {
  let reached = 0;
  let common: readonly BasketLine[] | undefined;
  for (const { lines, probability } of candidates) {
    common = common === undefined ? lines : common.flatMap((line) => smaller(line, lines));
    reached += probability;
    if (reached >= CHARGE_PROBABILITY_MIN) break;
  }
  return [...(common ?? [])];
}

function smaller({ sku, count }: BasketLine, others: readonly BasketLine[]): BasketLine[] {
  const other = others.find((line) => line.sku === sku);
  return other === undefined ? [] : [{ sku, count: Math.min(count, other.count) }];
}
