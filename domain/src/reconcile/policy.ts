// Decides what of a basket is charged, and when a person must look. In doubt the customer wins.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import type { LocalText } from '../protocol/api.ts';
import type { Basket, BasketLine, Verdict } from './basket.ts';

/** Chosen on the benchmark's training half, so that fewer than one customer in 1,000 is overcharged. */
const CHARGE_PROBABILITY_MIN = 0.98;
const CERTAIN_PROBABILITY_MIN = 0.998;

const probability = v.pipe(v.number(), v.minValue(0.5), v.maxValue(0.9999));
const thresholdsSchema = v.strictObject({
  /** Posterior of the best basket from which it is charged whole. */
  charge: probability,
  /** Posterior that the explanations reach together of which the common part is charged when the best one falls short. */
  certain: probability,
});

export type Thresholds = v.InferOutput<typeof thresholdsSchema>;

export const DEFAULT_THRESHOLDS: Thresholds = { charge: CHARGE_PROBABILITY_MIN, certain: CERTAIN_PROBABILITY_MIN };

/** Thresholds, or `reconcile.bad-thresholds`: each from 0.5 to 0.9999. */
export function parseThresholds(value: unknown): Thresholds | Fault {
  const result = v.safeParse(thresholdsSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? '(whole)';
  return new Fault('reconcile.bad-thresholds', `${where}: ${issue.message}`, { where });
}

export interface Charge {
  readonly lines: readonly BasketLine[];
  /** A person should look, whatever is charged: one source was silent or wrong. */
  readonly flagged: boolean;
  /** Something may have been taken and nothing of it is certain: release the hold and let a person decide. */
  readonly review: boolean;
}

export function chargeable({ verdict, lines }: Pick<Basket, 'verdict' | 'lines'>): Charge {
  return { lines, flagged: verdict !== 'agreed', review: verdict === 'disputed' && lines.length === 0 };
}

/**
 * The basket as a person must look at it before anything is charged: the operator's own flow is more careful than the shop.
 * Its explanations stay, so that whoever looks sees what would have been charged.
 */
export function heldBack(basket: Basket, reason: LocalText): Basket {
  return { ...basket, lines: [], verdict: 'disputed', reason };
}

/** What the decision means for the visit. */
export type Ruling = 'agreed' | 'partly' | 'review' | 'nothing';

/** `agreed`: charge it all. `partly`: charge what is certain, a person looks. `review`: charge nothing, a person looks. */
export function rulingOf({ verdict, lines }: Pick<Basket, 'verdict' | 'lines'>): Ruling {
  if (verdict === 'disputed') return lines.length > 0 ? 'partly' : 'review';
  return lines.length > 0 ? 'agreed' : 'nothing';
}

/** One explanation as the verdict needs it. */
export interface Weighed {
  readonly lines: readonly BasketLine[];
  readonly probability: number;
  /** The cameras together find it as probable as anything. */
  readonly asSeen: boolean;
  readonly asWeighed: boolean;
}

export interface Sources {
  readonly hasScale: boolean;
  readonly hasCameras: boolean;
  /** A camera that can be counted on counted exactly the best basket. */
  readonly isCounted: boolean;
  /** The search could not try everything. */
  readonly limited: boolean;
}

export function verdictOf(
  best: Weighed,
  { hasScale, hasCameras, isCounted, limited }: Sources,
  { charge }: Thresholds,
): Verdict {
  if (limited || best.probability < charge) return 'disputed';
  const isSeen = hasCameras && best.asSeen;
  if (hasScale && best.asWeighed) return isSeen ? 'agreed' : 'weight_decided';
  // Cameras that contradict one another decide nothing alone, whatever lies between them.
  return isSeen && isCounted ? 'vision_decided' : 'disputed';
}

/**
 * The pieces in each of the explanations that reach the threshold together: of one alone, all. Nothing is certain where the
 * search was cut short, or where the best explanation has neither cameras nor mass on its side.
 */
export function certainLines(
  candidates: readonly Weighed[],
  { limited }: Pick<Sources, 'limited'>,
  { certain }: Thresholds,
): BasketLine[] {
  const best = candidates[0];
  if (limited || best === undefined || !(best.asSeen || best.asWeighed)) return [];
  let reached = 0;
  let common: readonly BasketLine[] | undefined;
  for (const { lines, probability } of candidates) {
    common = common === undefined ? lines : common.flatMap((line) => smaller(line, lines));
    reached += probability;
    if (reached >= certain) return [...common];
  }
  return [];
}

function smaller({ sku, count }: BasketLine, others: readonly BasketLine[]): BasketLine[] {
  const other = others.find((line) => line.sku === sku);
  return other === undefined ? [] : [{ sku, count: Math.min(count, other.count) }];
}
