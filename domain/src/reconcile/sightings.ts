// What the cameras counted, kind by kind, and how well each camera sees today: a fogged lens misses more, a dead one all.
import type { Catalog } from '../catalog/product.ts';
import type { CameraView } from './evidence.ts';
import type { Kind } from './families.ts';
import type { ReconcileModel } from './model.ts';
import type { Prior } from './prior.ts';
import type { Stock } from './stock.ts';

/** Pieces' worth of the usual rate that a single visit's counts are weighed against. */
const PRIOR_PIECES = 40;
/** A camera that saw at least this many pieces before and none after did not look: nobody empties a case. */
const DEAD_FROM = 3;
/** A camera that misses more than this sees too little to be counted on. */
const MISS_MAX = 0.6;
/** A camera that seems to miss this many times as much as usual is taken to be fogged; less is chance. */
const FOGGED_FROM = 2;

/** No case has more; of further views nothing is read. */
const CAMERAS_MAX = 4;

/** How the pieces of one kind are seen. */
export interface KindRates {
  /** The same for kinds with the same three rates: empty for the model's own. */
  readonly key: string;
  readonly hiddenRate: number;
  readonly missRate: number;
  readonly confusionRate: number;
  /** Pieces taken out and put back, expected in a visit. */
  readonly putBack: number;
}

/** One kind before and after, by view. */
export interface KindSighting {
  /** The same for kinds that cannot be told apart by anything below. */
  readonly key: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Pieces before the visit; null where the books do not say. */
  readonly stock: number | null;
  readonly rates: KindRates;
  /** False where a view was cut short, does not name this kind, and the books do not know: then nothing is. */
  readonly isNamed: readonly boolean[];
  readonly isFaint: readonly boolean[];
}

/** A camera that can be counted on. */
export interface Camera {
  /** Which of the views. */
  readonly view: number;
  /** What it misses of any product in this visit, at least; 0 where it sees as usual. */
  readonly fogRate: number;
  readonly flickerRate: number;
}

/** [camera][kind of the family] */
export interface FamilySighting {
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  readonly stock: readonly (number | null)[];
  readonly rates: readonly KindRates[];
  /** False where a view was cut short: see KindSighting.isNamed. */
  readonly isCounted: boolean;
  readonly isFaint: boolean;
}

export interface Known {
  readonly catalog: Catalog;
  readonly views: readonly CameraView[];
  readonly stock: Stock | undefined;
  readonly prior: Prior;
  readonly model: ReconcileModel;
}

export function countOf(counts: Readonly<Record<string, number>>, { labels }: Pick<Kind, 'labels'>): number {
  let sum = 0;
  for (const label of labels) sum += Object.hasOwn(counts, label) ? counts[label]! : 0;
  return sum;
}

export function isNamed({ before, after }: CameraView, { labels }: Pick<Kind, 'labels'>): boolean {
  return labels.some((label) => Object.hasOwn(before, label) || Object.hasOwn(after, label));
}

export function kindSighting(kind: Kind, known: Known): KindSighting {
  const { views, model } = known;
  const stock = stockOf(kind, known);
  const rates = ratesOf(kind, known);
  // What a view that was cut short does not name was unchanged and, but for few, seen alike by all cameras: most probably
  // every piece that the books know.
  const isCut = (view: CameraView) => view.partial === true && !isNamed(view, kind);
  const isFaint = ({ scores }: CameraView) =>
    scores !== undefined && kind.labels.some((label) => (scores[label] ?? 1) < model.camera.faintScore);
  const sighting = {
    before: views.map((view) => (isCut(view) ? (stock ?? 0) : countOf(view.before, kind))),
    after: views.map((view) => (isCut(view) ? (stock ?? 0) : countOf(view.after, kind))),
    isNamed: views.map((view) => stock !== null || !isCut(view)),
    isFaint: views.map(isFaint),
  };
  const { before, after } = sighting;
  return {
    ...sighting,
    stock,
    rates,
    key: `${before}|${after}|${stock}|${flagsOf(sighting)}|${rates.putBack}|${rates.key}`,
  };
}

/** The usual case, all named and none faint, is the empty word. */
function flagsOf({ isNamed, isFaint }: Pick<KindSighting, 'isNamed' | 'isFaint'>): string {
  return isNamed.every(Boolean) && !isFaint.some(Boolean) ? '' : `${isNamed}|${isFaint}`;
}

