// One line in, one result out: what reconcile says about a stored visit, what it would charge, and how far from the truth.
import {
  type Basket,
  type BasketLine,
  type CaseInput,
  type Catalog,
  chargeable,
  Fault,
  parseCase,
  type ReconcileInput,
  reconcile,
  totalMinor,
} from '@tapcase/domain';

/** As it is written, one JSON object per line; docs/reconcile.md describes it. */
export interface ReplayResult
  extends Pick<Basket, 'verdict' | 'probability' | 'lines' | 'candidates' | 'reason' | 'work'> {
  readonly id: string;
  /** Of the cases file, from 1. */
  readonly line: number;
  readonly chargedMinor: number;
  /** What the pieces that were taken cost; absent where the case has no truth. */
  readonly truthMinor?: number;
}

export interface Replayed {
  readonly result: ReplayResult;
  readonly visit: CaseInput;
  readonly basket: Basket;
  readonly charged: readonly BasketLine[];
}

/** Other parameters than the defaults. */
export type ReplayPolicy = Pick<ReconcileInput, 'model' | 'thresholds'>;

/** `cases.not-json`, whatever parseCase says, or `money.too-large`. `catalog` is for cases that bring none. */
export function replayLine(
  text: string,
  line: number,
  { catalog, policy }: { readonly catalog: Catalog | null; readonly policy: ReplayPolicy },
): Replayed | Fault {
  const value = jsonOf(text);
  if (value instanceof Fault) return value;
  const visit = parseCase(value, catalog);
  return visit instanceof Fault ? visit : replay(visit, line, policy);
}

function replay(visit: CaseInput, line: number, policy: ReplayPolicy): Replayed | Fault {
  const { id, input, truth } = visit;
  const basket = reconcile({ ...input, ...policy });
  const { verdict, probability, lines, candidates, reason, work } = basket;
  const charged = chargeable(basket).lines;
  const chargedMinor = totalMinor(charged, input.catalog);
  if (chargedMinor instanceof Fault) return chargedMinor;
  const truthMinor = truth === null ? null : totalMinor(truth, input.catalog);
  if (truthMinor instanceof Fault) return truthMinor;
  const told = { id, line, verdict, probability, lines, candidates, reason, work, chargedMinor };
  return { result: truthMinor === null ? told : { ...told, truthMinor }, visit, basket, charged };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return new Fault('cases.not-json', (error as Error).message);
  }
}
