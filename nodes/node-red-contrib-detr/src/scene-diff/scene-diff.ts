// Compares the shelf before and after a visit, over all cameras, and makes the report of what they counted.
import { defineNode } from '@tapcase/define-node';
import { parseConfig, parseMessage } from './contract.ts';
import { gather, NO_SCENES } from './visit-scene.ts';

export default defineNode({
  type: 'scene-diff',
  outputs: ['changed', 'same', 'failed'],
  parseConfig,
  parseMessage,
  build: ({ cameras }, node) => {
    let scenes = NO_SCENES;
    return (result) => {
      const gathered = gather(scenes, result, cameras);
      scenes = gathered.scenes;
      if (gathered.finished === undefined) {
        node.status(scenes.length === 0 ? 'no visit' : result.look.moment, 'working');
        return undefined;
      }
      const { report, changed } = gathered.finished;
      const add = { report };
      if (report.fault !== undefined) return { to: 'failed', add, status: report.fault, look: 'needs-person' };
      return changed === 0
        ? { to: 'same', add, status: 'nothing changed' }
        : { to: 'changed', add, status: `${changed} kinds changed` };
    };
  },
});
