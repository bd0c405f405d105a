// Where a piece stands in a frame and how it is drawn there: its flat picture through the camera's perspective.
import {
  FOOT_UNITS,
  FRAME_HEIGHT,
  FRAME_WIDTH,
  footOf,
  PICTURE_HEIGHT,
  PICTURE_WIDTH,
  type Point3,
  viewOf,
} from './frame.ts';
import type { Sprite } from './sprites.ts';
import type { CameraNumber, PlacedItem, SeenBox } from './types.ts';

/** Pieces are darker on the side away from the camera. */
const SIDE_SHADE = 0.16;
const CONTACT_SHADOW = 0.45;
/** A sprite's edge pixel belongs to the piece from here on. */
const SOLID_ALPHA = 0.5;

/** Painter's order: what is nearer to the camera covers what is farther. */
export function farToNear(items: readonly PlacedItem[], camera: CameraNumber): PlacedItem[] {
  const { eye } = viewOf(camera);
  const distance = ({ slot, pose }: PlacedItem) => {
    const foot = footOf(slot, pose);
    return (foot.x - eye.x) ** 2 + (foot.z - eye.z) ** 2;
  };
  return [...items].sort((a, b) => distance(b) - distance(a));
}

/** Frame pixels of a picture's point: x and y of the origin, of one unit to the right, of one unit down. */
interface Placement {
  readonly ox: number;
  readonly oy: number;
  readonly ux: number;
  readonly uy: number;
  readonly vx: number;
  readonly vy: number;
}

/** A piece is small, so its flat picture's perspective is close to an affine map through three corners. */
function placementOf({ slot, pose }: PlacedItem, content: Sprite['content'], camera: CameraNumber): Placement {
  const { project } = viewOf(camera);
  const foot = footOf(slot, pose);
  const half = (PICTURE_WIDTH / 2) * pose.size;
  const top = foot.y + FOOT_UNITS * pose.size;
  const aside = pose.lean * FOOT_UNITS * pose.size;
  const turned = turnAbout(foot, pose.turnRadians ?? 0, ((content.right - content.left) / 2) * pose.size);
  const corner = (x: number, y: number) => project(turned(x, y));
  const [ox, oy] = corner(foot.x - half + aside, top);
  const [rx, ry] = corner(foot.x + half + aside, top);
  const [bx, by] = corner(foot.x - half, foot.y);
  return {
    ox,
    oy,
    ux: (rx - ox) / PICTURE_WIDTH,
    uy: (ry - oy) / PICTURE_WIDTH,
    vx: (bx - ox) / FOOT_UNITS,
    vy: (by - oy) / FOOT_UNITS,
  };
}

/** Turned clockwise about the middle of the foot, then lifted so that the lower corner stands on the board. */
function turnAbout(foot: Point3, radians: number, halfWidth: number): (x: number, y: number) => Point3 {
  if (radians === 0) return (x, y) => ({ x, y, z: foot.z });
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const lift = halfWidth * Math.abs(sin);
  return (x, y) => ({
    x: foot.x + (x - foot.x) * cos + (y - foot.y) * sin,
    y: foot.y + (y - foot.y) * cos - (x - foot.x) * sin + lift,
    z: foot.z,
  });
}

export function boxOf(item: PlacedItem, sprite: Sprite, camera: CameraNumber): SeenBox {
  const place = placementOf(item, sprite.content, camera);
  const { left, top, right, bottom } = bounds(place, sprite.content);
  return {
    sku: item.sku,
    cx: (left + right) / 2 / FRAME_WIDTH,
    cy: (top + bottom) / 2 / FRAME_HEIGHT,
    w: (right - left) / FRAME_WIDTH,
    h: (bottom - top) / FRAME_HEIGHT,
  };
}

