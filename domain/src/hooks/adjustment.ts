// What an own flow takes off a price, as a visit freezes it.
import type { LocalText } from '../protocol/api.ts';

/** One thing taken off, as an own flow answered it and the visit froze it. `percent` or `minor`, never both. */
export interface PriceAdjustment {
  readonly label: LocalText;
  /** The product that it is taken off; absent: the whole basket. */
  readonly sku?: string | undefined;
  /** Of what is left to pay of it by then, 0..100. */
  readonly percent?: number | undefined;
  /** Minor units of the catalog's currency. */
  readonly minor?: number | undefined;
}

export const ADJUSTMENTS_MAX = 20;
