// Turns a scenario's name into what happens in one visit: who takes what, what breaks, what the books say.
import { drawBasket, drawSize, type Pieces } from './basket-draw.ts';
import { between, chance, integer, normal, pick, type Random, shuffled } from './draw.ts';
import type { Plan, ScalePlan } from './plan.ts';
import { CAMERAS, type Scenario, ZONES } from './standard-mix.ts';
import type { World } from './world.ts';

interface Setting {
  readonly world: World;
  readonly stock: Pieces;
  readonly random: Random;
}

/** Of put-backs, those where nothing else is taken: somebody looked at one thing. */
const ONLY_HANDLED_SHARE = 0.3;
/** Pieces. */
const BIG_BASKET = [8, 12] as const;
/** Grams: what a scale with a sigma of 5.7 g cannot tell apart. */
const CLOSE_GRAMS = 5;
/** Of the products, those whose stock is wrong in the books. */
const WRONG_STOCK_SHARE = 0.1;
/** Pieces of one product that a restock brings. */
const RESTOCK = [2, 6] as const;
const STEADY: ScalePlan = { isDead: false, noiseFactor: 1, driftSigmaGrams: 0, leaningSigmaGrams: 0, foreign: null };
const GOOD = Object.fromEntries(CAMERAS.map((camera) => [camera, 'good' as const]));

export function planOf(scenario: Scenario, setting: Setting): Plan {
  return { ...plainPlan(setting), ...changesOf(scenario, setting) };
}

function plainPlan({ world, stock, random }: Setting): Plan {
  const taken = drawBasket(random, world, stock);
  const nothing = { moved: [], added: {}, stacked: new Set<string>(), massFactors: {} };
  return { taken, ...nothing, stockTold: stock, cameras: GOOD, scale: STEADY };
}

/** What a scenario makes otherwise than a plain visit. */
function changesOf(scenario: Scenario, setting: Setting): Partial<Plan> {
  const { world, stock, random } = setting;
  const { rates } = world.mix;
  switch (scenario) {
    case 'plain':
      return {};
    case 'nothing-taken':
      return { taken: {} };
    case 'put-back':
      return putBack(setting, (home) => home);
    case 'put-back-elsewhere':
      return putBack(setting, (home) => elsewhere(random, home));
    case 'several-one-back':
      return severalOneBack(setting);
    case 'big-basket':
      return { taken: drawBasket(random, world, stock, { size: integer(random, ...BIG_BASKET) }) };
    case 'look-alike':
      return { taken: drawBasket(random, world, stock, { first: pick(random, confusable(world)) }) };
    case 'stacked':
      return stackedBasket(setting);
    case 'fogged-camera':
      return { cameras: { ...GOOD, [pick(random, CAMERAS)]: 'fogged' } };
    case 'dead-camera':
      return { cameras: { ...GOOD, [pick(random, CAMERAS)]: 'dead' } };
    case 'both-cameras-dead':
      return { cameras: Object.fromEntries(CAMERAS.map((camera) => [camera, 'dead'])) };
    case 'leaning-hand':
      return { scale: { ...STEADY, leaningSigmaGrams: rates.leaningSigmaGrams } };
    case 'drift':
      return { scale: { ...STEADY, driftSigmaGrams: rates.driftSigmaGrams } };
    case 'foreign-swap':
      return foreignSwap(setting);
    case 'foreign-left': {
      const massGrams = between(random, rates.foreignGramsMin, rates.foreignGramsMax);
      return { scale: { ...STEADY, foreign: { zone: pick(random, ZONES), massGrams } } };
    }
    case 'stale-mass': {
      const taken = drawBasket(random, world, stock);
      return { taken, massFactors: { [Object.keys(taken)[0]!]: rates.staleMassFactor } };
    }
    case 'restock-unannounced': {
      const filled = shuffled(random, world.catalog.products).slice(0, integer(random, 2, 6));
      return { taken: {}, added: Object.fromEntries(filled.map(({ sku }) => [sku, integer(random, ...RESTOCK)])) };
    }
    case 'stock-wrong':
      return { stockTold: wrongStock(setting) };
    case 'scale-dead':
      return { scale: { ...STEADY, isDead: true } };
    case 'two-shoppers':
      return putBack(setting, (home) => elsewhere(random, home), { size: drawSize(random) + drawSize(random) });
    case 'door-reopened': {
      const taken = drawBasket(random, world, stock, { size: drawSize(random) + drawSize(random) });
      return { taken, scale: { ...STEADY, noiseFactor: Math.SQRT2 } };
    }
    default:
      return scenario satisfies never;
  }
}

