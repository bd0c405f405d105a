// Compares the shelf before and after a visit, over all cameras, and makes the report of what went.
import { defineNode } from '@tapcase/define-node';
import { parseConfig, parseMessage } from './contract.ts';
import { addLook, newScene, type VisitScene } from './visit-scene.ts';

export default defineNode({
  type: 'scene-diff',
  outputs: ['changed', 'same', 'failed'],
  parseConfig,
  parseMessage,
  build: ({ cameras }, node) => {
    // One case has one visit at a time: the last one that was begun.
    let scene: VisitScene | undefined;
    return (result) => {
      const { visit } = result.look;
      if (visit !== undefined && visit !== scene?.visit) scene = newScene(visit);
      // A door that was opened by a key, or a Pi that has just started: there is nothing to compare with.
      if (scene === undefined) return undefined;
      const report = addLook(scene, result, cameras);
      if (report === undefined) {
        node.status(`${result.look.moment}`, 'working');
        return undefined;
      }
      scene = undefined;
      const add = { report };
      if (report.fault !== undefined) return { to: 'failed', add, status: report.fault, look: 'needs-person' };
      return report.removed.length === 0
        ? { to: 'same', add, status: 'nothing went' }
        : { to: 'changed', add, status: `${report.removed.length} kinds changed` };
    };
  },
});
