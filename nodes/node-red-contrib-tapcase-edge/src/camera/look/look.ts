// Takes a picture when asked, passes on live ones while its camera is awake, wakes it and lets it sleep.
import { defineNode, type Handled } from '@tapcase/define-node';
import { unreachable } from '@tapcase/domain';
import type { Frame, TeachableCamera } from '../camera/contract.ts';
import { type CameraRequest, defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'tapcase-look',
  outputs: ['frame', 'live'],
  defaults,
  parseConfig,
  parseMessage,
  build: ({ source }, node) => {
    const camera = node.use<TeachableCamera>(source, 'tapcase-camera');
    node.onClose(camera.onFrame((image) => node.emit({ to: 'live', add: { image }, ...shown(image) })));
    node.onClose(camera.onFault((fault) => node.fail(fault)));
    return async (request: CameraRequest): Promise<Handled<'frame' | 'live'>> => {
      switch (request.kind) {
        case 'picture': {
          const image = await camera.takePicture();
          return { to: 'frame', add: { image }, ...shown(image) };
        }
        case 'wake':
          if (request.seconds === 0) camera.sleep();
          else camera.wake(request.seconds * 1000);
          node.status(request.seconds === 0 ? 'asleep' : `awake ${request.seconds} s`, 'working');
          return undefined;
        case 'teach':
          camera.teach();
          node.status('learning the view', 'working');
          return undefined;
        default:
          return unreachable(request);
      }
    };
  },
});

function shown({ encoded, doubt }: Frame): { status: string; look: 'did' | 'needs-person' } {
  if (doubt !== undefined) return { status: doubt, look: 'needs-person' };
  return { status: `${Math.ceil(encoded.length / 1000)} kB`, look: 'did' };
}
