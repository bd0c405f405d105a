// A stand-in for Node-RED that dies without a word: records and watches one camera, and says when pictures come.
import { createCameraSource } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import { configOf, PATIENT } from './camera-bench.ts';

const [address = '', folder = ''] = process.argv.slice(2);
const camera = createCameraSource(configOf(address), PATIENT);
camera.onFault((fault) => process.send?.({ kind: 'fault', code: fault.code }));
camera.onFrame(() => process.send?.({ kind: 'frame' }));
camera.record({ folder, segmentSeconds: 60, continuous: true });
