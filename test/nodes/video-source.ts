// A tapcase-camera for the recorder's tests: a test card from ffmpeg, recorded as the real one records.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { defineConfigNode } from '@tapcase/define-node';
import type {
  CameraSource,
  RecordingTarget,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { segmentOutput } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/segment-output.ts';

const CARD = ['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=30'];
const CODER = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30'];

export const targets: RecordingTarget[] = [];

/** Port of which only what a recorder uses is there. */
export const videoSource = defineConfigNode({
  type: 'tapcase-camera',
  parseConfig: (raw) => ({ camera: (raw as { camera: string }).camera }),
  open: ({ camera }): CameraSource => {
    let ended: Promise<unknown> = Promise.resolve();
    const record = (target: RecordingTarget) => {
      targets.push(target);
      // Of two codecs given for an output ffmpeg takes the later.
      const output = segmentOutput(camera, target);
      const args = [...CARD, ...output.slice(0, -1), ...CODER, ...output.slice(-1)];
      const child = spawn('/usr/bin/ffmpeg', args, { env: { ...process.env, TZ: 'UTC' }, stdio: 'ignore' });
      ended = once(child, 'exit');
      return () => {
        child.kill('SIGINT');
      };
    };
    return { camera, record, close: async () => void (await ended) } as unknown as CameraSource;
  },
  close: (port) => port.close(),
});
