// Finds every basket that explains the evidence about as well as the best one does. Exact within a stated margin,
// bounded in work: cost is counted in nats (minus the log of an unnormalised posterior), and only grows with each piece.
import type { Catalog } from '../catalog/product.ts';
import { type Kind, kindCost, kindsOf, MISS_AGAIN_COST, type SeenRemoval } from './camera-model.ts';
import type { ScaleReading } from './evidence.ts';
import { scaleModel } from './scale-model.ts';
import { countsOf, PIECES_MAX, PUT_IN_COST, type Step, sizeCosts, stepsOf } from './steps.ts';

/**
 * Pieces tried, over all rounds: the hard bound on work, a tenth of a second on a small machine. A search that comes
 * here has so many explanations that none of them is worth charging on.
 */
export const WORK_MAX = 1_000_000;
/** Explanations kept. More than this, and again none is probable. */
const FOUND_MAX = 20_000;
/** What is left out is each a million times less probable than the best explanation. */
const MARGIN_NATS = Math.log(1e6);
/** How much further each round looks while nothing has been found. */
const ROUND_NATS = 8;

interface CaseEvidence {
  readonly scale: ScaleReading | null;
  readonly cameras: readonly SeenRemoval[] | null;
}

export interface Explanation {
  /** SKU to net pieces, in the catalog's order; below zero was put in. */
  readonly counts: ReadonlyMap<string, number>;
  readonly costNats: number;
  /** The cameras counted exactly this, as far as they can see. */
  readonly asSeen: boolean;
}

/** `work` is how many pieces were tried. */
export type SearchResult =
  | { readonly kind: 'found'; readonly explanations: readonly Explanation[]; readonly work: number }
  /** No basket of the catalog has this mass. */
  | { readonly kind: 'unexplained'; readonly work: number }
  | { readonly kind: 'too_many'; readonly work: number };

export function searchBaskets(catalog: Catalog, evidence: CaseEvidence): SearchResult {
  const searchUpTo = createSearch(catalog, evidence);
  let limit = ROUND_NATS;
  for (;;) {
    const { found, cut, spent, work } = searchUpTo(limit);
    if (spent) return { kind: 'too_many', work };
    if (found.length > 0) {
      const best = Math.min(...found.map(({ costNats }) => costNats));
      if (!cut || limit >= best + MARGIN_NATS) return { kind: 'found', explanations: found, work };
      limit = best + MARGIN_NATS;
    } else if (cut) {
      limit += ROUND_NATS;
    } else {
      return { kind: 'unexplained', work };
    }
  }
}

interface Round {
  readonly found: readonly Explanation[];
  /** Something was left out for costing more than the limit. */
  readonly cut: boolean;
  readonly spent: boolean;
  /** Of all rounds so far. */
  readonly work: number;
}

