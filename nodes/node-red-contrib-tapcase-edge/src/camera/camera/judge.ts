// Judges a camera's pictures one after the other and says who gets what of them.
import type { Fault } from '@tapcase/domain';
import type { CameraSourceConfig, Frame } from './contract.ts';
import { thumbnailOf } from './picture.ts';
import { createViewCheck, doubtFault } from './view-check.ts';

export interface Judged {
  readonly frame: Frame;
  /** What speaks against the camera, for whoever watches it. */
  readonly fault: Fault | undefined;
  /** What somebody gets who asked for this picture: a covered camera still has one to give. */
  readonly answer: Frame | Fault;
}

export interface Judge {
  /** In the order of the calls. Throws `camera.bad-picture`. */
  judge(encoded: Uint8Array, atMs: number): Promise<Judged>;
  teach(): void;
}

export function createJudge(config: CameraSourceConfig, onReferenceFault: (fault: Fault) => void): Judge {
  const { camera, shelf } = config;
  const named = { camera, ...(shelf === undefined ? {} : { shelf }) };
  const check = createViewCheck(config);
  let last: Promise<unknown> = Promise.resolve();

  const judgeNext = async (encoded: Uint8Array, atMs: number): Promise<Judged> => {
    const verdict = await check.judge(await thumbnailOf(encoded), atMs);
    if (verdict.referenceFault !== undefined) onReferenceFault(verdict.referenceFault);
    const { doubt } = verdict;
    if (doubt === undefined) {
      const frame = { encoded, atMs, ...named };
      return { frame, fault: undefined, answer: frame };
    }
    const frame = { encoded, atMs, doubt, ...named };
    const fault = doubtFault(camera, verdict, doubt);
    return { frame, fault, answer: doubt === 'covered' ? frame : fault };
  };
  return {
    judge: (encoded, atMs) => {
      const judged = last.then(() => judgeNext(encoded, atMs));
      last = judged.catch(() => {});
      return judged;
    },
    teach: check.teach,
  };
}
