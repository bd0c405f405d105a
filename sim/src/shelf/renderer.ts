// What a camera sees: the empty cabinet, the pieces from far to near, lamp and door light, sensor noise.
import { renderBackdrop } from './backdrop.ts';
import { FOOT_UNITS, FRAME_HEIGHT, FRAME_WIDTH, footOf, PICTURE_HEIGHT, PICTURE_WIDTH, viewOf } from './frame.ts';
import { gaussian, type Random, seededRandom } from './random.ts';
import { loadSprites, type Sprite } from './sprites.ts';
import type { CameraNumber, Picture, PlacedItem, Scene, SeenBox } from './types.ts';

export interface Renderer {
  /** One frame. `random` makes the noise: the same scene is never the same picture twice. */
  render(scene: Scene, camera: CameraNumber, random: Random): Picture;
  /** Where each piece is in that frame: labels for training, never shown to the shop. */
  boxes(scene: Scene, camera: CameraNumber): SeenBox[];
}

/** Standard deviation of the sensor's noise, of 255. */
const NOISE = 4.5;
/** Drawn once and read from a random place: 230,400 logarithms a frame would cost more than the frame. */
const NOISE_TABLE = makeNoise(65_536 + FRAME_WIDTH * 3);
/** An open door lets the room's warmer light in. */
const OPEN_DOOR: readonly [number, number, number] = [1.2, 1.15, 1.08];
/** The lamp hangs at the top; the corners of a cheap lens are darker. */
const LAMP_FALL = 0.18;
const VIGNETTE = 0.22;
/** Pieces are darker on the side away from the camera. */
const SIDE_SHADE = 0.16;
const CONTACT_SHADOW = 0.45;

export async function createRenderer(): Promise<Renderer> {
  const sprites = await loadSprites();
  const backdrops = [renderBackdrop(0), renderBackdrop(1)] as const;
  const light = lightMap();
  const canvas = new Float32Array(FRAME_WIDTH * FRAME_HEIGHT * 3);
  return {
    render(scene, camera, random) {
      canvas.set(backdrops[camera]);
      const items = farToNear(scene.items, camera);
      for (const item of items) drawShadow(canvas, item, camera);
      for (const item of items) drawItem(canvas, item, spriteOf(sprites, item), camera);
      return develop(canvas, light, scene, random);
    },
    boxes: (scene, camera) => scene.items.map((item) => boxOf(item, spriteOf(sprites, item), camera)),
  };
}

function spriteOf(sprites: ReadonlyMap<string, Sprite>, { sku }: PlacedItem): Sprite {
  const sprite = sprites.get(sku);
  if (sprite === undefined) throw new RangeError(`no picture of ${sku}`);
  return sprite;
}

