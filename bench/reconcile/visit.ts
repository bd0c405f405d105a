// One visit of the benchmark: what was really taken, and what the scale and the cameras say of it. The evidence goes to
// the contenders; the truth to the score; the true parameters to the oracle, which is told the state of each camera but
// never the scenario.
import type { BasketLine, CaseEvidence, Catalog } from '@tapcase/domain';
import { drawStock, linesOf, type Pieces } from './basket-draw.ts';
import { look } from './cameras.ts';
import { normal, pickWeighted, type Random, randomOf } from './draw.ts';
import type { CameraState, Piece, Plan } from './plan.ts';
import { planOf } from './scenarios.ts';
import { type Rates, SCENARIO_NAMES, type Scenario } from './standard-mix.ts';
import { weigh } from './weighing.ts';
import type { SkuRates, World } from './world.ts';

/** What a contender is given; the same words as the reconciler's input. */
export interface CaseInput extends CaseEvidence {
  readonly catalog: Catalog;
  /** SKU to pieces before the visit, as the books say. */
  readonly stock: Pieces;
}

export interface TruthParameters {
  readonly cameras: Readonly<Record<string, CameraState>>;
  /** Sigma of the whole case's reading, without what a scenario adds. */
  readonly scaleSigmaGrams: number;
  readonly cellSigmaGrams: number;
  readonly rates: Rates;
  /** In percent. */
  readonly shares: Readonly<Record<Scenario, number>>;
  readonly skus: Readonly<Record<string, SkuRates>>;
  readonly popularity: Readonly<Record<string, number>>;
}

export interface VisitCase extends CaseInput {
  readonly id: string;
  readonly scenario: Scenario;
  readonly truth: readonly BasketLine[];
  readonly truthParameters: TruthParameters;
}

export interface VisitOptions {
  /** Contenders learn from `train` and are measured on `test`. */
  readonly split: 'train' | 'test';
  readonly seed: number;
  readonly index: number;
  /** Instead of one drawn by the shares. */
  readonly scenario?: Scenario;
  /** Variant: every shelf has a plate on a cell of its own. */
  readonly plates?: boolean;
}

export function makeVisit(world: World, { split, seed, index, scenario, plates = false }: VisitOptions): VisitCase {
  // A visit whose scenario was asked for is another visit than the one with that number.
  const id = [world.id, split, seed, index, ...(scenario === undefined ? [] : [scenario])].join('-');
  const random = randomOf('visit', id);
  const drawn = pickWeighted(random, SCENARIO_NAMES, (name) => world.mix.shares[name])!;
  const stock = drawStock(random, world);
  const plan = planOf(scenario ?? drawn, { world, stock, random });
  const pieces = piecesOf(world, stock, plan, random);
  const { scale, zones } = weigh(pieces, plan, world.mix.rates, random);
  const cameras = look(pieces, plan, world, random);
  const { rates, shares } = world.mix;
  return {
    id,
    scenario: scenario ?? drawn,
    catalog: world.catalog,
    scale,
    zones: plates ? zones : [],
    cameras,
    stock: plan.stockTold,
    truth: linesOf(world.catalog, plan.taken),
    truthParameters: {
      cameras: plan.cameras,
      scaleSigmaGrams: 2 * rates.cellSigmaGrams,
      cellSigmaGrams: rates.cellSigmaGrams,
      rates,
      shares,
      skus: world.skus,
      popularity: world.popularity,
    },
  };
}

/** Every piece; those that move have a mass of their own, the others are never weighed apart. */
function piecesOf({ catalog }: World, stock: Pieces, plan: Plan, random: Random): Piece[] {
  return catalog.products.flatMap((product) => {
    const { sku, zone: home = '' } = product;
    const massGrams = () =>
      Math.max(0, product.massGrams * (plan.massFactors[sku] ?? 1) + normal(random, product.toleranceGrams));
    const taken = plan.taken[sku] ?? 0;
    const moved = plan.moved.filter((move) => move.sku === sku);
    const staying = (stock[sku] ?? 0) - taken - moved.length;
    return [
      ...repeat(taken, () => ({ sku, massGrams: massGrams(), from: home, to: null, handled: true })),
      ...moved.map(({ to }) => ({ sku, massGrams: massGrams(), from: home, to, handled: true })),
      ...repeat(staying, () => ({ sku, massGrams: product.massGrams, from: home, to: home, handled: false })),
      ...repeat(plan.added[sku] ?? 0, () => ({ sku, massGrams: massGrams(), from: null, to: home, handled: true })),
    ];
  });
}

function repeat<Item>(count: number, make: () => Item): Item[] {
  return Array.from({ length: count }, make);
}
