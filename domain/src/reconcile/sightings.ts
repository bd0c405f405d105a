// What the cameras counted, kind by kind, and how well each camera sees today: a fogged lens misses more, a dead one all.
import type { CameraView } from './evidence.ts';
import type { Family, Kind } from './families.ts';
import type { ReconcileModel } from './model.ts';

/** Pieces' worth of the usual rate that a single visit's counts are weighed against. */
const PRIOR_PIECES = 40;
/** A camera that saw at least this many pieces before and none after did not look: nobody empties a case. */
const DEAD_FROM = 3;
/** A camera that misses more than this sees too little to be counted on. */
const MISS_MAX = 0.6;
/** A camera that seems to miss this many times as much as usual is taken to be fogged; less is chance. */
const FOGGED_FROM = 2;

export interface Camera {
  readonly view: CameraView;
  /** What it misses of any product in this visit, at least; 0 where it sees as usual. */
  readonly fogRate: number;
  readonly flickerRate: number;
}

/** [camera][kind of the family] */
export interface FamilySighting {
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** Pieces before the visit, by kind; null where the books do not say. */
  readonly stock: readonly (number | null)[];
  /** False where a view was cut short and names nothing of this family: nothing changed, and nothing is known. */
  readonly isCounted: boolean;
  readonly isFaint: boolean;
  readonly rates: readonly KindRates[];
}

/** How the pieces of one kind are seen. */
export interface KindRates {
  readonly hiddenRate: number;
  readonly missRate: number;
  readonly confusionRate: number;
  /** Pieces taken out and put back, expected in a visit. */
  readonly putBack: number;
}

/** What is known of kinds before anybody looked. */
export interface Book {
  /** Pieces before the visit; null where the books do not say. */
  stockOf(kind: Kind): number | null;
  ratesOf(kind: Kind): KindRates;
}

export type Stock = Readonly<Record<string, number>>;

export function countOf(counts: Readonly<Record<string, number>>, { labels }: Kind): number {
  let sum = 0;
  for (const label of labels) sum += Object.hasOwn(counts, label) ? counts[label]! : 0;
  return sum;
}

/**
 * Before and after. What a view that was cut short does not name was unchanged and, but for few, seen alike by all
 * cameras: most probably every piece that the books know. null where they do not know.
 */
function countsIn(view: CameraView, kind: Kind, stockOf: (kind: Kind) => number | null): [number, number] | null {
  if (view.partial !== true || isNamed(view, kind)) return [countOf(view.before, kind), countOf(view.after, kind)];
  const there = stockOf(kind);
  return there === null ? null : [there, there];
}

function isNamed({ before, after }: CameraView, { labels }: Kind): boolean {
  return labels.some((label) => Object.hasOwn(before, label) || Object.hasOwn(after, label));
}

/** The cameras that can be counted on; null where none can. */
export function camerasOf(
  views: readonly CameraView[] | null,
  families: readonly Family[],
  stockOf: (kind: Kind) => number | null,
  model: ReconcileModel,
): Camera[] | null {
  const kinds = families.flatMap((family) => (family.isVisible ? family.kinds : []));
  const cameras = (views ?? []).flatMap((view) => {
    const camera = judged(view, views ?? [], kinds, stockOf, model);
    return camera === null ? [] : [camera];
  });
  return cameras.length === 0 ? null : cameras;
}

function judged(
  view: CameraView,
  all: readonly CameraView[],
  kinds: readonly Kind[],
  stockOf: (kind: Kind) => number | null,
  { camera: { missRate, hiddenRate, flickerRate, movedRate, views } }: ReconcileModel,
): Camera | null {
  const known = Object.hasOwn(views, view.camera) ? views[view.camera] : undefined;
  if (known !== undefined) return { view, fogRate: known.missRate, flickerRate: known.flickerRate };
  let [pieces, unseen, seenBefore, seenAfter, appeared] = [0, 0, 0, 0, 0];
  for (const kind of kinds) {
    const counts = countsIn(view, kind, stockOf);
    // Of what changed alone nobody can tell how well a camera sees: a case that was emptied looks like a dead one.
    if (counts === null) return { view, fogRate: 0, flickerRate };
    const [before, after] = counts;
    const there = stockOf(kind) ?? Math.max(...all.map((other) => countOf(other.before, kind)));
    pieces += there;
    unseen += Math.max(0, there - before);
    seenBefore += before;
    seenAfter += after;
    appeared += Math.max(0, after - before);
  }
  if (pieces >= DEAD_FROM && (seenBefore === 0 || (seenAfter === 0 && seenBefore >= DEAD_FROM))) return null;
  const expected = hiddenRate + missRate;
  const missed = (unseen + PRIOR_PIECES * expected) / (pieces + PRIOR_PIECES) - hiddenRate;
  if (missed > MISS_MAX) return null;
  const usual = flickerRate + movedRate;
  const flickers = (appeared + PRIOR_PIECES * usual) / (unseen + PRIOR_PIECES) - movedRate;
  const isFogged = missed > FOGGED_FROM * missRate;
  return { view, fogRate: isFogged ? missed : 0, flickerRate: Math.max(flickerRate, flickers) };
}

export function sightingOf(family: Family, cameras: readonly Camera[], book: Book, faintScore: number): FamilySighting {
  const labels = family.kinds.flatMap((kind) => kind.labels);
  const counted = cameras.map(({ view }) => family.kinds.map((kind) => countsIn(view, kind, book.stockOf)));
  const score = ({ view }: Camera, label: string) => view.scores?.[label] ?? 1;
  return {
    before: counted.map((kinds) => kinds.map((counts) => counts?.[0] ?? 0)),
    after: counted.map((kinds) => kinds.map((counts) => counts?.[1] ?? 0)),
    stock: family.kinds.map(book.stockOf),
    rates: family.kinds.map(book.ratesOf),
    isCounted: counted.every((kinds) => kinds.every((counts) => counts !== null)),
    isFaint: cameras.some((camera) => labels.some((label) => score(camera, label) < faintScore)),
  };
}
