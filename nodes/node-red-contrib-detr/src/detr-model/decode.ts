// Decodes a whole JPEG or PNG to RGB, within bounds: grey, 16 bits, CMYK and transparent pictures too.
import { Fault, IMAGE_EDGE_MAX, type RgbImage } from '@tapcase/domain';
import sharp from 'sharp';

// One picture at a time, and the model's threads are at rest meanwhile: a pool of its own would only hold memory.
sharp.concurrency(1);
sharp.cache(false);

/** `image.unreadable` for what is no picture or is cut short, `image.too-large` beyond the longest edge. */
export async function decode(encoded: Uint8Array): Promise<RgbImage> {
  // Turned as the photo's EXIF says: the reference's load_image does so too.
  const picture = sharp(encoded, { limitInputPixels: IMAGE_EDGE_MAX ** 2, failOn: 'warning', autoOrient: true });
  const { width, height } = await picture.metadata().catch(unreadable);
  if (width > IMAGE_EDGE_MAX || height > IMAGE_EDGE_MAX) {
    throw new Fault('image.too-large', `${width} x ${height}, limit ${IMAGE_EDGE_MAX}`);
  }
  const { data, info } = await picture
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(unreadable);
  return { width: info.width, height: info.height, rgb: data };
}

function unreadable(cause: unknown): never {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/exceeds pixel limit/i.test(text)) throw new Fault('image.too-large', text, {}, cause);
  throw new Fault('image.unreadable', `no picture that can be read: ${text.split('\n')[0]}`, {}, cause);
}
