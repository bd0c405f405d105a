// What we believe was taken, and why.

export type Verdict = 'agreed' | 'weight_decided' | 'vision_decided' | 'disputed';

export interface BasketLine {
  readonly sku: string;
  /** Above zero: taken. A basket never holds what was put in. */
  readonly count: number;
}

export interface Basket {
  readonly lines: readonly BasketLine[];
  readonly verdict: Verdict;
  /** Posterior of `lines`, 0..1. */
  readonly probability: number;
  /** The next best explanation. */
  readonly runnerUp: { readonly lines: readonly BasketLine[]; readonly probability: number } | null;
  /** One English sentence for the operator. */
  readonly reason: string;
  readonly scale: { readonly removedGrams: number; readonly sigmaGrams: number } | null;
  readonly cameras: readonly { readonly label: string; readonly count: number }[] | null;
}
