// Where things stand on the picture of the scale: which stretch of grams is shown, and where on it each explanation lies.

export interface Reading {
  readonly removedGrams: number;
  /** One standard deviation. */
  readonly sigmaGrams: number;
}

/** Places are percent of the picture's width, so that it is as wide as its page. */
export interface Picture {
  readonly felt: number;
  readonly bandFrom: number;
  readonly bandTo: number;
  readonly marks: readonly Mark[];
  /** How many rows the marks need so that none hides another. */
  readonly rows: number;
  readonly ticks: readonly { readonly grams: number; readonly place: number }[];
}

export interface Mark {
  readonly place: number;
  readonly row: number;
  /** It weighs more or less than the picture reaches. */
  readonly beyond: 'less' | 'more' | null;
}

/** Two standard deviations: in 19 of 20 weighings the truth is within. */
const MARGIN_SIGMAS = 2;
/** Masses are shown in whole grams. */
const MARGIN_GRAMS_MIN = 1;
/** Less than a candy bar to either side, or a gram would look like a difference. */
const HALF_GRAMS_MIN = 20;
/** The band is a third of the picture at most. */
const HALF_MARGINS = 3;
/** Nothing that is shown stands on the edge itself. */
const ROOM = 1.15;
/** Left and right of it there is room for half a mark, an arrow, and half a tick's number. */
const EDGE_PERCENT = 10;
/** A mark is 24 px wide; the narrowest picture, on a phone of 320 px, is 224 px. */
const MARK_PERCENT = 11;
const TICKS_MAX = 5;

export function marginGrams({ sigmaGrams }: Reading): number {
  return Math.max(MARGIN_GRAMS_MIN, MARGIN_SIGMAS * sigmaGrams);
}

/** Reaches to the second nearest of the `masses`: it is there to show whether two explanations can be told apart. */
export function pictureOf(reading: Reading, masses: readonly number[]): Picture {
  const { removedGrams } = reading;
  const margin = marginGrams(reading);
  const away = masses.map((grams) => Math.abs(grams - removedGrams)).sort((a, b) => a - b);
  const half = ROOM * Math.max(HALF_GRAMS_MIN, HALF_MARGINS * margin, away[1] ?? away[0] ?? 0);
  const from = removedGrams - half;
  const place = (grams: number) => EDGE_PERCENT + ((100 - 2 * EDGE_PERCENT) * (grams - from)) / (2 * half);
  const marks = rowsOf(masses.map((grams) => markAt(place(grams))));
  return {
    felt: place(removedGrams),
    bandFrom: place(removedGrams - margin),
    bandTo: place(removedGrams + margin),
    marks,
    rows: Math.max(1, ...marks.map(({ row }) => row + 1)),
    ticks: ticksIn(from, from + 2 * half).map((grams) => ({ grams, place: place(grams) })),
  };
}

function markAt(place: number): Omit<Mark, 'row'> {
  if (place < EDGE_PERCENT) return { place: EDGE_PERCENT / 2, beyond: 'less' };
  if (place > 100 - EDGE_PERCENT) return { place: 100 - EDGE_PERCENT / 2, beyond: 'more' };
  return { place, beyond: null };
}

/** The first row in which a mark stands free; the likelier, which come first, stand higher. */
function rowsOf(marks: readonly Omit<Mark, 'row'>[]): Mark[] {
  const placed: Mark[] = [];
  for (const mark of marks) {
    let row = 0;
    while (placed.some((other) => other.row === row && Math.abs(other.place - mark.place) < MARK_PERCENT)) row += 1;
    placed.push({ ...mark, row });
  }
  return placed;
}

/** Round numbers of grams: 1, 2 or 5 of a power of ten apart. */
function ticksIn(from: number, to: number): number[] {
  const least = (to - from) / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least) ?? 10 * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}
