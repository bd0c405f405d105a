// Makes the form in which a person says what was taken: one field for each product that the visit could have held.
import { type CaseEvidence, formatMinor, type Visit } from '@tapcase/domain';
import type { ReviewedVisit } from '@tapcase/ledger';
import { chargedOf, explanationsOf, massOf } from './review-row.ts';
import { timeOf } from './time-of.ts';

/** A field's key begins with this, so that no SKU can be taken for the visit or the note. */
export const SKU_KEY = 'sku ';

/** As the dashboard's form wants its elements. */
interface FormField {
  readonly label: string;
  readonly key: string;
  readonly type: 'text' | 'number';
  readonly required: boolean;
  readonly rows: null;
}

/** `payload` fills the form, `ui_update.options` are its fields, `chosen` says in words which visit it is. */
export function formOf({ visit }: ReviewedVisit, { scale }: Pick<CaseEvidence, 'scale'>) {
  const products = productsOf(visit);
  const counts = new Map((visit.basket?.lines ?? []).map(({ sku, count }) => [sku, count]));
  const payload: Record<string, string | number> = { visit: visit.id, note: '' };
  // What was charged: a hasty press changes nothing.
  for (const { sku } of products) payload[`${SKU_KEY}${sku}`] = counts.get(sku) ?? 0;
  const options: FormField[] = [
    field('visit', 'Visit', 'text', true),
    ...products.map(({ sku, name, priceMinor, massGrams }) => {
      const price = formatMinor(priceMinor, visit.catalog.currency);
      return field(`${SKU_KEY}${sku}`, `${name.en} (${price}, ${Math.round(massGrams)} g)`, 'number', false);
    }),
    field('note', 'Note: how you know', 'text', true),
  ];
  return { payload, ui_update: { options }, chosen: wordsOf(visit, scale) };
}

function field(key: string, label: string, type: FormField['type'], required: boolean): FormField {
  return { label, key, type, required, rows: null };
}

/** What the evidence names first, then all else that was for sale: pictures may show what nothing else saw. */
function productsOf({ basket, catalog }: Visit): Visit['catalog']['products'] {
  const named = new Set([
    ...(basket?.candidates ?? []).flatMap(({ lines }) => lines.map(({ sku }) => sku)),
    ...(basket?.evidence ?? []).map(({ sku }) => sku),
  ]);
  const isNamed = ({ sku }: { readonly sku: string }) => named.has(sku);
  return [...catalog.products.filter(isNamed), ...catalog.products.filter((each) => !isNamed(each))];
}

function wordsOf(visit: Visit, scale: CaseEvidence['scale']): string {
  const seen = `${massOf(scale)}; ${explanationsOf(visit)}; charged ${chargedOf(visit)}`;
  return `${timeOf(visit.createdAtMs)}, case ${visit.caseId}: ${seen}`;
}
