// Every number the posterior rests on, with its unit and where it comes from. Operators see and set them in the editor.
import * as v from 'valibot';
import { Fault } from '../fault.ts';

const rate = v.pipe(v.number(), v.finite(), v.minValue(1e-9), v.maxValue(0.5));
/** As a rate, but may be zero: this never happens. */
const share = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(0.95));
const grams = (min: number, max: number) => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));

const modelSchema = v.strictObject({
  scale: v.strictObject({
    /** Grams, one standard deviation of a whole door session, however quiet the cells look: four cells of 2 g, after minus before. */
    sigmaGrams: grams(0.1, 200),
    /** Visits in which somebody leans on the case, or it drifts, while it is weighed. */
    unsteadyRate: rate,
    /** Grams, one standard deviation of such a weighing. */
    unsteadyGrams: grams(1, 1000),
    /** Visits in which something that is not for sale stays in the case or leaves it. */
    foreignRate: rate,
    /** Grams: such a thing weighs anything up to this. */
    foreignGrams: grams(10, 50_000),
    /** Visits in which a piece ends on another shelf than it came from. */
    movedRate: rate,
  }),
  camera: v.strictObject({
    /** Pieces that no camera sees: they stand behind others. */
    hiddenRate: rate,
    /** Pieces that one camera does not see, or the detector does not find in its picture. */
    missRate: rate,
    /** Pieces that one camera takes for a look-alike (products with the same `alike`). */
    confusionRate: rate,
    /** Pieces that stay and are seen differently after the visit: bumped, uncovered, turned. */
    movedRate: rate,
    /** Pieces that stay and that one camera's detector judges differently the second time. */
    flickerRate: rate,
    /** Boxes around nothing that come, and that go, between a camera's two looks. */
    falseRate: rate,
    /** Boxes around nothing that stand in both of a camera's looks. */
    ghostRate: rate,
    /** What is known of a camera by its name: a lens that needs cleaning. Otherwise each visit's own counts tell. */
    views: v.record(v.string(), v.strictObject({ missRate: share, flickerRate: share })),
    /** Below this mean score a label's counts are faint, and false boxes FAINT_FACTOR times as likely. */
    faintScore: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  basket: v.strictObject({
    /** Mean number of different products in a visit. */
    kindsPerVisit: grams(0.05, 20),
    /** Chance of one more piece of a product that was taken. */
    againRate: rate,
    /** Visits in which a piece is taken out and put back: the cameras see it anew. */
    putBackRate: rate,
    /** Visits in which a product of the catalog is brought in from outside. */
    putInRate: rate,
    /** Products whose stock on hand is not what the books say. */
    stockWrongRate: rate,
    /** Relative popularity by SKU, learned from past visits; a SKU that is not named has the mean of the others. */
    popularity: v.record(v.string(), v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e9))),
  }),
  /** By SKU: rates of `camera` that were measured for this product. */
  products: v.record(v.string(), v.strictObject({ hiddenRate: share, missRate: share, confusionRate: share })),
  /** Divides the evidence in nats: above 1 the posterior is less sure than the raw model. Fitted on the benchmark. */
  temperature: v.pipe(v.number(), v.finite(), v.minValue(0.2), v.maxValue(5)),
});

export type ReconcileModel = v.InferOutput<typeof modelSchema>;

/** Sources: docs/reconcile.md, section "Parameters". */
export const DEFAULT_MODEL: ReconcileModel = {
  scale: {
    sigmaGrams: 5.7,
    unsteadyRate: 0.02,
    unsteadyGrams: 40,
    foreignRate: 0.005,
    foreignGrams: 1000,
    movedRate: 0.04,
  },
  camera: {
    hiddenRate: 0.01,
    missRate: 0.03,
    confusionRate: 0.04,
    movedRate: 0.01,
    flickerRate: 0.005,
    falseRate: 0.005,
    ghostRate: 0.05,
    views: {},
    faintScore: 0.9,
  },
  basket: {
    kindsPerVisit: 1.3,
    againRate: 0.25,
    putBackRate: 0.1,
    putInRate: 1e-3,
    stockWrongRate: 1e-3,
    popularity: {},
  },
  products: {},
  temperature: 1.2,
};

export const FAINT_FACTOR = 10;

/** A model, or `reconcile.bad-model` naming the field. */
export function parseModel(value: unknown): ReconcileModel | Fault {
  const result = v.safeParse(modelSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? '(whole)';
  return new Fault('reconcile.bad-model', `${where}: ${issue.message}`, { where });
}
