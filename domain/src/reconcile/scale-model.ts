// How well a mass explains a basket: a Gaussian of the sensor's and every piece's spread, and a hard gate around it.
import type { Product } from '../catalog/product.ts';
import type { ScaleReading } from './evidence.ts';

/**
 * A basket further than this from the measured mass is no explanation at all. Four sigmas lose one honest basket in
 * 16,000; without a gate a leaning hand would make some basket of small things "probable".
 */
export const GATE_SIGMAS = 4;

/** Grams. Four half-bridge cells creep 2 g within a quarter of an hour (HX711), whatever sigma the controller saw. */
const SENSOR_SIGMA_GRAMS_MIN = 2;

export interface ScaleModel {
  /** Nats above a reading exactly at the basket's mass with a perfect piece; Infinity outside the gate. */
  cost(massGrams: number, pieceVariance: number): number;
  /** True when the basket is already too heavy: more pieces cannot mend it. */
  isTooHeavy(massGrams: number, pieceVariance: number): boolean;
  /** At least so many more pieces are needed, when the heaviest of them reaches `reachGrams`. */
  piecesNeeded(massGrams: number, pieceVariance: number, reachGrams: number): number;
}

/** Without a scale every mass is as good as any other. */
export function scaleModel(scale: ScaleReading | null): ScaleModel {
  if (scale === null) return { cost: () => 0, isTooHeavy: () => false, piecesNeeded: () => 0 };
  const { removedGrams } = scale;
  const sensorVariance = Math.max(scale.sigmaGrams, SENSOR_SIGMA_GRAMS_MIN) ** 2;
  const gateGrams = (pieceVariance: number) => GATE_SIGMAS * Math.sqrt(sensorVariance + pieceVariance);
  return {
    cost: (massGrams, pieceVariance) => {
      const variance = sensorVariance + pieceVariance;
      const residualGrams = removedGrams - massGrams;
      if (Math.abs(residualGrams) > gateGrams(pieceVariance)) return Number.POSITIVE_INFINITY;
      return residualGrams ** 2 / (2 * variance) + Math.log(variance / sensorVariance) / 2;
    },
    isTooHeavy: (massGrams, pieceVariance) => massGrams - removedGrams > gateGrams(pieceVariance),
    piecesNeeded: (massGrams, pieceVariance, reachGrams) =>
      Math.max(0, Math.ceil((removedGrams - massGrams - gateGrams(pieceVariance)) / reachGrams)),
  };
}

/**
 * One standard deviation of a piece, at most what the gate can carry: a piece that may weigh nothing would let any
 * number of pieces through, and the search rests on "one more piece is heavier".
 */
export function pieceSigmaGrams({ massGrams, toleranceGrams }: Product): number {
  return Math.min(toleranceGrams, massGrams / GATE_SIGMAS);
}

/** How far one piece can bring a basket towards a mass: its own, and what its spread adds to the gate. */
export function pieceReachGrams(product: Product): number {
  return product.massGrams + GATE_SIGMAS * pieceSigmaGrams(product);
}
