// What happens in one visit, before anybody has looked or weighed.
import type { Pieces } from './basket-draw.ts';

/** A fogged camera misses with `foggedMiss` (or the product's own rate where that is worse) and flickers with `foggedFlicker`. */
export type CameraState = 'good' | 'fogged' | 'dead';

export interface Plan {
  /** What is gone at the end. */
  readonly taken: Pieces;
  /** Pieces that were in a hand and are in the case at the end. */
  readonly moved: readonly { readonly sku: string; readonly to: string }[];
  /** Pieces that came in. */
  readonly added: Pieces;
  readonly stockTold: Pieces;
  /** Products that stand in deep rows. */
  readonly stacked: ReadonlySet<string>;
  /** SKU to true mean mass over the catalog's; absent: 1. */
  readonly massFactors: Readonly<Record<string, number>>;
  readonly cameras: Readonly<Record<string, CameraState>>;
  readonly scale: ScalePlan;
}

export interface ScalePlan {
  readonly isDead: boolean;
  readonly noiseFactor: number;
  readonly driftSigmaGrams: number;
  /** On one shelf. */
  readonly leaningSigmaGrams: number;
  /** Something that is no product, left on a shelf. */
  readonly foreign: { readonly zone: string; readonly massGrams: number } | null;
}

/** One thing that was in the case or came into it. */
export interface Piece {
  readonly sku: string;
  readonly massGrams: number;
  /** Where it stood, and where it stands afterwards; null: not in the case. */
  readonly from: string | null;
  readonly to: string | null;
  /** Somebody had it in hand: the cameras see it anew. */
  readonly handled: boolean;
}
