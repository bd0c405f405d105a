// Fetches one picture over HTTP and decodes it to RGB, within bounds. The one file that knows sharp.
import { Fault, IMAGE_EDGE_MAX, type RgbImage } from '@tapcase/domain';
import sharp from 'sharp';

/** A 4K PNG stays below this. */
const BYTES_MAX = 20_000_000;
const ANSWER_MS_MAX = 3_000;

/** `camera.unreachable` when nothing comes in time, `camera.bad-picture` when what comes is none. */
export async function fetchPicture(url: string): Promise<RgbImage> {
  const bytes = await fetchBytes(url);
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: IMAGE_EDGE_MAX ** 2 })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgb: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    throw new Fault('camera.bad-picture', 'the camera sent no picture that can be read', {}, cause);
  }
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Fault('camera.unreachable', `the camera answered ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body) {
      length += chunk.length;
      if (length > BYTES_MAX) throw new Fault('camera.bad-picture', `the picture is over ${BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('camera.unreachable', 'the camera does not answer', {}, thrown);
  }
}
