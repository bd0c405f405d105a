// The picture-store config node: the pictures of visits that somebody must look at.
import { defineConfigNode } from '@tapcase/define-node';
import { defaults, type PictureStore, type PictureStoreConfig, parseConfig } from './contract.ts';
import { pictureFolder } from './folder.ts';

export default defineConfigNode<PictureStoreConfig, PictureStore>({
  type: 'picture-store',
  defaults,
  parseConfig,
  open: pictureFolder,
});
