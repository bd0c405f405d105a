// Finds every basket that explains the evidence about as well as the best one: exact within a stated margin, bounded in
// work, the same every time. Costs are nats (minus the log of an unnormalised posterior) above a floor that no basket
// can pass: what the cameras alone think best, at exactly the measured mass.
import type { Catalog } from '../catalog/product.ts';
import { BasketStack, type Pick } from './basket-stack.ts';
import type { Effort } from './effort.ts';
import type { Family } from './families.ts';
import type { FamilyLikelihood } from './family-likelihood.ts';
import { type Option, optionsOf } from './options.ts';
import type { Prior } from './prior.ts';
import type { ScaleModel } from './scale-model.ts';

/** Explanations kept. */
const FOUND_MAX = 5_000;
/** What is left out is each so many nats (a factor of 22,000) less probable than the best explanation. */
export const MARGIN_NATS = 10;
/** How much further each round looks while nothing has been found. */
const ROUND_NATS = 6;
/** What the cameras think at most so much (a factor of 20) less probable than their best, they have seen. */
const SEEN_NATS = 3;
/** Of a product that seems untouched, at most so many pieces are tried as taken; or one as brought in. */
const UNSEEN_COUNT_MAX = 4;

export interface Explanation {
  readonly picks: readonly Pick[];
  readonly costNats: number;
  /** The cameras alone would have said the same. */
  readonly asSeen: boolean;
  /** The mass speaks for it. */
  readonly asWeighed: boolean;
}

/** Every product is in exactly one. */
export interface Group {
  readonly family: Family;
  /** null where the cameras say nothing about it. */
  readonly likelihood: FamilyLikelihood | null;
}

export interface SearchInput {
  readonly catalog: Catalog;
  readonly groups: readonly Group[];
  readonly prior: Prior;
  readonly effort: Effort;
  /** null without a weighing: then the cameras decide alone. */
  readonly scale: ScaleModel | null;
}

/** Every explanation within MARGIN_NATS of the best, in no order; perhaps not all where the effort is over. */
export function searchBaskets(input: SearchInput): readonly Explanation[] {
  return new Search(input).run();
}

/** A family in which something changed. */
interface Active {
  readonly family: Family;
  readonly likelihood: FamilyLikelihood;
  options: readonly Option[];
}

/** A kind that seems untouched, and what the cameras say against taking some of it all the same: nats. */
interface Quiet {
  readonly products: readonly number[];
  cost(count: number): number;
}

function quietKinds({ kinds }: Family, likelihood: FamilyLikelihood | null): Quiet[] {
  const none = kinds.map(() => 0);
  return kinds.map(({ products }, kind) => ({
    products,
    cost: (count) =>
      likelihood === null ? 0 : likelihood.cost(none.map((_, at) => (at === kind ? count : 0))) - likelihood.cost(none),
  }));
}

/** A product that seems untouched, taken (or put in) all the same. */
interface Deviation extends Pick {
  readonly cost: number;
  readonly massGrams: number;
}

/** So many of products that the cameras cannot tell apart. */
interface Demand {
  readonly products: readonly number[];
  readonly count: number;
}

/** A choice of kind counts for every active family, still without what the cameras cannot tell apart. */
interface Partial {
  readonly cost: number;
  readonly demands: readonly Demand[];
  readonly asSeen: boolean;
}

class Search {
  private readonly input: SearchInput;
  private readonly basket: BasketStack;
  private readonly active: Active[] = [];
  private readonly quiet: Quiet[] = [];
  private deviations: readonly Deviation[] = [];
  private byMass: readonly { readonly deviation: Deviation; readonly rank: number }[] = [];
  private widest = 0;
  private putInCost = Number.POSITIVE_INFINITY;
  private found: Explanation[] = [];
  private limit = 0;

  constructor(input: SearchInput) {
    this.input = input;
    this.basket = new BasketStack(input.catalog, input.scale?.zones ?? []);
    for (const { family, likelihood } of input.groups) {
      if (likelihood === null || likelihood.isQuiet) this.quiet.push(...quietKinds(family, likelihood));
      else this.active.push({ family, likelihood, options: [] });
    }
  }

