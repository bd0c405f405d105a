// What we believe was taken, and why.

/**
 * - `agreed`: scale and cameras name the same basket.
 * - `weight_decided`: the cameras were silent or miscounted, the mass leaves no doubt.
 * - `vision_decided`: the scale was silent.
 * - `disputed`: no basket reaches the threshold, or none explains the evidence.
 */
export type Verdict = 'agreed' | 'weight_decided' | 'vision_decided' | 'disputed';

export interface BasketLine {
  readonly sku: string;
  /** Above zero: taken. A basket never holds what was put in. */
  readonly count: number;
}

export interface Basket {
  /**
   * What is charged: the most probable basket. When that is `disputed`, only what all the explanations share that reach
   * the threshold together; `reason` then names them.
   */
  readonly lines: readonly BasketLine[];
  readonly verdict: Verdict;
  /** Posterior of the most probable basket, 0..1. */
  readonly probability: number;
  /** The next best explanation. */
  readonly runnerUp: { readonly lines: readonly BasketLine[]; readonly probability: number } | null;
  /** One English sentence for the operator. */
  readonly reason: string;
  readonly scale: { readonly removedGrams: number; readonly sigmaGrams: number } | null;
  readonly cameras: readonly { readonly label: string; readonly count: number }[] | null;
}
