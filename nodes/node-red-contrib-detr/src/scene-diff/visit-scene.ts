// Gathers what the cameras saw before and after each visit, and makes the report once all have answered. Pure.
import { diffViews, type Views, type VisionFinding, visionReport } from '@tapcase/domain';
import type { Look, LookResult } from './contract.ts';

interface Gathered {
  readonly views: Views;
  readonly answers: number;
  readonly ms: number;
}

export interface VisitScene {
  readonly visit: string;
  /** The look after this visit, once it was asked for. */
  readonly afterId: string | undefined;
  readonly model: string | null;
  readonly fault: string | null;
  readonly before: Gathered;
  readonly after: Gathered;
}

/** The visits whose cameras have not all answered, the last begun at the end. */
export type Scenes = readonly VisitScene[];
export const NO_SCENES: Scenes = [];

/** A slow model may still be looking at the last visit when the next begins; further back nobody waits any more. */
const SCENES_MAX = 4;
const NOTHING: Gathered = { views: {}, answers: 0, ms: 0 };

export interface Finished {
  readonly report: VisionFinding;
  /** Labels that any camera counted otherwise afterwards. */
  readonly changed: number;
}

/** The scenes with the result added; what came of one, and it gone, when `cameras` have answered before and after. */
export function gather(
  scenes: Scenes,
  result: LookResult,
  cameras: number,
): { readonly scenes: Scenes; readonly finished: Finished | undefined } {
  const { scenes: begun, scene } = sceneOf(scenes, result.look);
  // A door that was opened by a key, or a Pi that has just started: there is nothing to compare with.
  if (scene === undefined) return { scenes: begun, finished: undefined };
  const next = result.kind === 'wish' ? scene : withAnswer(scene, result);
  const done = next.before.answers >= cameras && next.after.answers >= cameras;
  if (done) return { scenes: begun.filter((other) => other !== scene), finished: finish(next) };
  return { scenes: begun.map((other) => (other === scene ? next : other)), finished: undefined };
}

/** Whose look this is. A look after a visit stays that visit's, even when the next one begins before the cameras answer. */
function sceneOf(scenes: Scenes, { id, moment, visit }: Look): { scenes: Scenes; scene: VisitScene | undefined } {
  if (moment === 'after') {
    const own = scenes.find(({ afterId }) => afterId === id);
    if (own !== undefined) return { scenes, scene: own };
    const open = scenes.find(({ afterId }) => afterId === undefined);
    if (open === undefined) return { scenes, scene: undefined };
    const scene = { ...open, afterId: id };
    return { scenes: scenes.map((other) => (other === open ? scene : other)), scene };
  }
  const own = scenes.find((scene) => scene.visit === visit);
  if (own !== undefined || visit === undefined) return { scenes, scene: own };
  const scene: VisitScene = { visit, afterId: undefined, model: null, fault: null, before: NOTHING, after: NOTHING };
  // A case has one visit at a time: one that nobody asked an `after` for will never have one.
  const asked = scenes.filter(({ afterId }) => afterId !== undefined);
  return { scenes: [...asked, scene].slice(-SCENES_MAX), scene };
}

function withAnswer(scene: VisitScene, result: Exclude<LookResult, { kind: 'wish' }>): VisitScene {
  const { moment } = result.look;
  const { views, answers, ms } = scene[moment];
  if (result.kind === 'failed') {
    return { ...scene, fault: scene.fault ?? result.code, [moment]: { views, ms, answers: answers + 1 } };
  }
  const { boxes, model, ms: tookMs } = result.detections;
  const gathered = { views: { ...views, [result.camera]: boxes }, answers: answers + 1, ms: Math.max(ms, tookMs) };
  return { ...scene, model, [moment]: gathered };
}

/** One camera that looked both times is enough; with none there is nothing to say but why. */
function finish({ visit, model, fault, before, after }: VisitScene): Finished {
  const looked = Object.keys(before.views).some((camera) => Object.hasOwn(after.views, camera));
  const why = looked ? null : (fault ?? 'vision.no-look');
  const difference = diffViews(before.views, after.views);
  const report = visionReport({ visitId: visit, model: looked ? model : null, difference, ms: after.ms, fault: why });
  return { report, changed: Object.keys(difference.scores).length };
}
