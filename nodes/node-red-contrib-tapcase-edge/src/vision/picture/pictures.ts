// Shows a picture with what was seen in it, and keeps the shelf's part of it where it is evidence of a visit.
import { Fault, type PictureFacts, type PictureName, pictureFile } from '@tapcase/domain';
import { WHOLE } from '../../camera/shelf-cut.ts';
import { keepFile, openVisit, tidy } from './album.ts';
import { type Developed, develop } from './develop.ts';
import type { AlbumConfig, PictureMessage } from './picture.ts';

/** A visit has two pictures of each camera; more waiting than this is a flow gone wrong. */
const EVIDENCE_MAX = 16;
/** A live picture that comes while these are in work is not worth the processor: the next one comes in a second. */
const LIVE_MAX = 2;
const TIDY_EACH_MS = 3_600_000;

/** `msg.snapshot` */
export interface KeptPicture extends PictureName {
  readonly file: string;
  readonly bytes: number;
}

/** What is put on the message. */
export interface Shown {
  /** A JPEG for people. */
  readonly payload: Buffer;
  readonly snapshot?: KeptPicture;
}

export interface Pictures {
  /**
   * undefined: a live picture that was let go. Rejects with `image.malformed`, `snapshot.unwritable` or
   * `snapshot.too-many`.
   */
  show(message: PictureMessage): Promise<Shown | undefined>;
  close(): void;
}

export function openPictures(config: AlbumConfig, now: () => number): Pictures {
  const { folder } = config;
  let inWork = 0;
  let tidying = Promise.resolve();
  const tidyUp = (): Promise<void> => {
    if (folder === undefined) return tidying;
    // One after the other: two at once would both count what one removes.
    tidying = tidying.then(async () => void (await tidy(folder, config, now())));
    return tidying;
  };
  void tidyUp();
  const timer = setInterval(() => void tidyUp(), TIDY_EACH_MS);
  timer.unref();

  const keep = async (message: PictureMessage, developed: Developed): Promise<{ snapshot?: KeptPicture }> => {
    if (folder === undefined || message.keep === undefined) return {};
    const { visit = await openVisit(folder, message.keep.camera), ...look } = message.keep;
    if (visit === undefined) return {};
    const name: PictureName = { visit, ...look };
    const jpeg = await developed.clean();
    const file = pictureFile(name, 'jpg');
    await keepFile(folder, file, jpeg, now());
    // The facts last: where they are, the picture is.
    const nowMs = now();
    const facts = factsOf(name, message, developed, nowMs);
    await keepFile(folder, pictureFile(name, 'json'), Buffer.from(facts), nowMs);
    await tidyUp();
    return { snapshot: { ...name, file, bytes: jpeg.length } };
  };
  return {
    show: async (message) => {
      if (message.keep === undefined && inWork >= LIVE_MAX) return undefined;
      if (inWork >= EVIDENCE_MAX)
        throw new Fault('snapshot.too-many', `${EVIDENCE_MAX} pictures are in work`, { max: EVIDENCE_MAX });
      inWork += 1;
      try {
        const developed = await develop(message.picture, message, { ...config, ...(message.shelf ?? WHOLE) });
        const kept = await keep(message, developed);
        return { payload: await developed.drawn(), ...kept };
      } finally {
        inWork -= 1;
      }
    },
    close: () => clearInterval(timer),
  };
}

function factsOf(
  name: PictureName,
  { atMs, model, threshold }: PictureMessage,
  { width, height, boxes }: Developed,
  nowMs: number,
): string {
  const facts: PictureFacts = { ...name, atMs: atMs ?? nowMs, width, height, model, threshold, boxes: [...boxes] };
  return JSON.stringify(facts);
}
