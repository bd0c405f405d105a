// What a person must be allowed to change a node of the shop as shipped, by its type. What operators made themselves is
// `flows.own`.
import type { Permission } from './roles.ts';

/** What is sold, at which price, in which case, and how sure the shop must be before it charges. */
const OF_THE_CATALOG: ReadonlySet<string> = new Set(['tapcase-catalog', 'tapcase-shop', 'tapcase-policy']);

/** Of a config node, whose changes are an operator's file. Tabs, accounts, keys and addresses are the shop itself. */
export function permissionToChange(type: string): Permission {
  return OF_THE_CATALOG.has(type) ? 'catalog.change' : 'flows.core';
}
