// What tapcase-scene-diff keeps on the card, and how it is read back: whole and of this version, or not at all.

import { asFields } from '@tapcase/define-node';
import { parseVisionReport } from '@tapcase/domain';
import { type Finished, NO_SCENES, type Scenes } from './visit-scene.ts';

export interface SceneState {
  readonly version: 1;
  readonly scenes: Scenes;
  /** The last report that was made: it may not have reached the queue. */
  readonly told: Finished | undefined;
}

/** Only this node writes the file, and tapcase-edge gives it whole or not: the version says the rest. */
export function readKept(value: unknown): Pick<SceneState, 'scenes' | 'told'> {
  const { version, scenes, told } = asFields(value);
  const { open, shelf } = asFields(scenes);
  if (version !== 1 || !Array.isArray(open) || typeof shelf !== 'object' || shelf === null) {
    return { scenes: NO_SCENES, told: undefined };
  }
  return { scenes: scenes as Scenes, told: isReport(told) ? (told as Finished) : undefined };
}

function isReport(told: unknown): boolean {
  const report = parseVisionReport({ ...asFields(asFields(told).report), seq: 1, at: 0 });
  return !(report instanceof Error);
}
