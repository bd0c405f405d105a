// What a shop's own rules take off a basket: never more than it costs, so the list price frozen at unlock stays the most.
import type { Catalog } from '../catalog/product.ts';
import { productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import { stepMinor } from '../payment/currency.ts';
import { totalMinor } from '../payment/money.ts';
import type { AdjustmentView } from '../protocol/api.ts';
import type { BasketLine } from '../reconcile/basket.ts';
import { ADJUSTMENTS_MAX, type PriceAdjustment } from './adjustment.ts';

export interface Priced {
  /** What the lines cost by the catalog. */
  readonly listMinor: number;
  /** What is asked: from 0 to `listMinor`. */
  readonly totalMinor: number;
  /** What really came off, above zero each; an adjustment that finds nothing to come off is not listed. */
  readonly adjustments: readonly AdjustmentView[];
}

/**
 * In the order given; each takes off at most what is left of its line or of the whole. Amounts are whole steps of the
 * currency, halves in the customer's favour, so the rest can be charged where the list price could. The faults of
 * `totalMinor`.
 */
export function priced(
  lines: readonly BasketLine[],
  catalog: Catalog,
  adjustments: readonly PriceAdjustment[] = [],
): Priced | Fault {
  const listMinor = totalMinor(lines, catalog);
  if (listMinor instanceof Fault) return listMinor;
  const rest = new Map<string, number>();
  for (const { sku, count } of lines) {
    rest.set(sku, (rest.get(sku) ?? 0) + (productBySku(catalog, sku)?.priceMinor ?? 0) * count);
  }
  const step = stepMinor(catalog.currency);
  const views: AdjustmentView[] = [];
  let leftMinor = listMinor;
  for (const adjustment of adjustments.slice(0, ADJUSTMENTS_MAX)) {
    const { label, sku } = adjustment;
    const offMinor = Math.min(amountOf(adjustment, restOf(sku), step), restOf(sku));
    // Also what is not a number at all takes nothing off.
    if (!(offMinor > 0)) continue;
    takeOff(sku, offMinor);
    leftMinor -= offMinor;
    views.push({ label, minor: offMinor });
  }
  return { listMinor, totalMinor: leftMinor, adjustments: views };

  function restOf(sku: string | undefined): number {
    return sku === undefined ? leftMinor : Math.min(rest.get(sku) ?? 0, leftMinor);
  }

  /** What comes off the whole comes off the lines one after the other: a later adjustment of a line finds what is left. */
  function takeOff(sku: string | undefined, offMinor: number): void {
    let toTake = offMinor;
    for (const [each, left] of rest) {
      if (sku !== undefined && each !== sku) continue;
      const taken = Math.min(left, toTake);
      rest.set(each, left - taken);
      toTake -= taken;
    }
  }
}

function amountOf({ percent, minor }: PriceAdjustment, restMinor: number, step: number): number {
  const wantedMinor = percent === undefined ? (minor ?? 0) : (restMinor * percent) / 100;
  return Math.floor(wantedMinor / step + 0.5) * step;
}
