// How well masses explain a basket. Most weighings are a Gaussian of the sensor's and every piece's spread; a few are
// made with a hand on the shelf, a few with something in the case that is not for sale. So no mass is impossible, and a
// basket that both cameras saw go is not lost to a bag that was left behind.
import type { Product } from '../catalog/product.ts';
import type { ScaleReading, ZoneReading } from './evidence.ts';
import type { ReconcileModel } from './model.ts';

/** Beyond this many standard deviations a mass does not speak for a basket, however probable the basket is. */
export const GATE_SIGMAS = 4;

/** A basket on the way: its mass as a whole, and by zone in the order of ScaleModel.zones. */
export interface Load {
  massGrams: number;
  variance: number;
  readonly zoneGrams: number[];
  readonly zoneVariance: number[];
}

export interface ScaleModel {
  /** Names of the zones that are weighed by themselves; empty where only the whole is. */
  readonly zones: readonly string[];
  /** The whole case. */
  readonly removedGrams: number;
  /** Nats above the best that any basket could have. */
  cost(load: Load): number;
  /** Grams around the measured mass outside which the cost exceeds `nats`. */
  reachGrams(nats: number, variance: number): number;
  /** True where the mass speaks for the basket. */
  fits(load: Load): boolean;
}

/** Zones weighed one by one may together be off a little further than the whole, at the same cost. */
const SLACK_NATS = 1;

const LOG_2PI = Math.log(2 * Math.PI);

export function scaleModel(
  {
    scale,
    zones,
    planogram,
  }: { scale: ScaleReading | null; zones: readonly ZoneReading[]; planogram: ReadonlySet<string> },
  model: ReconcileModel['scale'],
): ScaleModel | null {
  const isZoned = zones.length > 1 && [...planogram].every((zone) => zones.some((one) => one.zone === zone));
  if (isZoned && planogram.size > 0) return zonedModel(zones, model);
  return scale === null ? null : wholeModel(scale, model);
}

function wholeModel(scale: ScaleReading, model: ReconcileModel['scale']): ScaleModel {
  const sensorVariance = Math.max(scale.sigmaGrams, model.sigmaGrams) ** 2;
  const peak = logDensity(0, sensorVariance);
  const cost = (residualGrams: number, variance: number) =>
    peak - logMixture(residualGrams, sensorVariance + variance, model);
  return {
    zones: [],
    removedGrams: scale.removedGrams,
    cost: ({ massGrams, variance }) => cost(scale.removedGrams - massGrams, variance),
    reachGrams: (nats, variance) => reach(nats, sensorVariance + variance, model),
    fits: ({ massGrams, variance }) =>
      (scale.removedGrams - massGrams) ** 2 <= GATE_SIGMAS ** 2 * (sensorVariance + variance),
  };
}

/** Zones are independent, but a piece may end on another shelf than it came from: then two of them are off by as much. */
function zonedModel(zones: readonly ZoneReading[], model: ReconcileModel['scale']): ScaleModel {
  const floor = model.sigmaGrams ** 2 / zones.length;
  const sensor = zones.map(({ sigmaGrams }) => Math.max(sigmaGrams ** 2, floor));
  const removed = zones.map(({ removedGrams }) => removedGrams);
  const whole = removed.reduce((sum, grams) => sum + grams, 0);
  const wholeVariance = sensor.reduce((sum, variance) => sum + variance, 0);
  const peak = sensor.reduce((sum, variance) => sum + logDensity(0, variance), 0);
  const one = {
    ...model,
    unsteadyRate: model.unsteadyRate / zones.length,
    foreignRate: model.foreignRate / zones.length,
  };
  const moved = Math.log(model.movedRate / (2 * model.foreignGrams));
  const logLikelihood = ({ zoneGrams, zoneVariance }: Load): number => {
    const residuals = removed.map((grams, zone) => grams - zoneGrams[zone]!);
    const variances = sensor.map((variance, zone) => variance + zoneVariance[zone]!);
    const each = residuals.map((residual, zone) => logMixture(residual, variances[zone]!, one));
    const straight = each.reduce((sum, value) => sum + value, 0);
    // The two that are worst explained on their own.
    let [first, second] = [0, 1];
    for (let zone = 0; zone < zones.length; zone += 1) {
      if (each[zone]! < each[first]!) [first, second] = [zone, first];
      else if (zone !== first && (second === first || each[zone]! < each[second]!)) second = zone;
    }
    const pair = logMixture(residuals[first]! + residuals[second]!, variances[first]! + variances[second]!, one);
    return logSum(straight, straight - each[first]! - each[second]! + pair + moved);
  };
  return {
    zones: zones.map(({ zone }) => zone),
    removedGrams: whole,
    cost: (load) => peak - logLikelihood(load),
    reachGrams: (nats, variance) => reach(nats + SLACK_NATS * zones.length, wholeVariance + variance, model),
    fits: (load) => (whole - load.massGrams) ** 2 <= GATE_SIGMAS ** 2 * (wholeVariance + load.variance),
  };
}

/** Log density of a residual: steady, unsteady, or with something foreign. */
function logMixture(residualGrams: number, variance: number, model: ReconcileModel['scale']): number {
  const { unsteadyRate, unsteadyGrams, foreignRate, foreignGrams } = model;
  const steady = (1 - unsteadyRate - foreignRate) * density(residualGrams, variance);
  const unsteady = unsteadyRate * density(residualGrams, variance + unsteadyGrams ** 2);
  return Math.log(steady + unsteady + foreignRate / (2 * foreignGrams));
}

/** Grams beyond which the mixture has fallen by more than `nats`: each part alone, and a sum of three is at most thrice. */
function reach(nats: number, variance: number, model: ReconcileModel['scale']): number {
  const budget = Math.max(0, nats) + Math.log(3);
  const { unsteadyRate, unsteadyGrams, foreignRate, foreignGrams } = model;
  if (budget >= logDensity(0, variance) - Math.log(foreignRate / (2 * foreignGrams))) return Number.POSITIVE_INFINITY;
  const unsteady = variance + unsteadyGrams ** 2;
  const left = budget + Math.log(unsteadyRate) - Math.log(unsteady / variance) / 2;
  return Math.sqrt(2 * Math.max(budget * variance, left * unsteady));
}

function density(residual: number, variance: number): number {
  return Math.exp(logDensity(residual, variance));
}
function logDensity(residual: number, variance: number): number {
  return -(residual ** 2 / variance + LOG_2PI + Math.log(variance)) / 2;
}
function logSum(a: number, b: number): number {
  const most = Math.max(a, b);
  return most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

/**
 * Grams squared. At most what the gate can carry: a piece whose spread is larger than its mass would let any number of
 * pieces explain anything.
 */
export function pieceVariance({ massGrams, toleranceGrams }: Product): number {
  return Math.min(toleranceGrams, massGrams / GATE_SIGMAS) ** 2;
}
