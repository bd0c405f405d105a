// Compares the shelf before and after a visit, over all cameras, and makes the report of what they counted. What it knows
// is on the card before it says anything, so that a pulled plug in the middle of a visit loses no count.
import { defineNode, type Emission, fillEmpty } from '@tapcase/define-node';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { readKept, type SceneState } from './kept.ts';
import { type Finished, gather, resume } from './visit-scene.ts';

const FILE = 'scenes';

export default defineNode({
  type: 'tapcase-scene-diff',
  outputs: ['changed', 'same', 'failed'],
  defaults,
  parseConfig,
  parseMessage,
  inherits: { from: 'state', type: 'tapcase-edge', fill: fillEmpty({ cameras: 'cameras' }) },
  build: ({ cameras, state: stateId }, node) => {
    const state = node.use<DeviceState>(stateId, 'tapcase-edge');
    const kept = readKept(state.read(FILE));
    let scenes = resume(kept.scenes, cameras);
    /** Told once more after a restart: it may have been lost on its way to the queue, which takes a visit only once. */
    let untold = kept.told;
    return (result) => {
      const gathered = gather(scenes, result, { cameras, nowMs: node.now() });
      const { finished } = gathered;
      const told = finished ?? untold;
      state.write(FILE, { version: 1, scenes: gathered.scenes, told } satisfies SceneState);
      scenes = gathered.scenes;
      if (finished === undefined) node.status(scenes.open.length === 0 ? 'no visit' : result.look.moment, 'working');
      const emissions = [untold, finished].flatMap((one) => (one === undefined ? [] : [emissionOf(one)]));
      untold = undefined;
      return emissions;
    };
  },
});

function emissionOf({ report, changed }: Finished): Emission<'changed' | 'same' | 'failed'> {
  const add = { report };
  if (report.fault !== undefined) return { to: 'failed', add, status: report.fault, look: 'needs-person' };
  if (changed === 0) return { to: 'same', add, status: 'nothing changed' };
  return { to: 'changed', add, status: `${changed} kinds changed` };
}
