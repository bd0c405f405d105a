// Turns the evidence of a visit into the most probable basket, how sure we are of it, and what is certain in any case.
import type { Catalog } from '../catalog/product.ts';
import { type Basket, type BasketLine, CANDIDATES_MAX, type Verdict } from './basket.ts';
import type { SeenRemoval } from './camera-model.ts';
import type { CameraView, CaseEvidence } from './evidence.ts';
import { CHARGE_PROBABILITY_MIN } from './policy.ts';
import { reasonFor } from './reason.ts';
import { type Explanation, searchBaskets } from './search.ts';

export interface ReconcileInput extends CaseEvidence {
  /** As frozen at the visit's start. */
  readonly catalog: Catalog;
  /** SKU to pieces in the case before the visit; a SKU that is not named: not known. */
  readonly stock?: Readonly<Record<string, number>>;
}

/** Total and deterministic: any evidence gives a basket, at worst an empty one that is `disputed`. */
export function reconcile({ catalog, scale, zones, cameras }: ReconcileInput): Basket {
  const work = { tried: 0, limited: false };
  const told = { scale, zones, cameras, work } as const;
  const nothing = { lines: [], verdict: 'disputed', probability: 0, candidates: [], evidence: [], ...told } as const;
  const because = (en: string) => ({ ...nothing, reason: { en, es: en } });
  if (scale === null && cameras === null) return because('Neither the scale nor the cameras reported.');
  const result = searchBaskets(catalog, { scale, cameras: cameras === null ? null : mergedOf(cameras) });
  if (result.kind === 'unexplained') return because('No basket of this catalog explains this.');
  if (result.kind === 'too_many') return because('Too many baskets explain this equally well.');
  const candidates = candidatesOf(result.explanations, catalog);
  const [best, next] = candidates as [Found, ...Found[]];
  const verdict = verdictOf(best, { scale, cameras });
  const lines = commonLines(candidates);
  const reason = reasonFor({ verdict, best, next, lines, scale, cameras: cameras === null ? null : [] });
  return {
    lines,
    verdict,
    probability: best.probability,
    candidates: candidates.slice(0, CANDIDATES_MAX).map((one) => ({ lines: one.lines, probability: one.probability })),
    evidence: best.lines.map(({ sku, count }) => ({
      sku,
      count,
      probability: best.probability,
      grams: count * (catalog.products.find((product) => product.sku === sku)?.massGrams ?? 0),
      cameras: [],
    })),
    reason: { en: reason, es: reason },
    ...told,
  };
}

function mergedOf(views: readonly CameraView[]): SeenRemoval[] {
  const labels = new Set(views.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)]));
  const most = (side: 'before' | 'after', label: string) => Math.max(0, ...views.map((view) => view[side][label] ?? 0));
  return [...labels].map((label) => [label, most('before', label) - most('after', label), 1] as const);
}

/** Explanations that name the same pieces, whatever was put in beside. */
interface Found {
  readonly lines: readonly BasketLine[];
  readonly probability: number;
  /** At least one explanation is exactly what the cameras counted. */
  readonly camerasAgree: boolean;
}

/** The most probable first; equals in the order of their lines, so that the same evidence always gives the same basket. */
function candidatesOf(explanations: readonly Explanation[], catalog: Catalog): Found[] {
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

function verdictOf(
  { probability, camerasAgree }: Found,
  { scale, cameras }: Pick<CaseEvidence, 'scale' | 'cameras'>,
): Verdict {
  if (probability < CHARGE_PROBABILITY_MIN) return 'disputed';
  if (scale === null) return 'vision_decided';
  return cameras !== null && camerasAgree ? 'agreed' : 'weight_decided';
}

/** The pieces in each of the explanations that reach the threshold together: of one alone, all. In doubt the customer wins. */
function commonLines(candidates: readonly Found[]): BasketLine[] {
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
