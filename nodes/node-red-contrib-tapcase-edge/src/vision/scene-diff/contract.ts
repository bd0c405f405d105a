// What tapcase-scene-diff stores, and what a message can bring: the wish to look, a camera's look, a failed look, a live picture.

import { asFields, chosen, contract, incomplete, invalidProperty, phrase } from '@tapcase/define-node';
import { Fault, type Seen, VISIT_ID } from '@tapcase/domain';

export const sceneDiff = contract({
  type: 'tapcase-scene-diff',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-clone',
  inputs: 1,
  outputs: ['report', 'picture'],
  properties: {
    state: { kind: 'ref', to: 'tapcase-edge', required: true },
    cameras: { kind: 'text', default: '', is: /^[1-4]$/, icon: 'video-camera', tip: true },
  },
});

export interface SceneDiffConfig {
  readonly cameras: number;
  readonly state: string;
}

/** Which look a picture belongs to; set by the flow before the cameras. */
export interface Look {
  /** One per wish: the message that asked for it and every camera's answer carry the same. */
  readonly id: string;
  readonly moment: 'before' | 'after';
  /** Given with `before`; `after` belongs to the visit that was last begun. */
  readonly visit: string | undefined;
  /** Unix milliseconds of the cloud's command; undefined where nobody said. */
  readonly askedAtMs: number | undefined;
}

/** What one camera saw in one look. */
export interface Sight {
  readonly camera: string;
  readonly boxes: readonly Seen[];
  /** First 12 hex digits of the model file's SHA-256. */
  readonly model: string;
  /** From the question to the answer. */
  readonly ms: number;
  /** Unix milliseconds at which the picture was taken; undefined where the camera did not say. */
  readonly takenAtMs: number | undefined;
}

export type LookResult =
  /** The wish itself: it ties an `after` to its visit before another visit can begin. */
  | { readonly kind: 'wish'; readonly look: Look }
  | { readonly kind: 'seen'; readonly look: Look; readonly sight: Sight }
  | { readonly kind: 'failed'; readonly look: Look; readonly code: string };

export interface SceneMessage {
  /** undefined: nothing to compare, as with a live picture. */
  readonly result: LookResult | undefined;
  readonly hasPicture: boolean;
}

const CAMERAS_MAX = 4;
const DOUBT = /^[a-z-]{1,20}$/;
const CODE = /^[a-z-]{1,30}\.[a-z-]{1,29}$/;

export function parseConfig(raw: unknown): SceneDiffConfig | Fault {
  const cameras = Number(asFields(raw).cameras);
  if (!Number.isInteger(cameras) || cameras < 1 || cameras > CAMERAS_MAX) {
    return invalidProperty(
      'cameras',
      phrase('wants a whole number from __min__ to __max__', { min: 1, max: CAMERAS_MAX }),
    );
  }
  return { cameras, state: chosen(raw, 'state') };
}

/**
 * `msg.look`; with it `msg.detections` of `msg.image.camera`, or `msg.error` from Catch when the look has failed. A picture
 * with `msg.image.doubt` is as good as none to who counts. Without a look: a live picture, or one that failed.
 */
export function parseMessage(raw: unknown): SceneMessage | Fault {
  const { look, image, error } = asFields(raw);
  const hasPicture = image !== undefined && error === undefined;
  if ((look === undefined || look === null) && (hasPicture || error !== undefined)) {
    return { result: undefined, hasPicture };
  }
  const result = resultOf(raw);
  return result instanceof Fault ? result : { result, hasPicture };
}

function resultOf(raw: unknown): LookResult | Fault {
  const { detections, image, error } = asFields(raw);
  const look = lookOf(raw);
  if (look instanceof Fault) return look;
  if (error !== undefined) {
    const { code } = asFields(error);
    return { kind: 'failed', look, code: typeof code === 'string' && CODE.test(code) ? code : 'node.bug' };
  }
  if (detections === undefined && image === undefined) return { kind: 'wish', look };
  const { doubt } = asFields(image);
  // A covered lens counts nothing before and nothing after: that is no witness of nothing taken.
  if (typeof doubt === 'string' && DOUBT.test(doubt)) return { kind: 'failed', look, code: `camera.${doubt}` };
  const sight = sightOf(detections, image);
  return sight instanceof Fault ? sight : { kind: 'seen', look, sight };
}

function lookOf(raw: unknown): Look | Fault {
  const { _msgid: id, look } = asFields(raw);
  const { moment, visit, askedAtMs } = asFields(look);
  if (moment !== 'before' && moment !== 'after') return incomplete('look');
  if (visit !== undefined && (typeof visit !== 'string' || !VISIT_ID.test(visit))) {
    return new Fault('message.incomplete', 'the look names no visit', { property: 'look.visit' });
  }
  return { id: typeof id === 'string' ? id : '', moment, visit, askedAtMs: finite(askedAtMs) };
}

function sightOf(detections: unknown, image: unknown): Sight | Fault {
  const { boxes, model, ms } = asFields(detections);
  const { camera, atMs } = asFields(image);
  if (typeof camera !== 'string' || typeof model !== 'string' || !Array.isArray(boxes)) {
    return new Fault('message.incomplete', 'the message has no detections of a camera', { property: 'detections' });
  }
  // Only what counting needs is kept: it goes to the card.
  const seen = (boxes as readonly Seen[]).map(({ label, score }) => ({ label, score }));
  return { camera, boxes: seen, model, ms: finite(ms) ?? 0, takenAtMs: finite(atMs) };
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
