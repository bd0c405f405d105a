// What tapcase-video-recorder stores, and what a message asks of it: a visit's video from here, to here, or for longer.

import { asFields, type Complete, contract, type Evaluate, Fault, fillEmpty } from '@tapcase/define-node';
import { isVisit } from '@tapcase/domain';
import * as limits from './limits.ts';

const RING = {
  segmentSeconds: { ...limits.RING.segmentSeconds, hint: true },
  preRollSeconds: { ...limits.RING.preRollSeconds, hint: true },
  postRollSeconds: { ...limits.RING.postRollSeconds, hint: true },
  ringHours: { ...limits.RING.ringHours, hint: true },
  ringGigabytes: { ...limits.RING.ringGigabytes, hint: true },
  pinDays: { ...limits.RING.pinDays, hint: true },
  pinGigabytes: { ...limits.RING.pinGigabytes, hint: true },
  reserveMegabytes: { ...limits.RING.reserveMegabytes, hint: true },
} as const;

/** What is empty is this computer's. */
export const videoRecorder = contract({
  type: 'tapcase-video-recorder',
  category: 'vision',
  color: '#C9CED6',
  icon: 'font-awesome/fa-video-camera',
  inputs: 1,
  outputs: ['clip'],
  wide: true,
  properties: {
    state: { kind: 'ref', to: 'tapcase-edge' },
    source: { kind: 'ref', to: 'tapcase-camera', required: true, icon: 'camera' },
    folder: { kind: 'text', default: '', hint: true, icon: 'folder-o' },
    /** A flag in earlier releases. */
    continuous: { kind: 'choice', of: ['', 'true', 'false'], default: '' },
    ...RING,
  },
});

export interface RecorderConfig {
  readonly source: string;
  /** Undefined: nothing is recorded. */
  readonly folder: string | undefined;
  readonly continuous: boolean;
  readonly segmentSeconds: number;
  readonly preRollMs: number;
  readonly postRollMs: number;
  readonly ringMs: number;
  readonly ringBytes: number;
  readonly pinMs: number;
  readonly pinBytes: number;
  readonly reserveBytes: number;
}

export interface ClipMessage {
  readonly visit: string;
  readonly action: 'begin' | 'end' | 'pin';
}

/** Where neither the node nor its computer says otherwise. */
const SHIPPED = {
  continuous: true,
  segmentSeconds: limits.SEGMENT_SECONDS,
  preRollSeconds: limits.PRE_ROLL_SECONDS,
  postRollSeconds: limits.POST_ROLL_SECONDS,
  ringHours: limits.RING_HOURS,
  ringGigabytes: limits.RING_GIGABYTES,
  pinDays: limits.PIN_DAYS,
  pinGigabytes: limits.PIN_GIGABYTES,
  reserveMegabytes: limits.RESERVE_MEGABYTES,
};
const SAME_NAME = Object.fromEntries(Object.keys(SHIPPED).map((name) => [name, name]));

export const fillRing = fillEmpty({ ...SAME_NAME, folder: 'recordingsFolder' }, SHIPPED);

/** `config.invalid` names the property. Whatever is empty has been filled in before. */
export function parseConfig(saved: unknown, evaluate?: Evaluate, complete?: Complete): RecorderConfig | Fault {
  const config = videoRecorder.parseConfig(saved, evaluate, complete);
  if (config instanceof Fault) return config;
  const set = (name: keyof typeof limits.RING) => config[name] ?? SHIPPED[name];
  return {
    source: config.source,
    folder: config.folder === '' || config.folder === 'none' ? undefined : config.folder,
    continuous: config.continuous === 'true',
    segmentSeconds: Math.round(set('segmentSeconds')),
    preRollMs: set('preRollSeconds') * 1000,
    postRollMs: set('postRollSeconds') * 1000,
    ringMs: set('ringHours') * limits.MS_PER_HOUR,
    ringBytes: set('ringGigabytes') * limits.BYTES_PER_GIGABYTE,
    pinMs: set('pinDays') * limits.MS_PER_DAY,
    pinBytes: set('pinGigabytes') * limits.BYTES_PER_GIGABYTE,
    reserveBytes: set('reserveMegabytes') * limits.BYTES_PER_MEGABYTE,
  };
}

export function parseMessage(raw: unknown): ClipMessage | Fault {
  const { name, action } = asFields(asFields(raw).clip);
  if (!isVisit(name)) return new Fault('recorder.bad-clip', 'msg.clip.name wants 6 to 24 small letters and digits');
  if (action !== 'begin' && action !== 'end' && action !== 'pin') {
    return new Fault('recorder.bad-clip', 'msg.clip.action wants begin, end or pin', { name });
  }
  return { visit: name, action };
}
