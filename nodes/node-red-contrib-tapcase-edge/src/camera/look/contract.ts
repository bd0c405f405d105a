// What tapcase-look stores, and what may be asked of it.

import { asFields, contract } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const look = contract({
  type: 'tapcase-look',
  category: 'vision',
  color: '#C9CED6',
  icon: 'font-awesome/fa-camera',
  inputs: 1,
  outputs: ['frame', 'live'],
  properties: {
    source: { kind: 'ref', to: 'tapcase-camera', required: true, icon: 'camera' },
  },
});

export type CameraRequest =
  | { readonly kind: 'picture' }
  /** 0 = sleep. */
  | { readonly kind: 'wake'; readonly seconds: number }
  | { readonly kind: 'teach' };

/** A day: whoever needs the camera for longer asks again. */
const WAKE_SECONDS_MAX = 86_400;

/** `msg.wake`, else `msg.teach`, else a picture. `camera.bad-wake` when `msg.wake` is no number of seconds. */
export function parseMessage(raw: unknown): CameraRequest | Fault {
  const { wake, teach } = asFields(raw);
  if (wake === undefined) return teach === true ? { kind: 'teach' } : { kind: 'picture' };
  if (typeof wake === 'number' && wake >= 0 && wake <= WAKE_SECONDS_MAX) return { kind: 'wake', seconds: wake };
  return new Fault('camera.bad-wake', `msg.wake wants 0 to ${WAKE_SECONDS_MAX} seconds`, { max: WAKE_SECONDS_MAX });
}
