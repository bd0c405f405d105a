// Takes one picture when asked.
import { defineNode } from '@tapcase/define-node';
import { parseConfig, parseMessage } from './contract.ts';
import { fetchPicture } from './picture.ts';

export default defineNode({
  type: 'camera',
  outputs: ['frame'],
  parseConfig,
  parseMessage,
  build: ({ url, cameraName }, node) => {
    return async () => {
      const image = { ...(await fetchPicture(url)), camera: cameraName, atMs: node.now() };
      return { to: 'frame', add: { image }, status: `${image.width} x ${image.height}` };
    };
  },
});
