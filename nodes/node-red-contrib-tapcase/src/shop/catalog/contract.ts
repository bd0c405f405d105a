// What the catalog's dialog stores, and how it becomes the domain's Catalog.
import { parseCatalog } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  currency: { value: 'usd', required: true },
  /** Rows of the table, as domain/catalog's Product. Prices in minor units. */
  products: { value: [] },
} as const;

/** `catalog.invalid` or `catalog.duplicate-sku` otherwise. */
export const parseConfig = parseCatalog;
