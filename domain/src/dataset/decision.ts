// What a dataset needs to know of a visit: what a person decided, and which labels its products had. Nothing of who it was.
import * as v from 'valibot';
import type { Catalog } from '../catalog/product.ts';
import { PRODUCTS_MAX } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import { REVIEW_COUNT_MAX, REVIEW_LINES_MAX, type Review } from '../payment/review.ts';
import { VISIT_ID } from '../protocol/payloads.ts';

const sku = v.pipe(v.string(), v.minLength(1), v.maxLength(24));
const label = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));
const decisionSchema = v.object({
  visit: v.pipe(v.string(), v.regex(VISIT_ID)),
  /** null: nobody has decided, or nobody was asked. */
  decision: v.nullable(v.picklist(['confirm', 'correct', 'waive'])),
  /** What was taken, as the person says; null where nobody has, or nobody can tell. */
  taken: v.nullable(
    v.pipe(
      v.array(
        v.object({ sku, count: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(REVIEW_COUNT_MAX)) }),
      ),
      v.maxLength(REVIEW_LINES_MAX),
    ),
  ),
  /** The visit's frozen catalog: what each product may be seen as. */
  products: v.pipe(
    v.array(v.object({ sku, labels: v.pipe(v.array(label), v.maxLength(10)) })),
    v.maxLength(PRODUCTS_MAX),
  ),
});

export type VisitDecision = v.InferOutput<typeof decisionSchema>;

/** From the file beside the pictures; `dataset.bad-decision`, also where it speaks of another visit. */
export function parseVisitDecision(value: unknown, visit: string): VisitDecision | Fault {
  const result = v.safeParse(decisionSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    return new Fault('dataset.bad-decision', `${v.getDotPath(issue) ?? '(whole)'}: ${issue.message}`);
  }
  if (result.output.visit !== visit) return new Fault('dataset.bad-decision', 'it speaks of another visit');
  return result.output;
}

/** From the ledger. A decision's `lines` are what the person says was taken, whichever way they said it. */
export function decisionOf(
  visit: { readonly id: string; readonly catalog: Catalog },
  review: Pick<Review, 'decision' | 'lines'> | null,
): VisitDecision {
  const { decision = null, lines = null } = review ?? {};
  return {
    visit: visit.id,
    decision,
    taken: decision === null || lines === null ? null : lines.map(({ sku, count }) => ({ sku, count })),
    products: visit.catalog.products.map(({ sku, labels }) => ({ sku, labels: [...labels] })),
  };
}