/** Painter's order: what is nearer to the camera covers what is farther. */
function farToNear(items: readonly PlacedItem[], camera: CameraNumber): PlacedItem[] {
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
function placementOf({ slot, pose }: PlacedItem, camera: CameraNumber): Placement {
  const { project } = viewOf(camera);
  const foot = footOf(slot, pose);
  const half = (PICTURE_WIDTH / 2) * pose.size;
  const top = foot.y + FOOT_UNITS * pose.size;
  const aside = pose.lean * FOOT_UNITS * pose.size;
  const [ox, oy] = project({ x: foot.x - half + aside, y: top, z: foot.z });
  const [rx, ry] = project({ x: foot.x + half + aside, y: top, z: foot.z });
  const [bx, by] = project({ x: foot.x - half, y: foot.y, z: foot.z });
  return {
    ox,
    oy,
    ux: (rx - ox) / PICTURE_WIDTH,
    uy: (ry - oy) / PICTURE_WIDTH,
    vx: (bx - ox) / FOOT_UNITS,
    vy: (by - oy) / FOOT_UNITS,
  };
}

function boxOf(item: PlacedItem, sprite: Sprite, camera: CameraNumber): SeenBox {
  const place = placementOf(item, camera);
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

function drawShadow(canvas: Float32Array, { slot, pose }: PlacedItem, camera: CameraNumber): void {
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

function drawItem(canvas: Float32Array, item: PlacedItem, sprite: Sprite, camera: CameraNumber): void {
  const place = placementOf(item, camera);
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
    blend(canvas, (py * FRAME_WIDTH + px) * 3, sprite, u * scale - 0.5, v * scale - 0.5, shade);
  });
}

/** Bilinear sample of a premultiplied sprite, laid over one pixel. */
function blend(canvas: Float32Array, at: number, sprite: Sprite, x: number, y: number, shade: number): void {
  const { width, height, rgba } = sprite;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 < 0 || y0 < 0 || x0 >= width - 1 || y0 >= height - 1) return;
  const fx = x - x0;
  const fy = y - y0;
  const i = (y0 * width + x0) * 4;
  const j = i + width * 4;
  const [a, b, c, d] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
  const alpha = rgba[i + 3]! * a + rgba[i + 7]! * b + rgba[j + 3]! * c + rgba[j + 7]! * d;
  if (alpha <= 0) return;
  for (let n = 0; n < 3; n++) {
    const colour = rgba[i + n]! * a + rgba[i + 4 + n]! * b + rgba[j + n]! * c + rgba[j + 4 + n]! * d;
    canvas[at + n] = canvas[at + n]! * (1 - alpha) + colour * shade;
  }
}

function eachPixel({ left, top, right, bottom }: Sprite['content'], visit: (px: number, py: number) => void): void {
  const x1 = Math.min(FRAME_WIDTH - 1, Math.ceil(right));
  const y1 = Math.min(FRAME_HEIGHT - 1, Math.ceil(bottom));
  for (let py = Math.max(0, Math.floor(top)); py <= y1; py++) {
    for (let px = Math.max(0, Math.floor(left)); px <= x1; px++) visit(px, py);
  }
}

/** Light to bytes: lamp, door, lens and noise. Uint8ClampedArray rounds and clamps. */
function develop(canvas: Float32Array, light: Float32Array, scene: Scene, random: Random): Picture {
  const [red, green, blue] = scene.doorOpen ? OPEN_DOOR : ([1, 1, 1] as const);
  // Exposure is never quite the same twice.
  const gain = scene.lamp * (1 + 0.015 * gaussian(random));
  const rgb = new Uint8ClampedArray(canvas.length);
  let noise = 0;
  for (let pixel = 0, at = 0; at < canvas.length; pixel++, at += 3) {
    if (pixel % FRAME_WIDTH === 0) noise = Math.floor(random() * 65_536);
    const lit = light[pixel]! * gain;
    rgb[at] = canvas[at]! * lit * red + NOISE_TABLE[noise++]!;
    rgb[at + 1] = canvas[at + 1]! * lit * green + NOISE_TABLE[noise++]!;
    rgb[at + 2] = canvas[at + 2]! * lit * blue + NOISE_TABLE[noise++]!;
  }
  return { width: FRAME_WIDTH, height: FRAME_HEIGHT, rgb: new Uint8Array(rgb.buffer) };
}

function lightMap(): Float32Array {
  const light = new Float32Array(FRAME_WIDTH * FRAME_HEIGHT);
  for (let py = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++) {
      const x = (px / FRAME_WIDTH - 0.5) * 2;
      const y = (py / FRAME_HEIGHT - 0.5) * 2;
      light[py * FRAME_WIDTH + px] = (1 - (LAMP_FALL * (y + 1)) / 2) * (1 - (VIGNETTE * (x * x + y * y)) / 2);
    }
  }
  return light;
}

function makeNoise(length: number): Float32Array {
  const random = seededRandom(0x7a9ca5e);
  return Float32Array.from({ length }, () => NOISE * gaussian(random));
}
