// Says what is in a picture, where, and how sure the model is.
import { defineNode, type Status, says } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { DetrModel } from '../detr-model/contract.ts';
import { detrDetect, parseMessage } from './contract.ts';

export default defineNode({
  ...detrDetect,
  parseMessage,
  build: (config, node) => {
    const detector = node.use<DetrModel>(config.model, 'detr-model');
    const threshold = config.threshold ?? detector.threshold;
    let dropped = 0;
    return async ({ picture, camera }) => {
      // Two nodes may look at one camera: each has its own place.
      const lane = camera === null ? null : `${node.id} ${camera}`;
      try {
        const result = await detector.detect({ picture, threshold, lane });
        const detections = { ...result, threshold, dropped };
        return { to: 'detected', add: { detections }, status: statusText(result.boxes.length, result.ms, dropped) };
      } catch (thrown) {
        // A live picture that came too late is no fault: the newer one tells more. It ends here, and is counted.
        if (lane === null || !(thrown instanceof Fault && thrown.code === 'detr.superseded')) throw thrown;
        dropped += 1;
        return undefined;
      }
    };
  },
});

/** The editor cuts at 20 characters. */
function statusText(boxes: number, ms: number, dropped: number): Status {
  return dropped === 0
    ? says('__n__ in __ms__ ms', { n: boxes, ms })
    : says('__n__ in __ms__ms, __lost__ lost', { n: boxes, ms, lost: dropped });
}
