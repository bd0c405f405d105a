// The world that the benchmark plays: every number with its unit and where it comes from, and every scenario with its
// share. Fixed before any contender was tuned; what a contender may learn, it learns from visits of the training seeds.

/** `source` says where the number was measured or published; "reasoned" where it was not. */
export interface Parameter {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

const LOAD_CELL = 'HX711 with 50 kg half-bridge cells, +-2 g a reading (bill of materials; olkal and bogde threads)';
const RECOGNITION =
  'so that, with the other rates, the first camera to see a piece names it right in 97 % of cases: what Miss Fresh ' +
  'reports of its cabinets in production (88 % at first, 97 % after six months)';

export const PARAMETERS = {
  // Scale
  cellSigmaGrams: {
    value: 2.83,
    unit: 'g, before minus after, one cell',
    source: `${LOAD_CELL}: 2 g x sqrt 2. Four of them in sum: 5.66 g`,
  },
  creepGramsPerMinute: {
    value: 2 / 15,
    unit: 'g a minute, whole case, towards more load',
    source: 'HX711 under constant load: 2 g in 12 to 15 min (RobTillaart/HX711#21, bogde/HX711#236)',
  },
  openSecondsMin: { value: 5, unit: 's', source: 'reasoned: one known product, straight out' },
  openSecondsMax: { value: 60, unit: 's', source: 'reasoned: choosing; later the case complains of an open door' },
  statedSigmaGramsMin: {
    value: 2,
    unit: 'g, whole case, as the controller states it',
    source: 'a controller sees only the noise of one second, not what drifts between two weighings',
  },
  statedSigmaGramsMax: { value: 3, unit: 'g, whole case, as the controller states it', source: 'as above' },
  pieceSpread: {
    value: 0.01,
    unit: 'of the mass, one sigma',
    source:
      'filling tolerance: OIML R 87 allows 15 g short of 500 g (3 %) to one pack in 40, near two sigmas: 1 to 1.5 %',
  },
  pieceSpreadGramsMin: { value: 0.5, unit: 'g', source: 'OIML R 87 at small packs; a wrapper alone varies by this' },
  leaningSigmaGrams: {
    value: 40,
    unit: 'g, one shelf',
    source:
      'reasoned: a resting hand or a door against the gasket; lean and pressure are in the AutoCheckout failure list',
  },
  driftSigmaGrams: {
    value: 10,
    unit: 'g, whole case',
    source:
      'temperature of cell and converter (OpenScale#15, olkal#64); 5 to 10 g a day (bogde#92) within one long visit',
  },
  foreignGramsMin: { value: 20, unit: 'g', source: 'reasoned: a set of keys, a glove' },
  foreignGramsMax: { value: 600, unit: 'g', source: 'reasoned: a filled cup, an umbrella' },
  swapSigmaGrams: { value: 3, unit: 'g', source: 'reasoned: a bottle filled by somebody with a kitchen scale' },
  staleMassFactor: {
    value: 330 / 355,
    unit: 'of the catalog mass',
    source: 'reasoned: a maker goes from cans of 355 to 330 ml',
  },

  // Cameras
  hidden: { value: 0.01, unit: 'chance a piece, from both cameras', source: `stacked behind others; ${RECOGNITION}` },
  miss: { value: 0.03, unit: 'chance a piece and camera', source: `occlusion or detector; ${RECOGNITION}` },
  confused: {
    value: 0.04,
    unit: 'chance a piece and camera, only with look-alikes',
    source: `seen as a look-alike of its family; ${RECOGNITION}`,
  },
  bumped: {
    value: 0.01,
    unit: 'chance a piece that stays, both cameras',
    source: 'reasoned: a hand moves, hides or uncovers one or two of the 150 pieces in a case of 50 products',
  },
  flicker: {
    value: 0.005,
    unit: 'chance a piece that stays and camera',
    source:
      'the detector judges the same piece anew. With `bumped` and 15 pieces a view this changes a count in 2 % of ' +
      'untouched views; our first demo detector, on drawn shelves of 0 to 36 pieces, miscounted 1.6 % (models/demo-shelf/MODEL_CARD.md)',
  },
  falseBoxes: {
    value: 0.05,
    unit: 'boxes a camera and look, Poisson',
    source: 'reasoned: glare, a poster, a reflection',
  },
  falsePersists: {
    value: 0.9,
    unit: 'chance that a false box is in both looks',
    source: 'reasoned: the glass is the same',
  },
  rateSpread: {
    value: 0.5,
    unit: 'sigma of the logarithm, product to product',
    source: 'reasoned: two thirds of products within a factor of 1.65 of the mean, as classes of one detector differ',
  },
  rateMax: { value: 0.25, unit: 'chance', source: 'a product worse than this would not be sold from such a case' },
  stackedHidden: {
    value: 0.2,
    unit: 'chance a piece, of a stacked product',
    source: 'reasoned: a row five deep shows four to a camera above',
  },
  foggedMiss: { value: 0.3, unit: 'chance a piece, fogged camera', source: 'reasoned: a door opened on a humid day' },
  foggedFlicker: {
    value: 0.3,
    unit: 'chance a piece, fogged camera',
    source: 'reasoned: fog moves while the door is open',
  },
  foreignSeen: { value: 0.2, unit: 'chance a camera', source: 'reasoned: what is no product is rarely taken for one' },

  // People
  repeat: {
    value: 0.25,
    unit: 'chance that a further piece is of a kind already taken',
    source: 'reasoned: two of the same',
  },
  zipf: {
    value: 0.8,
    unit: 'exponent of popularity over rank',
    source: 'reasoned: sales fall with rank near a power law; the best of 50 sells as much as the last 16',
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type Rates = { readonly [Name in keyof typeof PARAMETERS]: number };

/** Out of 100 baskets with something in them: 1 piece, 2 pieces, ... Reasoned: a median of one, a long tail. */
export const SIZE_SHARES = [62, 22, 9, 4, 2, 1] as const;

export const ZONES = ['top', 'upper', 'lower', 'bottom'] as const;
export const CAMERAS = ['left', 'right'] as const;

/** Most pieces of one product at the start of a visit, by catalog size: the same shelves hold them all. */
export function stockMax(products: number): number {
  if (products <= 10) return 8;
  if (products <= 50) return 5;
  if (products <= 200) return 3;
  return 2;
}

export const SCENARIOS = {
  plain: { share: 57.4, what: 'pieces are taken, nothing else happens' },
  'nothing-taken': { share: 12, what: 'the door is opened and shut' },
  'put-back': {
    share: 5,
    what: 'one more piece is taken and put back in its place; a camera may now see it otherwise',
  },
  'put-back-elsewhere': { share: 4, what: 'one more piece is taken and put back on another shelf' },
  'several-one-back': { share: 3, what: 'two to four of one product are taken, one of them is put back' },
  'big-basket': { share: 2, what: '8 to 12 pieces' },
  'look-alike': { share: 5, what: 'one of the pieces has a look-alike, or a product within 5 g of it' },
  stacked: { share: 3, what: 'what is taken stands in deep rows: a fifth of its pieces is hidden from both cameras' },
  'fogged-camera': { share: 2, what: 'one camera misses a third of what it should see, differently in each look' },
  'dead-camera': { share: 1, what: 'one camera does not report' },
  'both-cameras-dead': { share: 0.2, what: 'no camera reports' },
  'leaning-hand': { share: 1, what: 'something presses on a shelf during a weighing' },
  drift: { share: 1, what: 'the scale drifts with temperature between the weighings' },
  'foreign-swap': { share: 0.1, what: 'a piece is taken and something of its mass put in its place' },
  'foreign-left': { share: 0.5, what: 'pieces are taken and something of 20 to 600 g is left behind' },
  'stale-mass': { share: 0.5, what: 'a product that is taken weighs 7 % less than the catalog says' },
  'restock-unannounced': { share: 0.1, what: 'somebody fills the case without saying so; nothing is taken' },
  'stock-wrong': { share: 0.5, what: 'of some products there are more or fewer than the books say' },
  'scale-dead': { share: 0.3, what: 'the scale does not report' },
  'two-shoppers': { share: 0.9, what: 'two people reach in at once: two baskets in one, and one piece changes shelf' },
  'door-reopened': { share: 0.5, what: 'shut and opened again: two baskets in one, the noise of two visits' },
} as const satisfies Readonly<Record<string, { share: number; what: string }>>;

/** Shares: openings without a sale and put-backs are reasoned; what is in the AutoCheckout failure list is rare but there. */
export type Scenario = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as Scenario[];

export interface Mix {
  readonly rates: Rates;
  /** In percent; they sum to 100. */
  readonly shares: Readonly<Record<Scenario, number>>;
}

export const STANDARD_MIX: Mix = {
  rates: Object.fromEntries(Object.entries(PARAMETERS).map(([name, { value }]) => [name, value])) as unknown as Rates,
  shares: Object.fromEntries(SCENARIO_NAMES.map((name) => [name, SCENARIOS[name].share])) as Record<Scenario, number>,
};
