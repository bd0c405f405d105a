// Whether a pack has changed, and since when: the first visit from which on another mass explains the weighings far
// better than the one that was believed then.

/** A weighing further off than this is pulled in to it (Huber, 1964): one bad visit moves little. */
export const HUBER_SIGMAS = 2;
/**
 * Nats by which a new mass must explain the weighings better: odds of e^12 = 160,000 to one, for a change that comes
 * once in a few hundred visits and may begin at any of them.
 */
const CHANGE_NATS = 12;
/** What a single visit may say for or against a change: so it takes at least five, and no three odd ones make one. */
const VISIT_NATS_MAX = 2.5;
/** How far back a change may have begun, in visits with the product. */
export const CHANGE_VISITS_MAX = 40;

export interface Part {
  readonly product: number;
  readonly count: number;
  /** What a piece was believed to weigh then; corrected where a change turns out to be older. */
  massGrams: number;
}

/** A weighing with what is known to have been taken, and how far it was off. */
export interface Weighing {
  readonly parts: readonly Part[];
  /** Measured, less what was believed. */
  residualGrams: number;
  /** Grams squared: pieces' spread, and how well their masses were known. */
  readonly pieceVariance: number;
  /** Grams squared: all of it. */
  readonly variance: number;
}

export interface Change {
  readonly product: number;
  /** From the first one on. */
  readonly since: readonly Weighing[];
  readonly massGrams: number;
  readonly variance: number;
  readonly nats: number;
}

export function partOf({ parts }: Weighing, wanted: number): Part {
  return parts.find(({ product }) => product === wanted)!;
}

/** What one weighing says a piece weighs, if all else in it weighs what is believed. */
interface PieceSample {
  readonly massGrams: number;
  readonly variance: number;
}

/** The beginning that speaks most clearly for another mass, where it speaks clearly enough. */
export function changeOf(product: number, weighings: readonly Weighing[]): Change | undefined {
  const samples = weighings.map((weighing): PieceSample => {
    const { count, massGrams } = partOf(weighing, product);
    return { massGrams: massGrams + weighing.residualGrams / count, variance: weighing.variance / count ** 2 };
  });
  let best: Change | undefined;
  const fewest = Math.ceil(CHANGE_NATS / VISIT_NATS_MAX);
  const sorted = samples.slice(1 - fewest).sort(byMass);
  for (let first = samples.length - fewest; first >= 0; first -= 1) {
    const since = samples.slice(first);
    insert(sorted, samples[first]!);
    const mean = robustMean(since, sorted);
    // Not what is believed now: that has already begun to follow.
    const believed = partOf(weighings[first]!, product).massGrams;
    const nats = since.reduce((sum, sample) => sum + natsFor(sample, mean.massGrams, believed), 0);
    if (nats < CHANGE_NATS || nats <= (best?.nats ?? 0)) continue;
    best = { product, since: weighings.slice(first), ...mean, nats };
  }
  return best;
}

function natsFor({ massGrams, variance }: PieceSample, changed: number, believed: number): number {
  const nats = ((massGrams - believed) ** 2 - (massGrams - changed) ** 2) / (2 * variance);
  return Math.max(-VISIT_NATS_MAX, Math.min(VISIT_NATS_MAX, nats));
}

/** The mean by precision, of samples that are pulled in to the median where they lie far from it. */
function robustMean(samples: readonly PieceSample[], sorted: readonly PieceSample[]): PieceSample {
  const median = weightedMedian(sorted);
  let [sum, precision] = [0, 0];
  for (const { massGrams, variance } of samples) {
    const reach = HUBER_SIGMAS * Math.sqrt(variance);
    sum += Math.max(median - reach, Math.min(median + reach, massGrams)) / variance;
    precision += 1 / variance;
  }
  return { massGrams: sum / precision, variance: 1 / precision };
}

function byMass(a: PieceSample, b: PieceSample): number {
  return a.massGrams - b.massGrams;
}

/** One sample more for each beginning that is tried: sorting all of them anew would take most of the time of learning. */
function insert(sorted: PieceSample[], sample: PieceSample): void {
  const at = sorted.findIndex((other) => byMass(other, sample) > 0);
  sorted.splice(at < 0 ? sorted.length : at, 0, sample);
}

function weightedMedian(sorted: readonly PieceSample[]): number {
  let left = sorted.reduce((sum, { variance }) => sum + 1 / variance, 0) / 2;
  for (const { massGrams, variance } of sorted) {
    left -= 1 / variance;
    if (left <= 0) return massGrams;
  }
  return sorted.at(-1)!.massGrams;
}