function stockOf({ products }: Kind, { catalog, stock }: Known): number | null {
  if (stock === undefined) return null;
  let sum = 0;
  for (const index of products) {
    const { sku } = catalog.products[index]!;
    if (!Object.hasOwn(stock, sku)) return null;
    sum += stock[sku]!;
  }
  return sum;
}

function ratesOf({ products }: Kind, { catalog, model, prior }: Known): KindRates {
  let share = 0;
  for (const index of products) share += prior.share(index);
  // In powers of two, so that most kinds have the same rates and share one likelihood.
  const putBack = model.basket.putBackRate * 2 ** Math.round(Math.log2(share));
  const { sku } = catalog.products[products[0]!]!;
  const isMeasured = Object.hasOwn(model.products, sku);
  const { hiddenRate, missRate, confusionRate } = isMeasured ? model.products[sku]! : model.camera;
  const key = isMeasured ? `${hiddenRate}|${missRate}|${confusionRate}` : '';
  return { key, hiddenRate, missRate, confusionRate, putBack };
}

/** The cameras that can be counted on. */
export function camerasOf(
  views: readonly CameraView[],
  kinds: readonly KindSighting[],
  { camera }: ReconcileModel,
): Camera[] {
  return views.slice(0, CAMERAS_MAX).flatMap((view, index): Camera[] => {
    const { missRate, hiddenRate, flickerRate, movedRate, views: known } = camera;
    const told = Object.hasOwn(known, view.camera) ? known[view.camera] : undefined;
    if (told !== undefined) return [{ view: index, fogRate: told.missRate, flickerRate: told.flickerRate }];
    // Of what changed alone nobody can tell how well a camera sees: a case that was emptied looks like a dead one.
    if (kinds.some(({ isNamed }) => !isNamed[index])) return [{ view: index, fogRate: 0, flickerRate }];
    const { pieces, unseen, seenBefore, seenAfter, appeared } = tally(kinds, index);
    if (pieces >= DEAD_FROM && (seenBefore === 0 || (seenAfter === 0 && seenBefore >= DEAD_FROM))) return [];
    const expected = hiddenRate + missRate;
    const missed = (unseen + PRIOR_PIECES * expected) / (pieces + PRIOR_PIECES) - hiddenRate;
    if (missed > MISS_MAX) return [];
    const usual = flickerRate + movedRate;
    const flickers = (appeared + PRIOR_PIECES * usual) / (unseen + PRIOR_PIECES) - movedRate;
    const fogRate = missed > FOGGED_FROM * missRate ? missed : 0;
    return [{ view: index, fogRate, flickerRate: Math.max(flickerRate, flickers) }];
  });
}

/** Pieces, over all kinds. Where the books do not say, there is at least what any camera saw. */
function tally(kinds: readonly KindSighting[], view: number) {
  const sums = { pieces: 0, unseen: 0, seenBefore: 0, seenAfter: 0, appeared: 0 };
  for (const { before, after, stock } of kinds) {
    const there = stock ?? Math.max(...before);
    sums.pieces += there;
    sums.unseen += Math.max(0, there - before[view]!);
    sums.seenBefore += before[view]!;
    sums.seenAfter += after[view]!;
    sums.appeared += Math.max(0, after[view]! - before[view]!);
  }
  return sums;
}

export function familySighting(kinds: readonly KindSighting[], cameras: readonly Camera[]): FamilySighting {
  return {
    before: cameras.map(({ view }) => kinds.map(({ before }) => before[view]!)),
    after: cameras.map(({ view }) => kinds.map(({ after }) => after[view]!)),
    stock: kinds.map(({ stock }) => stock),
    rates: kinds.map(({ rates }) => rates),
    isCounted: cameras.every(({ view }) => kinds.every(({ isNamed }) => isNamed[view]!)),
    isFaint: cameras.some(({ view }) => kinds.some(({ isFaint }) => isFaint[view]!)),
  };
}

/** True where every camera sees all there is, before and after: then look-alikes tell nothing about one another. */
export function isPlain({ before, after, stock }: KindSighting, cameras: readonly Camera[]): boolean {
  const there = stock ?? before[cameras[0]!.view]!;
  return cameras.every(({ view }) => before[view] === there && after[view] === there);
}
