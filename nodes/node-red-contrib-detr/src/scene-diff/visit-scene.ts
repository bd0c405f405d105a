// Gathers what the cameras saw before and after one visit, and makes the report once all have answered. Pure.
import { diffViews, type Seen, type VisionFinding, visionReport } from '@tapcase/domain';
import type { LookResult } from './contract.ts';

interface Gathered {
  readonly views: Record<string, readonly Seen[]>;
  answers: number;
  ms: number;
}

export interface VisitScene {
  readonly visit: string;
  model: string | null;
  fault: string | null;
  readonly before: Gathered;
  readonly after: Gathered;
}

export function newScene(visit: string): VisitScene {
  return { visit, model: null, fault: null, before: nothing(), after: nothing() };
}

function nothing(): Gathered {
  return { views: {}, answers: 0, ms: 0 };
}

/** Adds an answer; the report when `cameras` have answered before and after, else undefined. */
export function addLook(scene: VisitScene, result: LookResult, cameras: number): VisionFinding | undefined {
  const gathered = scene[result.look.moment];
  gathered.answers += 1;
  if (result.kind === 'failed') scene.fault ??= result.code;
  else {
    gathered.views[result.camera] = result.detections.boxes;
    gathered.ms = Math.max(gathered.ms, result.detections.ms);
    scene.model = result.detections.model;
  }
  if (scene.after.answers < cameras || scene.before.answers < cameras) return undefined;
  return finish(scene);
}

/** One camera that looked both times is enough; with none there is nothing to say but why. */
function finish({ visit, model, fault, before, after }: VisitScene): VisionFinding {
  const looked = Object.keys(before.views).some((camera) => Object.hasOwn(after.views, camera));
  const why = looked ? null : (fault ?? 'vision.no-look');
  const difference = diffViews(before.views, after.views);
  return visionReport({ visitId: visit, model: looked ? model : null, difference, ms: after.ms, fault: why });
}
