// What may pass for a picture, and its small copy for judging the camera.
import { Fault, IMAGE_EDGE_MAX, THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH, type Thumbnail } from '@tapcase/domain';
import sharp from 'sharp';

const JPEG = [0xff, 0xd8, 0xff] as const;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** By its first bytes alone. */
export function isPicture(encoded: Uint8Array): boolean {
  return [JPEG, PNG].some((signature) => signature.every((byte, at) => encoded[at] === byte));
}

/** Throws `camera.bad-picture`: neither JPEG nor PNG, cut short, broken, or of a size that no camera has. */
export async function thumbnailOf(encoded: Uint8Array): Promise<Thumbnail> {
  if (!isPicture(encoded)) throw new Fault('camera.bad-picture', 'the camera sent neither a JPEG nor a PNG');
  try {
    const luma = await sharp(encoded, { limitInputPixels: IMAGE_EDGE_MAX ** 2 })
      .flatten()
      .greyscale()
      .resize(THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT, { fit: 'fill' })
      .raw()
      .toBuffer();
    return { width: THUMBNAIL_WIDTH, height: THUMBNAIL_HEIGHT, luma: new Uint8Array(luma) };
  } catch (cause) {
    throw new Fault('camera.bad-picture', 'the camera sent no picture that can be read', {}, cause);
  }
}
