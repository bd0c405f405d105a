// What stands on a simulated shelf, and what its cameras see.

export interface SimProduct {
  readonly sku: string;
  readonly name: string;
  readonly massGrams: number;
  /** One standard deviation of a piece's mass. */
  readonly toleranceGrams: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB, 8 bits, row by row, no padding. */
  readonly rgb: Uint8Array;
}

export type CameraNumber = 0 | 1;