/** One round: every basket of at most `limit` nats, depth first, one piece after the other in the order of the steps. */
function createSearch(catalog: Catalog, evidence: CaseEvidence): (limit: number) => Round {
  const kinds = kindsOf(catalog, evidence.cameras).sort(mostSeenFirst);
  const steps = stepsOf(kinds);
  const sizeCost = sizeCosts(catalog.products.length);
  const scale = scaleModel(evidence.scale);
  const everyKindIsSeen = kinds.every(({ seen }) => seen !== null);
  const counts = kinds.map(() => 0);
  const path: Step[] = [];
  let work = 0;

  return (limit) => {
    const found: Explanation[] = [];
    let cut = false;
    const isAsSeen = () => kinds.every(({ seen }, kind) => seen === null || seen === counts[kind]);
    const isSpent = () => work >= WORK_MAX || found.length >= FOUND_MAX;

    const visit = (from: number, basket: Draft): void => {
      const costNats = basket.pieceNats + basket.cameraNats + scale.cost(basket.massGrams, basket.variance);
      if (costNats <= limit) found.push({ counts: countsOf(path), costNats, asSeen: isAsSeen() });
      else if (costNats < Number.POSITIVE_INFINITY) cut = true;
      let { closedNats } = basket;
      for (let index = from; index < steps.length && !isSpent(); index += 1) {
        work += 1;
        const step = steps[index]!;
        const next = add({ ...basket, closedNats }, step);
        if (next !== undefined) {
          if (lowerBound(next, step) <= limit) descend(index, next, step);
          else cut = true;
        }
        if (!step.closesKind) continue;
        closedNats += kindCost(kinds[step.kind]!, counts[step.kind]!);
        if (closedNats + basket.pieceNats <= limit) continue;
        cut = true;
        return;
      }
    };
    const descend = (index: number, next: Draft, step: Step): void => {
      counts[step.kind]! += step.direction;
      path.push(step);
      visit(index, next);
      path.pop();
      counts[step.kind]! -= step.direction;
    };

    visit(0, emptyBasket(kinds));
    return { found, cut, spent: isSpent(), work };
  };

  /** The basket with one piece more; undefined where no further piece could make it an explanation. */
  function add(basket: Draft, step: Step): Draft | undefined {
    const kind = kinds[step.kind]!;
    const before = counts[step.kind]!;
    const after = before + step.direction;
    const massGrams = basket.massGrams + step.massGrams;
    const variance = basket.variance + step.variance;
    const taken = basket.taken + (step.direction === 1 ? 1 : 0);
    if (step.direction === 1 && scale.isTooHeavy(massGrams, variance)) return undefined;
    if (step.direction === -1 && after < (kind.seen ?? 0)) return undefined;
    if (taken > PIECES_MAX) return undefined;
    return {
      massGrams,
      variance,
      taken,
      closedNats: basket.closedNats,
      pieceNats: basket.pieceNats + (step.direction === 1 ? sizeCost[taken]! - sizeCost[taken - 1]! : PUT_IN_COST),
      cameraNats: basket.cameraNats + kindCost(kind, after) - kindCost(kind, before),
      unmatched: basket.unmatched - (step.direction === 1 && before < (kind.seen ?? 0) ? 1 : 0),
    };
  }

  /** No basket that grows from this one with `step` and later ones costs less. */
  function lowerBound({ massGrams, variance, taken, pieceNats, closedNats, unmatched }: Draft, step: Step): number {
    const needed = scale.piecesNeeded(massGrams, variance, step.reachGrams);
    const size = taken + needed;
    if (size > PIECES_MAX) return Number.POSITIVE_INFINITY;
    const unseen = everyKindIsSeen ? Math.max(0, needed - unmatched) : 0;
    return closedNats + pieceNats + sizeCost[size]! - sizeCost[taken]! + unseen * MISS_AGAIN_COST;
  }
}

/** A basket on the way, with what it costs so far. */
interface Draft {
  readonly massGrams: number;
  readonly variance: number;
  readonly taken: number;
  /** For its size and for what was put in. */
  readonly pieceNats: number;
  /** For the cameras, if no piece is added. */
  readonly cameraNats: number;
  /** For the cameras, of the kinds that can change no more. */
  readonly closedNats: number;
  /** Pieces that the cameras saw go and that are not in the basket yet. */
  readonly unmatched: number;
}

function emptyBasket(kinds: readonly Kind[]): Draft {
  return {
    massGrams: 0,
    variance: 0,
    taken: 0,
    pieceNats: 0,
    cameraNats: kinds.reduce((sum, kind) => sum + kindCost(kind, 0), 0),
    closedNats: 0,
    unmatched: kinds.reduce((sum, { seen }) => sum + Math.max(0, seen ?? 0), 0),
  };
}

/** What the cameras saw is decided first, so that contradicting them costs at once and cuts the branch. */
function mostSeenFirst(a: Kind, b: Kind): number {
  return Math.abs(b.seen ?? 0) - Math.abs(a.seen ?? 0);
}
