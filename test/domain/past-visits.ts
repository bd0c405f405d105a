// Past visits of a case, drawn from a seed: what was taken, what it truly weighed, what a scale with noise made of it.
import { type BasketLine, type Catalog, GATE_SIGMAS, type PastBasket } from '@tapcase/domain';
import { DEMO } from './demo-catalog.ts';

export const LEARN_NOW = 1_763_678_400_000;
const VISIT_GAP_MS = 3_600_000;

/** Numbers in 0..1, the same for a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

export interface PastOptions {
  readonly seed: number;
  readonly visits: number;
  readonly catalog?: Catalog;
  /** Of the scale, at a visit. */
  readonly sigmaGrams?: (visit: number) => number;
  /** What a piece truly weighs on average, at a visit; the catalog's mass where it says nothing. */
  readonly trueGrams?: (sku: string, visit: number) => number | undefined;
  /** Always these lines; otherwise one to three pieces of one or two products, and now and then nothing. */
  readonly lines?: readonly BasketLine[];
}

/** The oldest first, an hour apart, the last one an hour before LEARN_NOW. */
export function pastVisits(options: PastOptions): PastBasket[] {
  const { seed, visits, catalog = DEMO, sigmaGrams = () => 5.7, trueGrams = () => undefined } = options;
  const draw = uniform(seed);
  return Array.from({ length: visits }, (_, visit): PastBasket => {
    const lines = options.lines ?? basket(draw, catalog);
    const sigma = sigmaGrams(visit);
    let [removedGrams, spread, expected] = [sigma * normal(draw), sigma ** 2, 0];
    for (const { sku, count } of lines) {
      const product = catalog.products.find((each) => each.sku === sku)!;
      for (let piece = 0; piece < count; piece += 1) {
        removedGrams += (trueGrams(sku, visit) ?? product.massGrams) + product.toleranceGrams * normal(draw);
        spread += product.toleranceGrams ** 2;
        expected += product.massGrams;
      }
    }
    const fits = Math.abs(removedGrams - expected) <= GATE_SIGMAS * Math.sqrt(spread);
    const atMs = LEARN_NOW - (visits - visit) * VISIT_GAP_MS;
    const scale = { removedGrams, sigmaGrams: 2 };
    return { visitId: `visit${visit}`, atMs, by: fits ? 'agreed' : 'cameras', lines, scale };
  });
}

/** A tenth take nothing. */
function basket(draw: () => number, { products }: Catalog): BasketLine[] {
  if (draw() < 0.1) return [];
  const first = Math.floor(draw() * products.length);
  const second = Math.floor(draw() * products.length);
  const some = draw() < 0.3 && second !== first ? [first, second] : [first];
  return some.map((product) => ({ sku: products[product]!.sku, count: draw() < 0.75 ? 1 : 2 }));
}
