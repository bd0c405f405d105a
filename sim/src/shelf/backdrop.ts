// The empty cabinet as a camera sees it: wall, boards, price rails and lamp, ray by ray, once per camera.
import {
  BACK,
  BOARD_PITCH,
  CABINET_HEIGHT,
  CABINET_WIDTH,
  FRAME_HEIGHT,
  FRAME_WIDTH,
  FRONT,
  type Point3,
  viewOf,
} from './frame.ts';
import { BOARDS } from './products.ts';
import type { CameraNumber } from './types.ts';

type Colour = readonly [red: number, green: number, blue: number];

const WALL: Colour = [214, 222, 228];
const BOARD: Colour = [196, 204, 211];
const RAIL: Colour = [92, 102, 114];
const SIDE: Colour = [176, 187, 196];
const OUTSIDE: Colour = [38, 42, 48];
const RAIL_HEIGHT = 12;
const RAIL_STRIPE: Colour = [228, 231, 234];

/** RGB floats, 0..255, before lamp, door and noise. */
export function renderBackdrop(camera: CameraNumber): Float32Array {
  const view = viewOf(camera);
  const pixels = new Float32Array(FRAME_WIDTH * FRAME_HEIGHT * 3);
  for (let py = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++) {
      pixels.set(colourAlong(view.eye, view.ray(px + 0.5, py + 0.5)), (py * FRAME_WIDTH + px) * 3);
    }
  }
  return pixels;
}

/** The first surface a ray meets, door side first. */
function colourAlong(eye: Point3, ray: Point3): Colour {
  const front = at(eye, ray, (FRONT - eye.z) / ray.z);
  if (!inside(front)) return OUTSIDE;
  // How far below a board's surface the ray enters.
  const belowBoard = (BOARD_PITCH - (front.y % BOARD_PITCH)) % BOARD_PITCH;
  if (front.y < CABINET_HEIGHT && belowBoard < RAIL_HEIGHT && front.y > RAIL_HEIGHT) {
    return belowBoard > 3 && belowBoard < 9 && Math.abs(front.x % 104) < 30 ? RAIL_STRIPE : RAIL;
  }
  const board = boardHit(eye, ray);
  if (board !== null) {
    // Boards are darker towards the wall, where the next board keeps the light away.
    return shade(BOARD, 0.72 + (0.3 * (board.z - BACK)) / (FRONT - BACK));
  }
  const back = at(eye, ray, (BACK - eye.z) / ray.z);
  if (Math.abs(back.x) > CABINET_WIDTH / 2) return shade(SIDE, 0.8);
  const aboveBoard = (((back.y % BOARD_PITCH) + BOARD_PITCH) % BOARD_PITCH) / BOARD_PITCH;
  const underBoard = 1 - 0.32 * Math.max(0, (aboveBoard - 0.75) * 4);
  return shade(WALL, underBoard * (0.86 + (0.14 * back.y) / CABINET_HEIGHT));
}

/** Where a ray meets a board's surface between wall and edge, if it does. */
function boardHit(eye: Point3, ray: Point3): Point3 | null {
  if (ray.y >= 0) return null;
  for (let board = BOARDS; board >= 0; board--) {
    const point = at(eye, ray, (board * BOARD_PITCH - eye.y) / ray.y);
    if (point.z > BACK && point.z < FRONT && Math.abs(point.x) <= CABINET_WIDTH / 2) return point;
  }
  return null;
}

function inside({ x, y }: Point3): boolean {
  return Math.abs(x) <= CABINET_WIDTH / 2 && y >= 0 && y <= CABINET_HEIGHT;
}

function at(eye: Point3, ray: Point3, distance: number): Point3 {
  return { x: eye.x + distance * ray.x, y: eye.y + distance * ray.y, z: eye.z + distance * ray.z };
}

function shade([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}