  run(): readonly Explanation[] {
    let limit = ROUND_NATS;
    let best = this.round(limit);
    while (best === undefined && !this.input.effort.isOver) {
      limit += ROUND_NATS;
      best = this.round(limit);
    }
    // Everything up to the limit was found, so nothing is better than this best.
    if (best !== undefined && !this.input.effort.isOver && limit < best + MARGIN_NATS) this.round(best + MARGIN_NATS);
    return this.found;
  }

  /** The cost of the best explanation of at most `limit` nats; undefined where there is none. */
  private round(limit: number): number | undefined {
    this.limit = limit;
    this.found = [];
    for (const group of this.active) {
      const { options, isWhole } = optionsOf(group.family, group.likelihood, this.input.prior, limit);
      group.options = options;
      if (!isWhole) this.input.effort.stop();
    }
    this.deviations = this.quiet
      .flatMap((kind) => this.deviationsOf(kind))
      .sort((a, b) => a.cost - b.cost || a.product - b.product || a.count - b.count);
    this.byMass = this.deviations
      .map((deviation, rank) => ({ deviation, rank }))
      .sort((a, b) => a.deviation.massGrams - b.deviation.massGrams);
    const putIns = this.deviations.filter(({ count }) => count < 0);
    this.putInCost = Math.min(Number.POSITIVE_INFINITY, ...putIns.map(({ cost }) => cost));
    this.widest = this.basket.widestVariance(this.deviations);
    this.chooseOptions(0, { cost: 0, demands: [], asSeen: true });
    const costs = this.found.map(({ costNats }) => costNats);
    return costs.length === 0 ? undefined : costs.reduce((least, cost) => Math.min(least, cost));
  }

  /** Each more improbable than the one before: the first beyond the limit ends it. */
  private deviationsOf({ products, cost }: Quiet): Deviation[] {
    return products.flatMap((product) => {
      const deviations: Deviation[] = [];
      for (const step of [1, -1] as const) {
        for (let count = step; Math.abs(count) <= (step === 1 ? UNSEEN_COUNT_MAX : 1); count += step) {
          const prior = this.input.prior.cost(product, count);
          if (prior > this.limit) break;
          const whole = Math.max(0, prior + cost(count));
          if (whole > this.limit) break;
          deviations.push({ product, count, cost: whole, massGrams: count * this.basket.massGrams(product) });
        }
      }
      return deviations;
    });
  }

  private chooseOptions(at: number, partial: Partial): void {
    const group = this.active[at];
    if (group === undefined) {
      this.finish(partial);
      this.deviate(0, partial);
      return;
    }
    const best = group.options[0]?.cost ?? 0;
    for (const { counts, cost } of group.options) {
      if (this.isSpent() || partial.cost + cost - best > this.limit) return;
      const picks: Pick[] = [];
      const demands: Demand[] = [...partial.demands];
      counts.forEach((count, kind) => {
        const { products } = group.family.kinds[kind]!;
        if (count !== 0 && products.length === 1) picks.push({ product: products[0]!, count });
        if (count !== 0 && products.length > 1) demands.push({ products, count });
      });
      for (const pick of picks) this.basket.push(pick);
      this.chooseOptions(at + 1, {
        cost: partial.cost + cost - best,
        demands,
        asSeen: partial.asSeen && cost - best < SEEN_NATS,
      });
      for (const _ of picks) this.basket.pop();
    }
  }

  /** What seems untouched and went all the same: in the order of cost, except the last, which is found by its mass. */
  private deviate(from: number, partial: Partial): void {
    if (this.isTooHeavy(partial.cost)) return;
    const isSplit = partial.demands.length > 0;
    if (!isSplit) this.deviateOnce(from, partial.cost);
    for (let index = from; index < this.deviations.length && !this.isSpent(); index += 1) {
      const deviation = this.deviations[index]!;
      const further = isSplit ? 0 : (this.deviations[index + 1]?.cost ?? Number.POSITIVE_INFINITY);
      const cost = partial.cost + deviation.cost;
      if (cost + further > this.limit) return;
      if (this.basket.has(deviation.product)) continue;
      this.basket.push(deviation);
      const next = { ...partial, cost, asSeen: false };
      if (isSplit) this.finish(next);
      this.deviate(index + 1, next);
      this.basket.pop();
    }
  }

