// The camera-source config node: one camera for all nodes that look at it or record it.
import { defineConfigNode } from '@tapcase/define-node';
import { type CameraSourceConfig, parseConfig, type TeachableCamera } from './contract.ts';
import { createCameraSource } from './create-camera-source.ts';

export default defineConfigNode<CameraSourceConfig, TeachableCamera>({
  type: 'camera-source',
  parseConfig,
  open: (config) => createCameraSource(config),
  close: (camera) => camera.close(),
});
