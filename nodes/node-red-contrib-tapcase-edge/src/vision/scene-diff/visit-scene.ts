// Gathers what the cameras saw before and after each visit, and makes the report once all have answered. Pure.
import { diffViews, type Views, type VisionFinding, visionReport } from '@tapcase/domain';
import type { Look, LookResult, Sight } from './contract.ts';
import { type Shelf, seenLast, shelfAfter } from './shelf.ts';

interface Gathered {
  readonly views: Views;
  readonly answers: number;
  readonly ms: number;
}

export interface VisitScene {
  /** null: the door was opened without a visit (a key, a restart), and the look only says how the shelf stands now. */
  readonly visit: string | null;
  /** The look after this visit; null until it was asked for. */
  readonly afterId: string | null;
  readonly model: string | null;
  readonly fault: string | null;
  readonly before: Gathered;
  readonly after: Gathered;
}

/** All that must outlive a pulled plug. */
export interface Scenes {
  /** The visits whose cameras have not all answered, the last begun at the end. */
  readonly open: readonly VisitScene[];
  readonly shelf: Shelf;
}
export const NO_SCENES: Scenes = { open: [], shelf: {} };

/** A slow model may still be looking at the last visit when the next begins; further back nobody waits any more. */
const SCENES_MAX = 4;
/**
 * How long after the cloud's command a picture still shows the shelf as it was. The lock opens a quarter of a second
 * after the command, a hand is in the shelf two seconds later; the command tells whole seconds.
 */
export const BEFORE_MS_MAX = 3_000;
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
  { cameras, nowMs }: { readonly cameras: number; readonly nowMs: number },
): { readonly scenes: Scenes; readonly finished: Finished | undefined } {
  const { open, scene } = sceneOf(scenes.open, result.look);
  if (scene === undefined) return { scenes: { ...scenes, open }, finished: undefined };
  const next = result.kind === 'wish' ? scene : withAnswer(scene, result);
  const isLookedAt = next.visit === null || next.before.answers >= cameras;
  if (!isLookedAt || next.after.answers < cameras) {
    return { scenes: { ...scenes, open: open.map((other) => (other === scene ? next : other)) }, finished: undefined };
  }
  return {
    scenes: {
      open: open.filter((other) => other !== scene),
      shelf: shelfAfter(scenes.shelf, { views: next.after.views, model: next.model }, nowMs),
    },
    finished: finish(next, scenes.shelf, nowMs),
  };
}

/**
 * The scenes as a restart finds them. Whoever was asked to look before it will not answer any more: a look before a visit
 * is over, with what was seen; a look after one is asked for again once the line says that the door is shut.
 */
export function resume({ open, shelf }: Scenes, cameras: number): Scenes {
  const again = ({ before, ...scene }: VisitScene): VisitScene => ({
    ...scene,
    before: { ...before, answers: cameras },
    after: NOTHING,
    afterId: null,
  });
  // Of two visits under way only the later one's shelf can still be looked at; the earlier goes by weight.
  return {
    open: open
      .filter(({ visit }) => visit !== null)
      .slice(-1)
      .map(again),
    shelf,
  };
}

/** Whose look this is. A look after a visit stays that visit's, even when the next one begins before the cameras answer. */
function sceneOf(
  open: Scenes['open'],
  { id, moment, visit }: Look,
): { open: Scenes['open']; scene: VisitScene | undefined } {
  if (moment === 'after') {
    const own = open.find(({ afterId }) => afterId === id);
    if (own !== undefined) return { open, scene: own };
    const begun = open.find(({ afterId }) => afterId === null);
    const scene = { ...(begun ?? newScene(null)), afterId: id };
    return { open: [...open.filter((other) => other !== begun), scene].slice(-SCENES_MAX), scene };
  }
  const own = open.find((scene) => scene.visit === visit);
  if (own !== undefined || visit === undefined) return { open, scene: own };
  const scene = newScene(visit);
  // A case has one visit at a time: one that nobody asked an `after` for will never have one.
  const asked = open.filter(({ afterId }) => afterId !== null);
  return { open: [...asked, scene].slice(-SCENES_MAX), scene };
}

function newScene(visit: string | null): VisitScene {
  return { visit, afterId: null, model: null, fault: null, before: NOTHING, after: NOTHING };
}

function withAnswer(scene: VisitScene, result: Exclude<LookResult, { kind: 'wish' }>): VisitScene {
  const { look } = result;
  if (result.kind === 'failed') return withFailure(scene, look, result.code);
  const { sight } = result;
  if (isTooLate(look, sight)) return withFailure(scene, look, 'vision.late-look');
  const { views, answers, ms } = scene[look.moment];
  const gathered = {
    views: { ...views, [sight.camera]: sight.boxes },
    answers: answers + 1,
    ms: Math.max(ms, sight.ms),
  };
  return { ...scene, model: sight.model, [look.moment]: gathered };
}

function withFailure(scene: VisitScene, { moment }: Look, code: string): VisitScene {
  const gathered = scene[moment];
  return { ...scene, fault: scene.fault ?? code, [moment]: { ...gathered, answers: gathered.answers + 1 } };
}

/** After a restart or a slow wake the customer's hand may already be in the shelf: no picture of how it was. */
function isTooLate({ moment, askedAtMs }: Look, { takenAtMs }: Sight): boolean {
  if (moment !== 'before' || askedAtMs === undefined || takenAtMs === undefined) return false;
  return takenAtMs - askedAtMs > BEFORE_MS_MAX;
}

/** One camera that looked both times is enough; with none there is nothing to say but why. */
function finish({ visit, model, fault, before, after }: VisitScene, shelf: Shelf, nowMs: number): Finished | undefined {
  if (visit === null) return undefined;
  const early: Views = { ...seenLast(shelf, model, nowMs), ...before.views };
  const looked = Object.keys(after.views).some((camera) => Object.hasOwn(early, camera));
  const why = looked ? null : (fault ?? 'vision.no-look');
  const difference = diffViews(early, after.views);
  const report = visionReport({ visitId: visit, model: looked ? model : null, difference, ms: after.ms, fault: why });
  return { report, changed: Object.keys(difference.scores).length };
}
