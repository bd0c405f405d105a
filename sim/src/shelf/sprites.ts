// Product pictures as pixels: each SVG rasterised once, at about twice the size a camera sees it.
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { PICTURE_HEIGHT, PICTURE_WIDTH } from './frame.ts';
import { PRODUCTS } from './products.ts';

export interface Sprite {
  readonly width: number;
  readonly height: number;
  /** Premultiplied RGBA floats: colour 0..255, alpha 0..1. */
  readonly rgba: Float32Array;
  /** What is not transparent, in picture units. */
  readonly content: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** Also what the shop's pages show, so one folder holds the pictures. */
export const PICTURES_FOLDER = fileURLToPath(new URL('./pictures/', import.meta.url));

/** A camera shows a picture about 45 pixels wide; fewer source pixels would blur, more would flicker. */
const SPRITE_WIDTH = 72;
const SPRITE_HEIGHT = (SPRITE_WIDTH * PICTURE_HEIGHT) / PICTURE_WIDTH;
/** An SVG's own 96 px at 72 dpi; drawn larger first, then averaged down. */
const RASTER_DPI = 216;

/** Every product's sprite by SKU. */
export async function loadSprites(): Promise<ReadonlyMap<string, Sprite>> {
  return new Map(await Promise.all(PRODUCTS.map(async ({ sku }) => [sku, await loadSprite(sku)] as const)));
}

async function loadSprite(sku: string): Promise<Sprite> {
  const bytes = await sharp(`${PICTURES_FOLDER}${sku}.svg`, { density: RASTER_DPI })
    .resize(SPRITE_WIDTH, SPRITE_HEIGHT, { fit: 'fill' })
    .ensureAlpha()
    .raw()
    .toBuffer();
  const rgba = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 4) {
    const alpha = bytes[at + 3]! / 255;
    rgba[at] = bytes[at]! * alpha;
    rgba[at + 1] = bytes[at + 1]! * alpha;
    rgba[at + 2] = bytes[at + 2]! * alpha;
    rgba[at + 3] = alpha;
  }
  return { width: SPRITE_WIDTH, height: SPRITE_HEIGHT, rgba, content: contentOf(rgba) };
}

function contentOf(rgba: Float32Array): Sprite['content'] {
  let [left, top, right, bottom] = [SPRITE_WIDTH, SPRITE_HEIGHT, 0, 0];
  for (let y = 0; y < SPRITE_HEIGHT; y++) {
    for (let x = 0; x < SPRITE_WIDTH; x++) {
      if (rgba[(y * SPRITE_WIDTH + x) * 4 + 3]! < 0.5) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  const unit = PICTURE_WIDTH / SPRITE_WIDTH;
  return { left: left * unit, top: top * unit, right: right * unit, bottom: bottom * unit };
}
