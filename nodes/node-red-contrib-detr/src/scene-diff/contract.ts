// What scene-diff stores, and the three things a message can bring: the wish to look, a camera's look, a failed look.
import { Fault, VISIT_ID } from '@tapcase/domain';
import type { DetrResult } from '../detr-model/contract.ts';
import { asFields } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  cameras: { value: '2', required: true },
} as const;

/** Which look a picture belongs to; set by the flow before the cameras. */
export interface Look {
  /** One per wish: the message that asked for it and every camera's answer carry the same. */
  readonly id: string;
  readonly moment: 'before' | 'after';
  /** Given with `before`; `after` belongs to the visit that was last begun. */
  readonly visit: string | undefined;
}

export type LookResult =
  /** The wish itself: it ties an `after` to its visit before another visit can begin. */
  | { readonly kind: 'wish'; readonly look: Look }
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

/** `msg.look`; with it `msg.detections` of `msg.image.camera`, or `msg.error` from Catch when the look has failed. */
export function parseMessage(raw: unknown): LookResult | Fault {
  const { _msgid: id, look, detections, image, error } = asFields(raw);
  const { moment, visit } = asFields(look);
  if (moment !== 'before' && moment !== 'after') return new Fault('message.incomplete', 'the message has no look');
  if (visit !== undefined && (typeof visit !== 'string' || !VISIT_ID.test(visit))) {
    return new Fault('message.incomplete', 'the look names no visit');
  }
  const parsed: Look = { id: typeof id === 'string' ? id : '', moment, visit };
  if (error !== undefined) {
    const { code } = asFields(error);
    return { kind: 'failed', look: parsed, code: typeof code === 'string' && CODE.test(code) ? code : 'node.bug' };
  }
  if (detections === undefined && image === undefined) return { kind: 'wish', look: parsed };
  const { camera } = asFields(image);
  if (typeof camera !== 'string' || !Array.isArray(asFields(detections).boxes)) {
    return new Fault('message.incomplete', 'the message has no detections of a camera');
  }
  return { kind: 'seen', look: parsed, camera, detections: detections as DetrResult };
}
