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
  /** Turned about its foot, clockwise as seen from the door; a quarter turn lies on its side. Absent = it stands. */
  readonly turnRadians?: number;
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
  /** What makes the picture hard; the running shop has none of it. See conditions.ts. */
  readonly arms?: readonly Arm[];
  readonly light?: BadLight;
  readonly lenses?: readonly [Lens, Lens];
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** Somebody reaches in: hand at the goods, elbow outside the door. Points in picture units, see frame.ts. */
export interface Arm {
  readonly hand: { readonly x: number; readonly y: number; readonly z: number };
  readonly elbow: { readonly x: number; readonly y: number; readonly z: number };
  readonly skin: Rgb;
  readonly sleeve: Rgb;
  /** Where the sleeve ends, as a share of the way from the hand to the elbow. */
  readonly cuff: number;
}

export interface BadLight {
  /** Factors on red, green and blue: a coloured lamp, or a camera that guesses the white wrongly. */
  readonly cast: Rgb;
  /** What one dead lamp of two leaves on its side, and which side; 1 = both burn. */
  readonly deadLeaves: number;
  readonly deadSide: 'left' | 'right';
  /** Sun through the door, added at that side: 0 = none, 1 = as bright as the lamp. */
  readonly sun: number;
  readonly sunSide: 'left' | 'right';
  /** Factor on the sensor's noise: a camera in the dark turns its gain up. */
  readonly noise: number;
}

/** One camera's own trouble. Lengths in pixels of the frame. */
export interface Lens {
  readonly shiftXPx?: number;
  readonly shiftYPx?: number;
  readonly rollRadians?: number;
  /** Standard deviation of a picture out of focus. */
  readonly defocusPx?: number;
  /** The way the camera or the shelf moved while the shutter was open. */
  readonly motionXPx?: number;
  readonly motionYPx?: number;
  /** Share of the light that comes from the fog itself, 0..1. */
  readonly fog?: number;
  readonly droplets?: readonly Droplet[];
  /** Set = the picture went through a JPEG of this quality; see jpeg.ts. */
  readonly jpegQuality?: number;
}

export interface Droplet {
  readonly x: number;
  readonly y: number;
  readonly radiusPx: number;
}

/** A piece in a frame, as shares of the frame's width and height. */
export interface SeenBox {
  readonly sku: string;
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
}

/** A piece as one camera sees it: the box around what is visible, and which share of it that is. */
export interface SeenPiece extends SeenBox {
  /** Pixels seen / pixels that it would show alone in an unmoved frame, 0..1. */
  readonly visible: number;
}
