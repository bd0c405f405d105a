// Compares the shelf before and after a visit, over all cameras, and makes the report of what they counted. What it knows
// is on the card before it says anything, so that a pulled plug in the middle of a visit loses no count. Beside that it shows
// each picture and keeps those of a visit: the report never waits for them.
import { defineNode, type Emission, fillEmpty, type NodeContext, says, shows } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { fillAlbum, parseAlbum, parsePicture } from '../picture/picture.ts';
import { openPictures } from '../picture/pictures.ts';
import { type LookResult, parseConfig, parseMessage, sceneDiff } from './contract.ts';
import { readKept, type SceneState } from './kept.ts';
import { type Finished, gather, resume } from './visit-scene.ts';

type Output = 'report' | 'picture';

const FILE = 'scenes';

export default defineNode({
  ...sceneDiff,
  parseConfig,
  parseMessage,
  inherits: { from: 'state', type: 'tapcase-edge', fill: fillEmpty({ cameras: 'cameras' }) },
  build: ({ cameras, state: stateId }, node) => {
    const state = node.use<DeviceState>(stateId, 'tapcase-edge');
    const compare = comparing(state, cameras, node);
    const show = showing(state, node);
    return ({ result, hasPicture }, raw) => {
      // Once this has returned: the report is on its way before a picture costs anything.
      if (hasPicture) setImmediate(() => void show(raw));
      return result === undefined ? undefined : compare(result);
    };
  },
});

function comparing(state: DeviceState, cameras: number, node: NodeContext<Output>) {
  const kept = readKept(state.read(FILE));
  let scenes = resume(kept.scenes, cameras);
  /** Told once more after a restart: it may have been lost on its way to the queue, which takes a visit only once. */
  let untold = kept.told;
  return (result: LookResult): readonly Emission<Output>[] => {
    const gathered = gather(scenes, result, { cameras, nowMs: node.now() });
    const { finished } = gathered;
    const told = finished ?? untold;
    state.write(FILE, { version: 1, scenes: gathered.scenes, told } satisfies SceneState);
    scenes = gathered.scenes;
    if (finished === undefined)
      node.status(says(scenes.open.length === 0 ? 'no visit' : result.look.moment), 'working');
    const emissions = [untold, finished].flatMap((one) => (one === undefined ? [] : [emissionOf(one)]));
    untold = undefined;
    return emissions;
  };
}

function emissionOf({ report, changed }: Finished): Emission<Output> {
  const told = (outcome: 'changed' | 'same' | 'failed') => ({ to: 'report', add: { report, outcome } }) as const;
  if (report.fault !== undefined) return { ...told('failed'), status: shows(report.fault), look: 'needs-person' };
  if (changed === 0) return { ...told('same'), status: says('nothing changed') };
  return { ...told('changed'), status: says('__n__ kinds changed', { n: changed }) };
}

/** What is wrong with the pictures, their settings too, is told by itself: it stops no report. */
function showing(state: DeviceState, node: NodeContext<Output>) {
  const album = parseAlbum(fillAlbum({}, state.settings));
  const pictures = album instanceof Fault ? undefined : openPictures(album, () => node.now());
  node.onClose(() => pictures?.close());
  return async (raw: Readonly<Record<string, unknown>>): Promise<void> => {
    try {
      orThrow(album);
      const shown = await pictures?.show(orThrow(parsePicture(raw)));
      if (shown !== undefined) node.emit({ to: 'picture', add: { ...raw, ...shown } });
    } catch (thrown) {
      node.fail(thrown);
    }
  };
}
