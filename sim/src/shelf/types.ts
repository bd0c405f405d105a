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

/** How a hand happened to put a piece down; lengths in picture units (a product's picture is 96 x 128). */
export interface Pose {
  /** Off the middle of its slot. */
  readonly asideUnits: number;
  /** From the back of the board towards the door. */
  readonly depthUnits: number;
  /** Sideways shift of the top against the foot, as a share of the height. */
  readonly lean: number;
  /** Factors near 1. */
  readonly size: number;
  readonly shade: number;
}

export interface PlacedItem {
  readonly sku: string;
  readonly slot: number;
  readonly pose: Pose;
}

/** All a camera needs to know for one frame. */
export interface Scene {
  readonly items: readonly PlacedItem[];
  readonly doorOpen: boolean;
  /** 1 = a clean new lamp. */
  readonly lamp: number;
}

/** A piece in a frame, as shares of the frame's width and height. */
export interface SeenBox {
  readonly sku: string;
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
}
