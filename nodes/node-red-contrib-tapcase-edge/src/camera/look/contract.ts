// What tapcase-look stores, and what may be asked of it.

import { asFields } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  source: { value: '', type: 'tapcase-camera', required: true },
} as const;

export interface CameraConfig {
  readonly source: string;
}

export type CameraRequest =
  | { readonly kind: 'picture' }
  /** 0 = sleep. */
  | { readonly kind: 'wake'; readonly seconds: number }
  | { readonly kind: 'teach' };

/** A day: whoever needs the camera for longer asks again. */
const WAKE_SECONDS_MAX = 86_400;

export function parseConfig(raw: unknown): CameraConfig {
  const { source } = asFields(raw);
  return { source: typeof source === 'string' ? source : '' };
}

/** `msg.wake`, else `msg.teach`, else a picture. `camera.bad-wake` when `msg.wake` is no number of seconds. */
export function parseMessage(raw: unknown): CameraRequest | Fault {
  const { wake, teach } = asFields(raw);
  if (wake === undefined) return teach === true ? { kind: 'teach' } : { kind: 'picture' };
  if (typeof wake === 'number' && wake >= 0 && wake <= WAKE_SECONDS_MAX) return { kind: 'wake', seconds: wake };
  return new Fault('camera.bad-wake', `msg.wake wants 0 to ${WAKE_SECONDS_MAX} seconds`);
}
