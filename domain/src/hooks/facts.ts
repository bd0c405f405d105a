// What questions and events have in common: the parts of a visit that an operator's own flow may know.
import * as v from 'valibot';
import { productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import type { Visit } from '../visit/visit.ts';
import { priced } from './cost.ts';

/** Trimmed after its length is known: a text of ten megabytes costs no time. */
export function localText(max: number, description: string) {
  const text = v.pipe(v.string(), v.maxLength(max), v.trim(), v.minLength(1));
  return v.pipe(v.object({ en: text, es: text }), v.description(description));
}

export function minor(description: string) {
  return v.pipe(v.number(), v.safeInteger(), v.description(`${description}; minor units`));
}

export function moment(description: string) {
  return v.pipe(v.number(), v.safeInteger(), v.description(`${description}; milliseconds since 1970`));
}

export const currency = v.pipe(v.string(), v.description('three lower-case letters'));

export const caseFacts = v.object({ id: v.string(), name: v.pipe(v.string(), v.description('as the shop calls it')) });

/** How many past visits of a customer a question tells of. */
export const KNOWN_VISITS_MAX = 50;

export const givenFacts = v.object({
  at: moment('when that visit began'),
  label: v.pipe(v.object({ en: v.string(), es: v.string() }), v.description('as it stood on the receipt')),
  minor: minor('what came off'),
});

export const customerFacts = v.object({
  id: v.string(),
  email: v.pipe(v.string(), v.description('as it was proved at sign-in')),
  visits: v.pipe(v.number(), v.description(`earlier visits, counted up to ${KNOWN_VISITS_MAX}`)),
  owesMinor: minor('not paid yet'),
  given: v.pipe(v.array(givenFacts), v.description('what own flows took off these visits, the newest first')),
});

export const lineFacts = v.object({
  sku: v.string(),
  name: v.object({ en: v.string(), es: v.string() }),
  count: v.number(),
  listMinor: minor('of one piece, as frozen at unlock'),
});

export type CustomerFacts = v.InferInput<typeof customerFacts>;
export type LineFacts = v.InferInput<typeof lineFacts>;
export type GivenFacts = v.InferInput<typeof givenFacts>;

export function linesOfVisit({ basket, catalog }: Pick<Visit, 'basket' | 'catalog'>): LineFacts[] {
  return (basket?.lines ?? []).map(({ sku, count }) => {
    const product = productBySku(catalog, sku);
    const { name = { en: sku, es: sku }, priceMinor = 0 } = product ?? {};
    return { sku, name: { en: name.en, es: name.es }, count, listMinor: priceMinor };
  });
}

/** What came off a decided visit; empty where nothing did. */
export function givenIn(visit: Pick<Visit, 'basket' | 'catalog' | 'createdAtMs'>): GivenFacts[] {
  const { basket, catalog, createdAtMs } = visit;
  if (basket?.adjustments === undefined) return [];
  const price = priced(basket.lines, catalog, basket.adjustments);
  if (price instanceof Fault) return [];
  return price.adjustments.map(({ label, minor: off }) => ({
    at: createdAtMs,
    label: { en: label.en, es: label.es },
    minor: off,
  }));
}

/** An id from outside, as a log may show it. */
export function visitId(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '?').slice(0, 24);
}