/** The upright frame rectangle around a picture's rectangle. */
function bounds({ ox, oy, ux, uy, vx, vy }: Placement, box: Sprite['content']): Sprite['content'] {
  const corners = [
    [box.left, box.top],
    [box.right, box.top],
    [box.left, box.bottom],
    [box.right, box.bottom],
  ] as const;
  const xs = corners.map(([u, v]) => ox + u * ux + v * vx);
  const ys = corners.map(([u, v]) => oy + u * uy + v * vy);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export function drawShadow(canvas: Float32Array, { slot, pose }: PlacedItem, camera: CameraNumber): void {
  const foot = footOf(slot, pose);
  const { project } = viewOf(camera);
  const [cx, cy] = project(foot);
  const [edge] = project({ ...foot, x: foot.x + 30 });
  const rx = Math.abs(edge - cx);
  const ry = rx * 0.3;
  eachPixel({ left: cx - rx, right: cx + rx, top: cy - ry, bottom: cy + ry }, (px, py) => {
    const away = ((px + 0.5 - cx) / rx) ** 2 + ((py + 0.5 - cy) / ry) ** 2;
    if (away >= 1) return;
    const keep = 1 - CONTACT_SHADOW * (1 - away);
    const at = (py * FRAME_WIDTH + px) * 3;
    canvas[at] = canvas[at]! * keep;
    canvas[at + 1] = canvas[at + 1]! * keep;
    canvas[at + 2] = canvas[at + 2]! * keep;
  });
}

/** Calls `owned` for each pixel that the piece takes for itself. */
export function drawItem(
  canvas: Float32Array,
  item: PlacedItem,
  sprite: Sprite,
  camera: CameraNumber,
  owned?: (pixel: number) => void,
): void {
  const place = placementOf(item, sprite.content, camera);
  const { ox, oy, ux, uy, vx, vy } = place;
  const determinant = ux * vy - uy * vx;
  const scale = sprite.width / PICTURE_WIDTH;
  // Light falls from the camera's side of the door.
  const towards = camera === 0 ? 1 : -1;
  const all = { left: 0, top: 0, right: PICTURE_WIDTH, bottom: PICTURE_HEIGHT };
  eachPixel(bounds(place, all), (px, py) => {
    const dx = px + 0.5 - ox;
    const dy = py + 0.5 - oy;
    const u = (dx * vy - dy * vx) / determinant;
    const v = (dy * ux - dx * uy) / determinant;
    const shade = item.pose.shade * (1 - SIDE_SHADE * towards * (u / PICTURE_WIDTH - 0.5) * 2);
    const pixel = py * FRAME_WIDTH + px;
    const alpha = blend(canvas, pixel * 3, sprite, u * scale - 0.5, v * scale - 0.5, shade);
    if (alpha >= SOLID_ALPHA) owned?.(pixel);
  });
}

/** Bilinear sample of a premultiplied sprite, laid over one pixel; how much it covers, 0..1. */
function blend(canvas: Float32Array, at: number, sprite: Sprite, x: number, y: number, shade: number): number {
  const { width, height, rgba } = sprite;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 < 0 || y0 < 0 || x0 >= width - 1 || y0 >= height - 1) return 0;
  const fx = x - x0;
  const fy = y - y0;
  const i = (y0 * width + x0) * 4;
  const j = i + width * 4;
  const [a, b, c, d] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
  const alpha = rgba[i + 3]! * a + rgba[i + 7]! * b + rgba[j + 3]! * c + rgba[j + 7]! * d;
  if (alpha <= 0) return 0;
  for (let n = 0; n < 3; n++) {
    const colour = rgba[i + n]! * a + rgba[i + 4 + n]! * b + rgba[j + n]! * c + rgba[j + 4 + n]! * d;
    canvas[at + n] = canvas[at + n]! * (1 - alpha) + colour * shade;
  }
  return alpha;
}

export function eachPixel(
  { left, top, right, bottom }: Sprite['content'],
  visit: (px: number, py: number) => void,
): void {
  const x1 = Math.min(FRAME_WIDTH - 1, Math.ceil(right));
  const y1 = Math.min(FRAME_HEIGHT - 1, Math.ceil(bottom));
  for (let py = Math.max(0, Math.floor(top)); py <= y1; py++) {
    for (let px = Math.max(0, Math.floor(left)); px <= x1; px++) visit(px, py);
  }
}
