// Shows a picture with what was seen in it, and keeps the shelf's part of it where it is evidence of a visit.
import { defineNode } from '@tapcase/define-node';
import { Fault, type PictureFacts, type PictureName, pictureFile } from '@tapcase/domain';
import { WHOLE } from '../shelf-cut.ts';
import { keepFile, openVisit, tidy } from './album.ts';
import { defaults, fillAlbum, parseConfig, parseMessage, type SnapshotMessage } from './contract.ts';
import { type Developed, develop } from './develop.ts';

/** A visit has two pictures of each camera; more waiting than this is a flow gone wrong. */
const EVIDENCE_MAX = 16;
/** A live picture that comes while these are in work is not worth the processor: the next one comes in a second. */
const LIVE_MAX = 2;
const TIDY_EACH_MS = 3_600_000;

/** `msg.snapshot` */
interface KeptPicture extends PictureName {
  readonly file: string;
  readonly bytes: number;
}

export default defineNode({
  type: 'snapshot',
  outputs: ['pictured'],
  defaults,
  parseConfig,
  parseMessage,
  inherits: { from: 'state', type: 'tapcase-edge', fill: fillAlbum },
  build: (config, node) => {
    const { folder } = config;
    let inWork = 0;
    let tidying = Promise.resolve();
    const tidyUp = (): Promise<void> => {
      if (folder === undefined) return tidying;
      // One after the other: two at once would both count what one removes.
      tidying = tidying.then(async () => void (await tidy(folder, config, node.now())));
      return tidying;
    };
    void tidyUp();
    const timer = setInterval(() => void tidyUp(), TIDY_EACH_MS);
    timer.unref();
    node.onClose(() => clearInterval(timer));

    const keep = async (message: SnapshotMessage, developed: Developed): Promise<{ snapshot?: KeptPicture }> => {
      if (folder === undefined || message.keep === undefined) return {};
      const { visit = await openVisit(folder, message.keep.camera), ...look } = message.keep;
      if (visit === undefined) return {};
      const name: PictureName = { visit, ...look };
      const jpeg = await developed.clean();
      const file = pictureFile(name, 'jpg');
      await keepFile(folder, file, jpeg, node.now());
      // The facts last: where they are, the picture is.
      const nowMs = node.now();
      const facts = factsOf(name, message, developed, nowMs);
      await keepFile(folder, pictureFile(name, 'json'), Buffer.from(facts), nowMs);
      await tidyUp();
      return { snapshot: { ...name, file, bytes: jpeg.length } };
    };
    return async (message) => {
      const isLive = message.keep === undefined;
      if (isLive && inWork >= LIVE_MAX) return undefined;
      if (inWork >= EVIDENCE_MAX) throw new Fault('snapshot.too-many', `${EVIDENCE_MAX} pictures are in work`);
      inWork += 1;
      try {
        const shelf = config.shelf ?? message.shelf ?? WHOLE;
        const developed = await develop(message.picture, message, { ...config, ...shelf });
        const kept = await keep(message, developed);
        const payload = await developed.drawn();
        return {
          to: 'pictured',
          add: { payload, ...kept },
          status: isLive ? 'live' : (kept.snapshot?.visit ?? 'no visit'),
        };
      } finally {
        inWork -= 1;
      }
    };
  },
});

function factsOf(
  name: PictureName,
  { atMs, model, threshold }: SnapshotMessage,
  { width, height, boxes }: Developed,
  nowMs: number,
): string {
  const facts: PictureFacts = { ...name, atMs: atMs ?? nowMs, width, height, model, threshold, boxes: [...boxes] };
  return JSON.stringify(facts);
}
