// Where things stand on the picture of the scale: which stretch of grams is shown, and where on it each explanation lies.

/** What was felt, or what an explanation would weigh. */
export interface Weight {
  readonly grams: number;
  /** One standard deviation. */
  readonly sigmaGrams: number;
}

/** Places are percent of the picture's width, so that it is as wide as its page. */
export interface Picture {
  readonly felt: Mark;
  readonly marks: readonly Mark[];
  readonly ticks: readonly { readonly grams: number; readonly place: number }[];
}

export interface Mark {
  readonly place: number;
  /** The give or take around it, as far as the picture reaches. */
  readonly from: number;
  readonly to: number;
  /** It lies further than the picture reaches. */
  readonly beyond: 'less' | 'more' | null;
}

/** Two standard deviations: 19 of 20 are within. */
const MARGIN_SIGMAS = 2;
/** A scale may claim to be better than the whole grams in which it is shown. */
const MARGIN_GRAMS_MIN = 1;
/** Less than half a candy bar to either side, and a gram would look like a difference. */
const HALF_GRAMS_MIN = 20;
/** The band of the scale is a third of the picture at most. */
const HALF_MARGINS = 3;
/** What decides the picture's reach does not stand at its very edge. */
const ROOM = 1.15;
/** To the left and right there is room for half a mark, an arrow, and half a tick's number. */
const EDGE_PERCENT = 10;
/** Numbers of four digits stay apart on a phone of 320 px. */
const TICKS_MAX = 5;

/** The scale's own give or take. */
export function marginGrams({ sigmaGrams }: Pick<Weight, 'sigmaGrams'>): number {
  return Math.max(MARGIN_GRAMS_MIN, spreadGrams({ sigmaGrams }));
}

/** How far what an explanation weighs may lie from what the catalog says; none for an empty one. */
export function spreadGrams({ sigmaGrams }: Pick<Weight, 'sigmaGrams'>): number {
  return MARGIN_SIGMAS * sigmaGrams;
}

/** Reaches to the second nearest explanation: it is there to show whether two can be told apart. */
export function pictureOf(felt: Weight, explanations: readonly Weight[]): Picture {
  const reach = (weight: Weight) => Math.abs(weight.grams - felt.grams) + spreadGrams(weight);
  const away = explanations.map(reach).sort((a, b) => a - b);
  const half = ROOM * Math.max(HALF_GRAMS_MIN, HALF_MARGINS * marginGrams(felt), away[1] ?? away[0] ?? 0);
  const from = felt.grams - half;
  const place = (grams: number) => EDGE_PERCENT + ((100 - 2 * EDGE_PERCENT) * (grams - from)) / (2 * half);
  return {
    felt: markOf(felt, marginGrams(felt), place),
    marks: explanations.map((weight) => markOf(weight, spreadGrams(weight), place)),
    ticks: ticksIn(from, from + 2 * half).map((grams) => ({ grams, place: place(grams) })),
  };
}

function markOf({ grams }: Weight, margin: number, place: (grams: number) => number): Mark {
  const at = place(grams);
  return {
    place: within(EDGE_PERCENT, at),
    from: within(0, place(grams - margin)),
    to: within(0, place(grams + margin)),
    beyond: at < EDGE_PERCENT ? 'less' : at > 100 - EDGE_PERCENT ? 'more' : null,
  };
}

/** As near as may be to `percent`, this far from both edges. */
function within(edge: number, percent: number): number {
  return Math.min(100 - edge, Math.max(edge, percent));
}

/** Round numbers of grams: 1, 2 or 5 of a power of ten apart. */
function ticksIn(from: number, to: number): number[] {
  const least = (to - from) / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least) ?? 10 * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}
