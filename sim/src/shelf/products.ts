// The six products of the demo shelf, in the detector's class order, and where a full shelf keeps them.
import type { SimProduct } from './types.ts';

export const PRODUCTS: readonly SimProduct[] = [
  { sku: 'cola', name: 'Cola', massGrams: 355, toleranceGrams: 5 },
  { sku: 'soda', name: 'Lemon soda', massGrams: 350, toleranceGrams: 5 },
  { sku: 'water', name: 'Water', massGrams: 510, toleranceGrams: 6 },
  { sku: 'chips', name: 'Chips', massGrams: 70, toleranceGrams: 4 },
  { sku: 'juice', name: 'Orange juice', massGrams: 260, toleranceGrams: 5 },
  { sku: 'candy', name: 'Candy bar', massGrams: 50, toleranceGrams: 3 },
];

export const BOARDS = 3;
export const SLOTS_PER_BOARD = 12;
export const SLOTS = BOARDS * SLOTS_PER_BOARD;

/** What a restocker leaves behind: board by board from the top, left to right. */
const FULL_SHELF: readonly (readonly [sku: string, count: number])[] = [
  ['chips', 6],
  ['candy', 6],
  ['cola', 6],
  ['soda', 6],
  ['water', 6],
  ['juice', 6],
];

/** SKU by slot; slot = board * SLOTS_PER_BOARD + column, board 0 on top. */
export const PLANOGRAM: readonly string[] = FULL_SHELF.flatMap(([sku, count]) => Array<string>(count).fill(sku));

export function productOf(sku: string): SimProduct | undefined {
  return PRODUCTS.find((product) => product.sku === sku);
}