  private deviateOnce(from: number, cost: number): void {
    const cheapest = this.deviations[from]?.cost;
    if (cheapest === undefined || cost + cheapest > this.limit) return;
    const [low, high] = this.window(this.limit - cost - cheapest);
    for (let index = this.firstFrom(low); index < this.byMass.length && !this.isSpent(); index += 1) {
      const { deviation, rank } = this.byMass[index]!;
      if (deviation.massGrams > high) return;
      if (rank < from || cost + deviation.cost > this.limit || this.basket.has(deviation.product)) continue;
      this.basket.push(deviation);
      this.keep(cost + deviation.cost, false);
      this.basket.pop();
    }
  }

  /** Masses of one more piece that could bring the basket within `nats` of the reading. */
  private window(nats: number): readonly [low: number, high: number] {
    const { scale } = this.input;
    if (scale === null) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const { massGrams, variance } = this.basket.load;
    const reach = scale.reachGrams(nats, variance + this.widest);
    return [scale.removedGrams - massGrams - reach, scale.removedGrams - massGrams + reach];
  }

  private firstFrom(massGrams: number): number {
    let [low, high] = [0, this.byMass.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.byMass[middle]!.deviation.massGrams < massGrams) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private finish({ cost, demands, asSeen }: Partial): void {
    if (demands.length === 0) return this.keep(cost, asSeen);
    const { prior } = this.input;
    const paid = demands.reduce((sum, { products, count }) => sum + leastPrior(prior, products, count), 0);
    this.split(demands, 0, { at: 0, left: demands[0]!.count }, cost - paid, asSeen);
  }

  /** Which of the products that the cameras cannot tell apart went: every split. */
  private split(
    demands: readonly Demand[],
    which: number,
    { at, left }: { at: number; left: number },
    cost: number,
    asSeen: boolean,
  ): void {
    if (left === 0) {
      const next = demands[which + 1];
      if (next === undefined) return this.keep(cost, asSeen);
      return this.split(demands, which + 1, { at: 0, left: next.count }, cost, asSeen);
    }
    const { products } = demands[which]!;
    for (let index = at; index < products.length && !this.isSpent(); index += 1) {
      const product = products[index]!;
      for (let count = Math.sign(left); Math.abs(count) <= Math.abs(left); count += Math.sign(left)) {
        const more = cost + this.input.prior.cost(product, count);
        if (more > this.limit) break;
        this.basket.push({ product, count });
        this.split(demands, which, { at: index + 1, left: left - count }, more, asSeen);
        this.basket.pop();
      }
    }
  }

  private keep(cost: number, asSeen: boolean): void {
    const { scale } = this.input;
    const costNats = cost + (scale?.cost(this.basket.load) ?? 0);
    if (costNats > this.limit) return;
    const asWeighed = scale?.fits(this.basket.load) ?? false;
    this.found.push({ picks: this.basket.picks(), costNats, asSeen, asWeighed });
  }

  /** More pieces only make it worse, and bringing something in costs more than is left. */
  private isTooHeavy(cost: number): boolean {
    const { scale } = this.input;
    if (scale === null || cost + this.putInCost <= this.limit) return false;
    const { massGrams, variance } = this.basket.load;
    if (massGrams <= scale.removedGrams) return false;
    return massGrams - scale.removedGrams > scale.reachGrams(this.limit - cost, variance + this.widest);
  }

  /** Counts one partial basket. */
  private isSpent(): boolean {
    if (this.found.length >= FOUND_MAX) this.input.effort.stop();
    return !this.input.effort.step();
  }
}

function leastPrior(prior: Prior, products: readonly number[], count: number): number {
  return Math.min(...products.map((product) => prior.cost(product, count)));
}
