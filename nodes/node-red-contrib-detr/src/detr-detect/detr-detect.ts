// Says what is in a picture, where, and how sure the model is.
import { defineNode } from '@tapcase/define-node';
import type { DetrModel } from '../detr-model/contract.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'detr-detect',
  outputs: ['detected'],
  parseConfig,
  parseMessage,
  build: ({ model, threshold }, node) => {
    const detector = node.use<DetrModel>(model, 'detr-model');
    return async (image) => {
      const result = await detector.detect(image, threshold);
      const detections = { ...result, threshold };
      return { to: 'detected', add: { detections }, status: `${result.boxes.length} in ${result.ms} ms` };
    };
  },
});
