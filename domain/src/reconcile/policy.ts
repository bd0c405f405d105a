// Decides what of a basket is charged, and when a person must look. In doubt the customer wins.
import type { Basket, BasketLine } from './basket.ts';

/** Posterior from which a basket counts as known. With clean evidence it is above 0.99; what lies between 0.95 and that
 * is a source that was silent, and of those at most one in twenty is charged wrongly. */
export const CHARGE_PROBABILITY_MIN = 0.95;

export interface Charge {
  readonly lines: readonly BasketLine[];
  /** A person should look, whatever is charged: one source was silent or wrong. */
  readonly flagged: boolean;
  /** Something may have been taken and nothing of it is certain: release the hold and let a person decide. */
  readonly review: boolean;
}

export function chargeable({ verdict, lines }: Pick<Basket, 'verdict' | 'lines'>): Charge {
  return { lines, flagged: verdict !== 'agreed', review: verdict === 'disputed' && lines.length === 0 };
}
