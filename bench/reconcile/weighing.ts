// What the scale says of a visit: the pieces' true masses, the noise of four cells, and what a scenario adds.
import type { ScaleReading, ZoneReading } from '@tapcase/domain';
import { between, normal, pick, type Random } from './draw.ts';
import type { Piece, Plan } from './plan.ts';
import { type Rates, ZONES } from './standard-mix.ts';

export interface Weighing {
  /** The sum of the four cells; null where the scale is dead. */
  readonly scale: ScaleReading | null;
  /** Each shelf's own cell, for a case that reads them one by one. */
  readonly zones: readonly ZoneReading[];
}

/** The controller reports tenths of a gram. */
const tenths = (grams: number) => Math.round(grams * 10) / 10;

export function weigh(pieces: readonly Piece[], { scale: plan }: Plan, rates: Rates, random: Random): Weighing {
  const openMinutes = between(random, rates.openSecondsMin, rates.openSecondsMax) / 60;
  // More load is less removed.
  const creepGrams = -(rates.creepGramsPerMinute * openMinutes) / ZONES.length;
  const pressed = pick(random, ZONES);
  const sigmaGrams = between(random, rates.statedSigmaGramsMin, rates.statedSigmaGramsMax);
  const zones = ZONES.map((zone) => {
    const noiseGrams = normal(random, rates.cellSigmaGrams * plan.noiseFactor);
    const driftGrams = normal(random, plan.driftSigmaGrams / Math.sqrt(ZONES.length));
    const pressGrams = normal(random, plan.leaningSigmaGrams);
    return {
      zone,
      removedGrams: tenths(
        massGone(pieces, zone) + noiseGrams + creepGrams + driftGrams + (zone === pressed ? pressGrams : 0),
      ),
      sigmaGrams: tenths(sigmaGrams / Math.sqrt(ZONES.length)),
    };
  });
  const foreign = plan.foreign?.zone ?? '';
  const read = zones.map((cell) =>
    cell.zone === foreign ? { ...cell, removedGrams: tenths(cell.removedGrams - plan.foreign!.massGrams) } : cell,
  );
  if (plan.isDead) return { scale: null, zones: [] };
  const removedGrams = tenths(read.reduce((sum, cell) => sum + cell.removedGrams, 0));
  return { scale: { removedGrams, sigmaGrams: tenths(sigmaGrams) }, zones: read };
}

function massGone(pieces: readonly Piece[], zone: string): number {
  return pieces
    .filter(({ from, to }) => from !== to)
    .reduce((sum, { from, to, massGrams }) => sum + (from === zone ? massGrams : 0) - (to === zone ? massGrams : 0), 0);
}
