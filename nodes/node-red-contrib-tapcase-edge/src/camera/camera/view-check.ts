// Follows one camera's pictures and says what speaks against each of them; learns what it should see.
import {
  edgesOf,
  Fault,
  isCovered,
  isFrozen,
  meanThumbnail,
  nextStillness,
  type Stillness,
  SWAPPED_PICTURES,
  seenInstead,
  type Thumbnail,
  unreachable,
} from '@tapcase/domain';
import type { CameraSourceConfig, Doubt } from './contract.ts';
import { type References, referencesIn } from './references.ts';

/** Somebody in the first picture must not stand in the reference for good. */
const TEACH_PICTURES = 5;

export interface ViewCheck {
  /** What speaks against the picture; `kept` tells that the reference could not be kept. */
  judge(thumbnail: Thumbnail, atMs: number): Promise<Verdict>;
  teach(): void;
}

export interface Verdict {
  readonly doubt: Doubt | undefined;
  /** In whose place the camera seems to be. */
  readonly instead: string | undefined;
  readonly referenceFault: Fault | undefined;
}

export function createViewCheck({ address, camera, role, referenceFolder }: CameraSourceConfig): ViewCheck {
  const references = referenceFolder === '' ? undefined : referencesIn(referenceFolder);
  const mayRepeat = address.kind === 'ffmpeg' && address.repeats;
  let stillness: Stillness | undefined;
  let lesson: Thumbnail[] | undefined;
  let inOtherPlace = 0;

  /** Adds a good picture to the lesson; keeps the reference when there are enough. */
  const learn = async (kept: References, thumbnail: Thumbnail, atMs: number): Promise<Fault | undefined> => {
    lesson?.push(thumbnail);
    const [first, ...others] = lesson ?? [];
    if (first === undefined || others.length + 1 < TEACH_PICTURES) return undefined;
    lesson = undefined;
    try {
      await kept.keep(camera, role, meanThumbnail([first, ...others]), atMs);
      return undefined;
    } catch (thrown) {
      return thrown as Fault;
    }
  };

  return {
    teach: () => {
      inOtherPlace = 0;
      lesson = [];
    },
    judge: async (thumbnail, atMs) => {
      stillness = nextStillness(stillness, thumbnail, atMs);
      const good = { doubt: undefined, instead: undefined, referenceFault: undefined };
      // Covered first: nothing at all is also the same again and again.
      if (isCovered(thumbnail)) return { ...good, doubt: 'covered' };
      if (!mayRepeat && isFrozen(stillness, atMs)) return { ...good, doubt: 'frozen' };
      if (references === undefined) return good;
      const known = await references.read();
      if (!known.has(camera)) lesson ??= [];
      if (lesson !== undefined) return { ...good, referenceFault: await learn(references, thumbnail, atMs) };
      const instead = seenInstead(edgesOf(thumbnail), camera, known);
      inOtherPlace = instead === undefined ? 0 : inOtherPlace + 1;
      return inOtherPlace < SWAPPED_PICTURES ? good : { ...good, doubt: 'swapped', instead };
    },
  };
}

/** `camera.covered`, `camera.frozen` or `camera.swapped`. */
export function doubtFault(camera: string, { instead }: Verdict, doubt: Doubt): Fault {
  switch (doubt) {
    case 'covered':
      return new Fault('camera.covered', 'the camera sees nothing: dark, white or flat', { camera });
    case 'frozen':
      return new Fault('camera.frozen', 'the camera shows the same picture again and again', { camera });
    case 'swapped':
      return new Fault('camera.swapped', 'the camera shows what another one should', { camera, instead });
    default:
      return unreachable(doubt);
  }
}
