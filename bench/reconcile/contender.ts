// What takes part in the benchmark: it is made once for a catalog, with what the case has behind it, and then decides
// one visit after the other.
import type { BasketLine, Catalog } from '@tapcase/domain';
import type { CaseInput, TruthParameters, VisitCase } from './visit.ts';

export interface Decision {
  /** What it believes was taken. */
  readonly best: readonly BasketLine[];
  /** What it states for `best` being exactly right, 0..1; null where it states none. */
  readonly probability: number | null;
  /** What the customer pays. */
  readonly charged: readonly BasketLine[];
  /** A person has to look. */
  readonly review: boolean;
}

export interface Contender {
  readonly name: string;
  /** `truth` is there for the oracle alone. */
  decide(input: CaseInput, truth: TruthParameters): Decision;
}

export interface Past {
  readonly catalog: Catalog;
  /** True baskets of past visits. */
  readonly history: readonly (readonly BasketLine[])[];
  /** Past visits with evidence and truth, of the training seeds. */
  training(count: number): readonly VisitCase[];
}

export interface ContenderMaker {
  readonly name: string;
  create(past: Past): Contender;
}

/** For rules that state no probability: what they believe is what is paid. */
export function believed(best: readonly BasketLine[], review = false): Decision {
  return { best, probability: null, charged: best, review };
}
