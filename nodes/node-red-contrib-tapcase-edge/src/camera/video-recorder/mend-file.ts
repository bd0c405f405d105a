// Makes a fragmented MP4 that a crash cut short readable: half a fragment's header at the end, and no player opens the file.
import type { FileHandle } from 'node:fs/promises';

/** Size and type, four bytes each (ISO/IEC 14496-12, 4.2). */
const BOX_HEADER_BYTES = 8;
/** Two boxes for each half second, 300 s a file at most, and the two at its head. */
const BOXES_MAX = 10_000;

interface End {
  /** Where the last box that can be read ends. */
  readonly soundBytes: number;
  readonly hasVideo: boolean;
}

/**
 * Cuts off what follows the last whole box, unless those are pictures: of pictures a player takes what is there. False where
 * no picture was ever written.
 */
export async function mendFile(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const { soundBytes, hasVideo } = await findEnd(file, size);
  // One that still grows is no cut one.
  if (hasVideo && soundBytes < size && (await file.stat()).size === size) {
    await file.truncate(soundBytes);
    await file.datasync();
  }
  return hasVideo;
}

async function findEnd(file: FileHandle, fileBytes: number): Promise<End> {
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let [offset, hasVideo, follows] = [0, false, ''];
  for (let n = 0; n < BOXES_MAX && offset + BOX_HEADER_BYTES <= fileBytes; n += 1) {
    await file.read(header, 0, BOX_HEADER_BYTES, offset);
    const bytes = header.readUInt32BE(0);
    const type = header.toString('latin1', 4);
    const isPictures = type === 'mdat' && follows === 'moof';
    if (isPictures) hasVideo = true;
    if (bytes < BOX_HEADER_BYTES || offset + bytes > fileBytes) {
      return { soundBytes: isPictures ? fileBytes : offset, hasVideo };
    }
    offset += bytes;
    follows = type;
  }
  return { soundBytes: offset, hasVideo };
}
