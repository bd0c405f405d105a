// Lets pictures go that are older than they may be, or more than fit.
import { defineNode } from '@tapcase/define-node';
import type { PictureStore } from '../../shop/picture-store/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'picture-prune',
  outputs: ['pruned'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const store = node.use<PictureStore>(config.store, 'picture-store');
    return async () => {
      const pruned = await store.prune(node.now());
      return { to: 'pruned', add: { pruned }, status: `${pruned} files went` };
    };
  },
});
