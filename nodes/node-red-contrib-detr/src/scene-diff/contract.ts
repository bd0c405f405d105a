// What scene-diff stores, and the three things a message can bring: a look, a failed look, nothing to do with it.
import { Fault, VISIT_ID } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import type { DetrResult } from '../detr-model/contract.ts';

export const defaults = {
  name: { value: '' },
  cameras: { value: '2', required: true },
} as const;

/** Which look a picture belongs to; set by the flow before the cameras. */
export interface Look {
  readonly moment: 'before' | 'after';
  /** Given with `before`; `after` belongs to the visit that was last begun. */
  readonly visit: string | undefined;
}

export type LookResult =
  | { readonly kind: 'seen'; readonly look: Look; readonly camera: string; readonly detections: DetrResult }
  | { readonly kind: 'failed'; readonly look: Look; readonly code: string };

const CAMERAS_MAX = 4;
const CODE = /^[a-z-]{1,30}\.[a-z-]{1,29}$/;

export function parseConfig(raw: unknown): { readonly cameras: number } | Fault {
  const cameras = Number(asFields(raw).cameras);
  if (!Number.isInteger(cameras) || cameras < 1 || cameras > CAMERAS_MAX) {
    return new Fault('config.invalid', `cameras wants 1 to ${CAMERAS_MAX}`);
  }
  return { cameras };
}

/** `msg.look` and `msg.detections` of `msg.image.camera`; with `msg.error` (from Catch) the look has failed. */
export function parseMessage(raw: unknown): LookResult | Fault {
  const { look, detections, image, error } = asFields(raw);
  const { moment, visit } = asFields(look);
  if (moment !== 'before' && moment !== 'after') return new Fault('message.incomplete', 'the message has no look');
  if (visit !== undefined && (typeof visit !== 'string' || !VISIT_ID.test(visit))) {
    return new Fault('message.incomplete', 'the look names no visit');
  }
  const parsed: Look = { moment, visit };
  if (error !== undefined) {
    const { code } = asFields(error);
    return { kind: 'failed', look: parsed, code: typeof code === 'string' && CODE.test(code) ? code : 'node.bug' };
  }
  const { camera } = asFields(image);
  if (typeof camera !== 'string' || !Array.isArray(asFields(detections).boxes)) {
    return new Fault('message.incomplete', 'the message has no detections of a camera');
  }
  return { kind: 'seen', look: parsed, camera, detections: detections as DetrResult };
}
