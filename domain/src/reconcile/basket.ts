// What we believe was taken, and why.
import type { PriceAdjustment } from '../hooks/adjustment.ts';
import type { LocalText } from '../protocol/api.ts';
import type { CameraView, ScaleReading, ZoneReading } from './evidence.ts';

/**
 * - `agreed`: scale and cameras name the same basket.
 * - `weight_decided`: the cameras were silent or miscounted, the mass leaves no doubt.
 * - `vision_decided`: the scale was silent, or weighed something that no basket explains.
 * - `disputed`: no basket reaches the threshold.
 */
export type Verdict = 'agreed' | 'weight_decided' | 'vision_decided' | 'disputed';

export interface BasketLine {
  readonly sku: string;
  /** Above zero: taken. A basket never holds what was put in. */
  readonly count: number;
}

/** One explanation: what was taken, whatever was put in beside. */
export interface Candidate {
  readonly lines: readonly BasketLine[];
  /** Posterior, 0..1. */
  readonly probability: number;
}

/** How many of a product each camera counted; a camera that did not name the product's labels is not listed. */
export interface LineSighting {
  readonly camera: string;
  readonly before: number;
  readonly after: number;
}

/** What speaks for one product. */
export interface LineEvidence {
  readonly sku: string;
  /** Pieces in the most probable basket. */
  readonly count: number;
  /** Posterior that at least these were taken, 0..1. */
  readonly probability: number;
  /** What these pieces weigh. */
  readonly grams: number;
  readonly cameras: readonly LineSighting[];
}

/** How hard the search was. */
export interface Work {
  /** Partial baskets tried. */
  readonly tried: number;
  /** The bound was reached: other explanations may exist, so nothing is called certain. */
  readonly limited: boolean;
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
  /** At most CANDIDATES_MAX, the most probable first; the second is the runner-up. */
  readonly candidates: readonly Candidate[];
  /** Every product of the best basket and the runner-up, and what else the cameras saw change. */
  readonly evidence: readonly LineEvidence[];
  /** One sentence for whoever asks why. */
  readonly reason: LocalText;
  /** What was weighed and seen. */
  readonly scale: ScaleReading | null;
  readonly zones: readonly ZoneReading[];
  readonly cameras: readonly CameraView[] | null;
  readonly work: Work;
  /** What the operator's own flows take off, frozen with the basket; absent where they took nothing off. */
  readonly adjustments?: readonly PriceAdjustment[];
  /** The own flow that changed this basket's price or held it back, by its name. */
  readonly changedBy?: string;
}

export const CANDIDATES_MAX = 5;
