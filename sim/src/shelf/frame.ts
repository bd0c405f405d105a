// Where a point of the cabinet lands in a camera's frame: two pinhole cameras, upper left and upper right of the door.
import { BOARDS, SLOTS_PER_BOARD } from './products.ts';
import type { CameraNumber, Pose } from './types.ts';

export const FRAME_WIDTH = 320;
export const FRAME_HEIGHT = 240;

/** All lengths are picture units: a product's picture is 96 x 128, its foot at FOOT_UNITS below the top. */
export const PICTURE_WIDTH = 96;
export const PICTURE_HEIGHT = 128;
export const FOOT_UNITS = 124;

/** Less than a bag of chips is wide (64): neighbours overlap a little, as on a shelf that sells. */
export const SLOT_PITCH = 52;
export const BOARD_PITCH = 152;
/** A wide bag in the first or last slot must not stick through the side wall. */
const SIDE_MARGIN = 12;
export const CABINET_WIDTH = SLOTS_PER_BOARD * SLOT_PITCH + 2 * SIDE_MARGIN;
export const CABINET_HEIGHT = BOARDS * BOARD_PITCH;
/** From the back wall to the front edge of a board. */
export const BACK = -18;
export const FRONT = 52;

export interface Point3 {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** x to the right from the middle, y up from the lowest board, z towards the door. */
export interface View {
  readonly eye: Point3;
  /** A point's place in the frame, in pixels. */
  project(point: Point3): readonly [px: number, py: number];
  /** The direction in which a pixel looks. */
  ray(px: number, py: number): Point3;
}

const AIM: Point3 = { x: 0, y: 205, z: 0 };
/** Pixels kept free around the cabinet. */
const MARGIN_PX = 3;

const VIEWS: readonly [View, View] = [
  makeView({ x: -400, y: 470, z: 1240 }),
  // Not quite the mirror image: the right camera hangs a little higher and closer.
  makeView({ x: 345, y: 540, z: 1160 }),
];

export function viewOf(camera: CameraNumber): View {
  return VIEWS[camera];
}

/** The middle of a slot's foot, moved as the piece was put down. */
export function footOf(slot: number, pose: Pose): Point3 {
  const column = slot % SLOTS_PER_BOARD;
  return {
    x: (column + 0.5 - SLOTS_PER_BOARD / 2) * SLOT_PITCH + pose.asideUnits,
    y: boardY(Math.floor(slot / SLOTS_PER_BOARD)),
    z: pose.depthUnits,
  };
}

/** Height of a board's surface; board 0 is the top one. */
export function boardY(board: number): number {
  return (BOARDS - 1 - board) * BOARD_PITCH;
}

function makeView(eye: Point3): View {
  const forward = unit(minus(AIM, eye));
  const right = unit({ x: -forward.z, y: 0, z: forward.x });
  const up = cross(right, forward);
  const flat = (point: Point3): readonly [number, number] => {
    const d = minus(point, eye);
    const depth = dot(d, forward);
    return [dot(d, right) / depth, -dot(d, up) / depth];
  };
  // The focal length that just fits the cabinet, and the middle of what is seen.
  const corners = [-1, 1].flatMap((side) =>
    [0, CABINET_HEIGHT].flatMap((y) => [BACK, FRONT].map((z) => flat({ x: (side * CABINET_WIDTH) / 2, y, z }))),
  );
  const [left, rightmost] = extent(corners.map(([x]) => x));
  const [top, bottom] = extent(corners.map(([, y]) => y));
  const focal = Math.min(
    (FRAME_WIDTH - 2 * MARGIN_PX) / (rightmost - left),
    (FRAME_HEIGHT - 2 * MARGIN_PX) / (bottom - top),
  );
  const middleX = FRAME_WIDTH / 2 - (focal * (left + rightmost)) / 2;
  const middleY = FRAME_HEIGHT / 2 - (focal * (top + bottom)) / 2;
  return {
    eye,
    project(point) {
      const [x, y] = flat(point);
      return [middleX + focal * x, middleY + focal * y];
    },
    ray(px, py) {
      const x = (px - middleX) / focal;
      const y = -(py - middleY) / focal;
      return {
        x: forward.x + x * right.x + y * up.x,
        y: forward.y + x * right.y + y * up.y,
        z: forward.z + x * right.z + y * up.z,
      };
    },
  };
}

function extent(values: readonly number[]): readonly [low: number, high: number] {
  return [Math.min(...values), Math.max(...values)];
}

function minus(a: Point3, b: Point3): Point3 {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

function dot(a: Point3, b: Point3): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

function cross(a: Point3, b: Point3): Point3 {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

function unit(a: Point3): Point3 {
  const length = Math.hypot(a.x, a.y, a.z);
  return { x: a.x / length, y: a.y / length, z: a.z / length };
}