/** One piece more than the basket is taken out and put back. */
function putBack(
  { world, stock, random }: Setting,
  placeOf: (home: string) => string,
  { size }: { readonly size?: number } = {},
): Partial<Plan> {
  const isOnlyHandled = size === undefined && chance(random, ONLY_HANDLED_SHARE);
  const taken = isOnlyHandled ? {} : drawBasket(random, world, stock, { size: size ?? drawSize(random) });
  const [handled] = Object.keys(drawBasket(random, world, minus(stock, taken), { size: 1 }));
  if (handled === undefined) return { taken };
  return { taken, moved: [{ sku: handled, to: placeOf(homeOf(world, handled)) }] };
}

function severalOneBack({ world, stock, random }: Setting): Partial<Plan> {
  const several = world.catalog.products.filter(({ sku }) => (stock[sku] ?? 0) >= 2);
  if (several.length === 0) return {};
  const { sku } = pick(random, several);
  const inHand = Math.min(stock[sku]!, integer(random, 2, 4));
  return { taken: { [sku]: inHand - 1 }, moved: [{ sku, to: homeOf(world, sku) }] };
}

function stackedBasket({ world, stock, random }: Setting): Partial<Plan> {
  const taken = drawBasket(random, world, stock);
  return { taken, stacked: new Set(Object.keys(taken)) };
}

function foreignSwap({ world, stock, random }: Setting): Partial<Plan> {
  const taken = drawBasket(random, world, stock, { size: 1 });
  const product = world.catalog.products.find(({ sku }) => sku in taken)!;
  const massGrams = product.massGrams + normal(random, world.mix.rates.swapSigmaGrams);
  return { taken, scale: { ...STEADY, foreign: { zone: product.zone ?? ZONES[0], massGrams } } };
}

function confusable({ catalog, alike }: World): string[] {
  const isClose = (sku: string, massGrams: number) =>
    catalog.products.some((other) => other.sku !== sku && Math.abs(other.massGrams - massGrams) <= CLOSE_GRAMS);
  return catalog.products
    .filter(({ sku, massGrams }) => alike[sku]!.length > 0 || isClose(sku, massGrams))
    .map(({ sku }) => sku);
}

function wrongStock({ world, stock, random }: Setting): Pieces {
  const wrong = shuffled(random, world.catalog.products).slice(
    0,
    Math.max(1, Math.round(world.catalog.products.length * WRONG_STOCK_SHARE)),
  );
  const off = () => integer(random, 1, 2) * pick(random, [-1, 1]);
  return { ...stock, ...Object.fromEntries(wrong.map(({ sku }) => [sku, Math.max(0, stock[sku]! + off())])) };
}

function minus(stock: Pieces, taken: Pieces): Pieces {
  return Object.fromEntries(Object.entries(stock).map(([sku, count]) => [sku, count - (taken[sku] ?? 0)]));
}

function homeOf({ catalog }: World, sku: string): string {
  return catalog.products.find((product) => product.sku === sku)?.zone ?? ZONES[0];
}

function elsewhere(random: Random, home: string): string {
  return pick(
    random,
    ZONES.filter((zone) => zone !== home),
  );
}
