// The detr-model config node: one model in one thread for all nodes that use it.
import { defineConfigNode } from '@tapcase/define-node';
import { type DetrModel, type DetrModelConfig, parseConfig } from './contract.ts';
import { modelThread } from './model-thread.ts';

export default defineConfigNode<DetrModelConfig, DetrModel>({
  type: 'detr-model',
  parseConfig,
  open: (config) => modelThread(config),
  close: (model) => model.close(),
});
