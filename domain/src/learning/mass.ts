// What a piece really weighs: each weighing moves the masses of its basket a little, a pack that has changed at once.
import type { Product } from '../catalog/product.ts';
import { GATE_SIGMAS, pieceVariance } from '../reconcile/scale-model.ts';
import { CHANGE_VISITS_MAX, type Change, changeOf, HUBER_SIGMAS, partOf, type Weighing } from './change.ts';

/** The catalog's mass counts as the mean of this many pieces: a sixth of a piece's tolerance is its error. */
const CATALOG_PIECES = 36;
/** Pieces after which a weighed one counts half: recipes creep over months, and a case sells this many of one within a season. */
const HALF_LIFE_PIECES = 300;
/** No visit moves a mass by more than this part of its error: three by at most 0.3 tolerances of a piece. */
const STEP_ERRORS_MAX = 0.5;
/** parseCatalog lets nothing be lighter. */
const MASS_GRAMS_MIN = 1;

export interface PieceMass {
  massGrams: number;
  /** Of the mean. */
  variance: number;
  /** Weighed, since the last change. */
  pieces: number;
}

export interface MassFilter {
  readonly masses: readonly PieceMass[];
  readonly weighings: readonly Weighing[];
  /** The next weighing in time; `scaleGrams` is the scale's sigma as believed now. */
  take(
    removedGrams: number,
    counts: readonly (readonly [product: number, count: number])[],
    scaleGrams: number,
  ): Weighing;
}

export function massFilter(products: readonly Product[]): MassFilter {
  const spreads = products.map(pieceVariance);
  const masses: PieceMass[] = products.map(({ massGrams }, product) => ({
    massGrams,
    variance: spreads[product]! / CATALOG_PIECES,
    pieces: 0,
  }));
  const weighings: Weighing[] = [];
  const ofProduct: Weighing[][] = products.map(() => []);
  return {
    masses,
    weighings,
    take(removedGrams, counts, scaleGrams) {
      const weighing = weigh(masses, spreads, { removedGrams, counts, scaleGrams });
      weighings.push(weighing);
      for (const { product } of weighing.parts) remember(ofProduct[product]!, weighing);
      learnMasses(masses, spreads, weighing, scaleGrams);
      noticeChanges(masses, ofProduct, weighing);
      return weighing;
    },
  };
}

interface Taken {
  readonly removedGrams: number;
  readonly counts: readonly (readonly [product: number, count: number])[];
  readonly scaleGrams: number;
}

function weigh(masses: readonly PieceMass[], spreads: readonly number[], taken: Taken): Weighing {
  const parts = taken.counts.map(([product, count]) => ({ product, count, massGrams: masses[product]!.massGrams }));
  let [residualGrams, own] = [taken.removedGrams, 0];
  for (const { product, count, massGrams } of parts) {
    residualGrams -= count * massGrams;
    own += count * spreads[product]! + count ** 2 * masses[product]!.variance;
  }
  return { parts, residualGrams, pieceVariance: own, variance: taken.scaleGrams ** 2 + own };
}

function remember(list: Weighing[], weighing: Weighing): void {
  list.push(weighing);
  if (list.length > CHANGE_VISITS_MAX) list.shift();
}

/** A Kalman step with one variance for each product: what is known badly moves most. */
function learnMasses(
  masses: readonly PieceMass[],
  spreads: readonly number[],
  { parts, residualGrams, variance }: Weighing,
  scaleGrams: number,
): void {
  for (const { product, count } of parts) masses[product]!.pieces += count;
  const sigmas = Math.abs(residualGrams) / Math.sqrt(variance);
  // Something that no such basket weighs: a bag that was left, or a pack that has changed, which the visits together tell.
  if (sigmas > GATE_SIGMAS) return;
  const pulled = residualGrams * Math.min(1, HUBER_SIGMAS / sigmas);
  for (const { product, count } of parts) {
    const mass = masses[product]!;
    const gain = (count * mass.variance) / variance;
    const most = STEP_ERRORS_MAX * Math.sqrt(mass.variance);
    move(mass, mass.massGrams + Math.max(-most, Math.min(most, gain * pulled)));
    // Never surer than the pieces that are not yet forgotten make it.
    const memory = ((scaleGrams ** 2 + spreads[product]!) * Math.LN2) / HALF_LIFE_PIECES;
    mass.variance = Math.max((1 - gain * count) * mass.variance, Math.min(mass.variance, memory));
  }
}

function move(mass: PieceMass, massGrams: number): void {
  mass.massGrams = Math.max(MASS_GRAMS_MIN, massGrams);
}

/** The clearest change first: what it explains is no change of another product in the same baskets. */
function noticeChanges(masses: readonly PieceMass[], ofProduct: readonly Weighing[][], { parts }: Weighing): void {
  for (const _ of parts) {
    const changes = parts.flatMap(({ product }) => changeOf(product, ofProduct[product]!) ?? []);
    const [clearest] = changes.sort((a, b) => b.nats - a.nats);
    if (clearest === undefined) return;
    believe(clearest, masses[clearest.product]!);
    ofProduct[clearest.product]!.splice(0, ofProduct[clearest.product]!.length - clearest.since.length);
  }
}

function believe({ product, since, massGrams, variance }: Change, mass: PieceMass): void {
  move(mass, massGrams);
  mass.variance = variance;
  mass.pieces = 0;
  for (const weighing of since) {
    const part = partOf(weighing, product);
    mass.pieces += part.count;
    weighing.residualGrams += part.count * (part.massGrams - mass.massGrams);
    part.massGrams = mass.massGrams;
  }
}
