// What one visit's evidence comes to under a policy: for the visit that ends now, and for past ones in a replay.
import {
  applyLearning,
  type Basket,
  type CaseLearning,
  type Catalog,
  evidenceOf,
  reconcile,
  rulingOf,
} from '@tapcase/domain';
import type { Evidence } from '@tapcase/ledger';
import type { Policy } from './contract.ts';

export interface Known {
  /** As frozen when the visit began: its prices are what is charged, whatever was learned of its masses. */
  readonly catalog: Catalog;
  readonly evidence: Evidence;
  readonly stock?: Readonly<Record<string, number>> | undefined;
  readonly learned: CaseLearning | null;
}

export function decide({ catalog, evidence, stock, learned }: Known, { model, thresholds }: Policy): Basket {
  const believed = learned === null ? { catalog, model } : applyLearning(catalog, model, learned);
  return reconcile({ ...believed, ...evidenceOf(evidence), ...(stock === undefined ? {} : { stock }), thresholds });
}

/** Charged whole, and only the scale or only the cameras say so. */
export function isDecidedAlone(basket: Pick<Basket, 'verdict' | 'lines'>): boolean {
  return rulingOf(basket) === 'agreed' && basket.verdict !== 'agreed';
}
