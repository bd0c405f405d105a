// A frame as it comes out of a JPEG: what a camera with little bandwidth really hands over.
import sharp from 'sharp';
import type { Picture } from './types.ts';

export async function throughJpeg({ width, height, rgb }: Picture, quality: number): Promise<Picture> {
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const decoded = await sharp(bytes).raw().toBuffer();
  return { width, height, rgb: new Uint8Array(decoded) };
}
