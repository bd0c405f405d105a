// The tapcase-camera config node: one camera for all nodes that look at it or record it.
import { defineConfigNode } from '@tapcase/define-node';
import { type CameraSourceConfig, camera, parseConfig, type TeachableCamera } from './contract.ts';
import { createCameraSource, SOURCE_LIMITS } from './create-camera.ts';

export function cameraSource(limits = SOURCE_LIMITS) {
  return defineConfigNode<CameraSourceConfig, TeachableCamera>({
    ...camera,
    parseConfig,
    open: (config) => createCameraSource(config, limits),
    close: (opened) => opened.close(),
  });
}

export default cameraSource();
