// What tapcase-video-recorder stores, and what a message asks of it: a visit's video from here, to here, or for longer.

import { asFields, configText, fillEmpty } from '@tapcase/define-node';
import { Fault, isVisit } from '@tapcase/domain';
import * as limits from './limits.ts';

export const defaults = {
  name: { value: '' },
  state: { value: '', type: 'tapcase-edge', required: false },
  source: { value: '', type: 'tapcase-camera', required: true },
  folder: { value: '' },
  continuous: { value: '' },
  segmentSeconds: { value: '' },
  preRollSeconds: { value: '' },
  postRollSeconds: { value: '' },
  ringHours: { value: '' },
  ringGigabytes: { value: '' },
  pinDays: { value: '' },
  pinGigabytes: { value: '' },
  reserveMegabytes: { value: '' },
} as const;

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

/** Smallest and largest, in the property's own unit. */
const BOUNDS = {
  segmentSeconds: [limits.SEGMENT_SECONDS_MIN, limits.SEGMENT_SECONDS_MAX],
  preRollSeconds: [0, 60],
  postRollSeconds: [0, 60],
  ringHours: [0.1, 720],
  ringGigabytes: [0.01, 10_000],
  pinDays: [1, 366],
  pinGigabytes: [0.01, 10_000],
  reserveMegabytes: [1, 100_000],
} as const;

export function parseConfig(raw: unknown): RecorderConfig | Fault {
  const given = asFields(raw);
  const value: Record<string, number> = {};
  for (const [name, [min, max]] of Object.entries(BOUNDS)) {
    const number = typeof given[name] === 'string' && given[name].trim() === '' ? Number.NaN : Number(given[name]);
    if (!(number >= min && number <= max)) return new Fault('config.invalid', `${name} wants ${min} to ${max}`);
    value[name] = number;
  }
  const {
    segmentSeconds,
    preRollSeconds,
    postRollSeconds,
    ringHours,
    ringGigabytes,
    pinDays,
    pinGigabytes,
    reserveMegabytes,
  } = value as Record<keyof typeof BOUNDS, number>;
  const folder = configText(raw, 'folder');
  return {
    source: configText(raw, 'source'),
    folder: folder === '' || folder === 'none' ? undefined : folder,
    continuous: given.continuous === true || given.continuous === 'true',
    segmentSeconds: Math.round(segmentSeconds),
    preRollMs: preRollSeconds * 1000,
    postRollMs: postRollSeconds * 1000,
    ringMs: ringHours * limits.MS_PER_HOUR,
    ringBytes: ringGigabytes * limits.BYTES_PER_GIGABYTE,
    pinMs: pinDays * limits.MS_PER_DAY,
    pinBytes: pinGigabytes * limits.BYTES_PER_GIGABYTE,
    reserveBytes: reserveMegabytes * limits.BYTES_PER_MEGABYTE,
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
