// The tapcase-camera config node: one camera for all nodes that look at it or record it.
import { defineConfigNode } from '@tapcase/define-node';
import { type CameraSourceConfig, defaults, parseConfig, type TeachableCamera } from './contract.ts';
import { createCameraSource, SOURCE_LIMITS } from './create-camera.ts';

export function cameraSource(limits = SOURCE_LIMITS) {
  return defineConfigNode<CameraSourceConfig, TeachableCamera>({
    type: 'tapcase-camera',
    defaults,
    parseConfig,
    open: (config) => createCameraSource(config, limits),
    close: (camera) => camera.close(),
  });
}

export default cameraSource();
