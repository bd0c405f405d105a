// Takes a picture when asked, passes on live ones while its camera is awake, wakes it and lets it sleep.
import { defineNode, type Handled, type Status, says, shows } from '@tapcase/define-node';
import { unreachable } from '@tapcase/domain';
import type { Frame, TeachableCamera } from '../camera/contract.ts';
import { type CameraRequest, look, parseMessage } from './contract.ts';

export default defineNode({
  ...look,
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
          node.status(
            request.seconds === 0 ? says('asleep') : says('awake __s__ s', { s: request.seconds }),
            'working',
          );
          return undefined;
        case 'teach':
          camera.teach();
          node.status(says('learning the view'), 'working');
          return undefined;
        default:
          return unreachable(request);
      }
    };
  },
});

function shown({ encoded, doubt }: Frame): { status: Status; look: 'did' | 'needs-person' } {
  if (doubt !== undefined) return { status: says(doubt), look: 'needs-person' };
  return { status: shows(`${Math.ceil(encoded.length / 1000)} kB`), look: 'did' };
}
