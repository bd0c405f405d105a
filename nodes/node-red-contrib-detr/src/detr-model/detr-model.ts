// The detr-model config node: one model in one process for all nodes that use it.
import { defineConfigNode } from '@tapcase/define-node';
import { type DetrModel, type DetrModelConfig, detrModel } from './contract.ts';
import { modelProcess } from './model-process.ts';

export default defineConfigNode<DetrModelConfig, DetrModel>({
  ...detrModel,
  open: (config) => ({ ...modelProcess(config), threshold: config.threshold }),
  close: (model) => model.close(),
});
