// What the shop's dialog stores: which cases there are, what each reserves on a card and how long it waits.

import { parsed, readFields } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, CASE_ID, type Catalog, Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  catalog: { value: '', type: 'catalog', required: true },
  /** Rows of the table, as CaseConfig. */
  cases: { value: [] },
} as const;

/** A dialog of more rows is no longer a dialog; larger fleets come from the ledger. */
export const CASES_MAX = 500;
/** Longer than this nobody waits for a receipt; the scale then decides alone. */
const VISION_WAIT_MS_MAX = 600_000;
/** A controller on battery reports at least once a day. */
const OFFLINE_AFTER_MS_MAX = 7 * 86_400_000;
/** The heartbeat of a controller is seconds: below this a case would blink. */
const OFFLINE_AFTER_MS_MIN = 5_000;

export interface CaseConfig {
  readonly id: string;
  readonly name: string;
  /** What is reserved on the card at unlock, in minor units of the catalog's currency. */
  readonly holdMinor: number;
  /** From the door's closing; after that the scale decides alone. */
  readonly visionWaitMs: number;
  /** Not heard for this long: the case is offline and opens for nobody. */
  readonly offlineAfterMs: number;
}

/** A case as flows see it (`msg.case`). */
export interface ShopCase extends CaseConfig {
  readonly catalog: Catalog;
}

/** The port of the shop config node. */
export interface Shop {
  /** The case, or the Fault `case.unknown`. */
  case(id: string): ShopCase | Fault;
  cases(): readonly ShopCase[];
}

export interface ShopConfig {
  readonly catalog: string;
  readonly cases: readonly CaseConfig[];
}

/** `shop.invalid` naming row and field, or `shop.duplicate-case`. */
export function parseConfig(raw: unknown): ShopConfig | Fault {
  return parsed(() => {
    const catalog = readFields(raw, 'shop.invalid').text('catalog', { min: 0, max: 100 });
    const rows = (raw as { readonly cases?: unknown }).cases;
    if (!Array.isArray(rows) || rows.length > CASES_MAX) {
      throw new Fault('shop.invalid', `cases: wants a table of at most ${CASES_MAX} rows`, { where: 'cases' });
    }
    const cases = rows.map(readCase);
    const seen = new Set<string>();
    for (const { id } of cases) {
      if (seen.has(id)) throw new Fault('shop.duplicate-case', `case ${id} stands twice`, { id });
      seen.add(id);
    }
    return { catalog, cases };
  });
}

function readCase(raw: unknown, row: number): CaseConfig {
  const read = readFields(raw, 'shop.invalid', `cases.${row}.`);
  return {
    id: read.text('id', { max: 32, pattern: CASE_ID }),
    name: read.text('name', { max: 60 }),
    holdMinor: read.whole('holdMinor', { min: 1, max: AMOUNT_MINOR_MAX }),
    visionWaitMs: read.whole('visionWaitMs', { min: 0, max: VISION_WAIT_MS_MAX }),
    offlineAfterMs: read.whole('offlineAfterMs', { min: OFFLINE_AFTER_MS_MIN, max: OFFLINE_AFTER_MS_MAX }),
  };
}
