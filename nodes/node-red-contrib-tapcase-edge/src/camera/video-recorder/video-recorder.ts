// Records a camera on the card, and keeps together what belongs to a visit.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { defineNode, invalidProperty, phrase, says, shows } from '@tapcase/define-node';
import { RECORDED_CAMERA } from '@tapcase/domain';
import type { CameraSource } from '../camera/contract.ts';
import { openCard } from './card.ts';
import { fillRing, parseConfig, parseMessage, videoRecorder } from './contract.ts';
import type { RecorderClock } from './footage-options.ts';
import { BYTES_PER_GIGABYTE, MS_PER_HOUR } from './limits.ts';
import { createRecorder, type RecorderState } from './recorder.ts';

/** What a pulled plug costs at most, besides the fragment being written: every tick puts on the card what was written. */
const TICK_MS = 5_000;
/** Linux gives each start of the machine a name; elsewhere each start of this process has one. */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

export default defineNode({
  ...videoRecorder,
  parseConfig,
  parseMessage,
  inherits: { from: 'state', type: 'tapcase-edge', fill: fillRing },
  build: ({ source: sourceId, folder, ...config }, node) => {
    if (folder === undefined) {
      node.status(says('not recording'));
      return () => undefined;
    }
    const source = node.use<CameraSource>(sourceId, 'tapcase-camera');
    const { camera } = source;
    if (!RECORDED_CAMERA.test(camera)) {
      throw invalidProperty('camera', phrase('wants letters, digits and dashes where it is recorded'));
    }
    const recorder = createRecorder({
      ...config,
      source,
      camera,
      folder,
      limits: config,
      card: openCard(folder, camera),
      clock: { nowMs: () => node.now(), uptimeMs: () => uptime() * 1000, boot: bootId() } satisfies RecorderClock,
      onKept: (clip) => {
        node.emit({
          to: 'clip',
          add: { clip },
          status: clip.pinned
            ? says('pinned __clip__', { clip: clip.name })
            : says('kept __clip__', { clip: clip.name }),
        });
      },
      onFault: (fault) => node.fail(fault),
      onState: (state) => node.status(shows(stateText(state))),
    });
    const timer = setInterval(() => {
      recorder.tick().catch((thrown: unknown) => node.fail(thrown));
    }, TICK_MS);
    node.onClose(() => {
      clearInterval(timer);
      return recorder.close();
    });
    recorder.start().catch((thrown: unknown) => node.fail(thrown));
    return async (message) => {
      const isKnown = await recorder.clip(message);
      if (message.action === 'pin' && !isKnown)
        node.status(says('awaits __visit__', { visit: message.visit }), 'needs-person');
      return undefined;
    };
  },
});

function stateText({ bytes, spanMs }: RecorderState): string {
  return `${(spanMs / MS_PER_HOUR).toFixed(1)} h, ${(bytes / BYTES_PER_GIGABYTE).toFixed(2)} GB`;
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID_FILE, 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
