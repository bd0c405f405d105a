// What a camera sees: the empty cabinet, the pieces from far to near, then arms, lens, light and noise.
import { drawArm } from './arms.ts';
import { renderBackdrop } from './backdrop.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from './frame.ts';
import { movedBack, throughLens } from './lens.ts';
import { develop, lightMap } from './light.ts';
import { boxOf, drawItem, drawShadow, farToNear } from './pieces.ts';
import type { Random } from './random.ts';
import { loadSprites, type Sprite } from './sprites.ts';
import type { CameraNumber, Lens, Picture, PlacedItem, Scene, SeenBox, SeenPiece } from './types.ts';

export interface Renderer {
  /** One frame. `random` makes the noise: the same scene is never the same picture twice. */
  render(scene: Scene, camera: CameraNumber, random: Random): Picture;
  /** Where each piece is in that frame, whatever covers it; never shown to the shop. */
  boxes(scene: Scene, camera: CameraNumber): SeenBox[];
  /** A frame and what is visible in it, piece by piece in the scene's order: for training and for tests. */
  renderLabelled(scene: Scene, camera: CameraNumber, random: Random): LabelledPicture;
}

export interface LabelledPicture {
  readonly picture: Picture;
  readonly pieces: readonly SeenPiece[];
}

/** In the map of owners: nobody's pixel. */
const NOBODY = -1;

export async function createRenderer(): Promise<Renderer> {
  const sprites = await loadSprites();
  const backdrops = [renderBackdrop(0), renderBackdrop(1)] as const;
  const light = lightMap();
  const canvas = new Float32Array(FRAME_WIDTH * FRAME_HEIGHT * 3);
  const owners = new Int16Array(FRAME_WIDTH * FRAME_HEIGHT);
  const paint = (scene: Scene, camera: CameraNumber, own: (owner: number) => (pixel: number) => void) => {
    canvas.set(backdrops[camera]);
    const items = farToNear(scene.items, camera);
    for (const item of items) drawShadow(canvas, item, camera);
    for (const item of items) drawItem(canvas, item, spriteOf(sprites, item), camera, own(scene.items.indexOf(item)));
    for (const arm of scene.arms ?? []) drawArm(canvas, arm, camera, own(NOBODY));
    const lens = scene.lenses?.[camera];
    if (lens !== undefined) throughLens(canvas, lens);
  };
  return {
    render(scene, camera, random) {
      paint(scene, camera, () => () => undefined);
      return develop(canvas, light, scene, random);
    },
    boxes: (scene, camera) => scene.items.map((item) => boxOf(item, spriteOf(sprites, item), camera)),
    renderLabelled(scene, camera, random) {
      owners.fill(NOBODY);
      const drawn = new Array<number>(scene.items.length).fill(0);
      paint(scene, camera, (owner) => (pixel) => {
        owners[pixel] = owner;
        if (owner !== NOBODY) drawn[owner]! += 1;
      });
      const pieces = seenPieces(scene.items, drawn, owners, scene.lenses?.[camera] ?? {});
      return { picture: develop(canvas, light, scene, random), pieces };
    },
  };
}

function spriteOf(sprites: ReadonlyMap<string, Sprite>, { sku }: PlacedItem): Sprite {
  const sprite = sprites.get(sku);
  if (sprite === undefined) throw new RangeError(`no picture of ${sku}`);
  return sprite;
}

interface Extent {
  pixels: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What is left of each piece once everything nearer is drawn and the camera is where it was moved to. */
function seenPieces(
  items: readonly PlacedItem[],
  drawn: readonly number[],
  owners: Int16Array,
  lens: Lens,
): SeenPiece[] {
  const extents = items.map((): Extent => ({ pixels: 0, left: FRAME_WIDTH, right: 0, top: FRAME_HEIGHT, bottom: 0 }));
  const back = movedBack(lens);
  for (let py = 0; py < FRAME_HEIGHT; py++) {
    for (let px = 0; px < FRAME_WIDTH; px++) {
      const extent = extents[ownerAt(owners, back, px, py)];
      if (extent === undefined) continue;
      extent.pixels += 1;
      extent.left = Math.min(extent.left, px);
      extent.right = Math.max(extent.right, px + 1);
      extent.top = Math.min(extent.top, py);
      extent.bottom = Math.max(extent.bottom, py + 1);
    }
  }
  return items.map(({ sku }, n) => {
    const { pixels, left, right, top, bottom } = extents[n]!;
    const visible = Math.min(1, pixels / Math.max(1, drawn[n]!));
    if (pixels === 0) return { sku, visible, cx: 0, cy: 0, w: 0, h: 0 };
    return {
      sku,
      visible,
      cx: (left + right) / 2 / FRAME_WIDTH,
      cy: (top + bottom) / 2 / FRAME_HEIGHT,
      w: (right - left) / FRAME_WIDTH,
      h: (bottom - top) / FRAME_HEIGHT,
    };
  });
}

function ownerAt(owners: Int16Array, back: ReturnType<typeof movedBack>, px: number, py: number): number {
  if (back === undefined) return owners[py * FRAME_WIDTH + px]!;
  const [x, y] = back(px, py).map(Math.floor) as [number, number];
  if (x < 0 || y < 0 || x >= FRAME_WIDTH || y >= FRAME_HEIGHT) return NOBODY;
  return owners[y * FRAME_WIDTH + x]!;
}
