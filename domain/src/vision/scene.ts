// Counts what cameras see, merges the cameras, and says what went between two looks. Counts everywhere, never sets:
// two of three colas taken is two colas.

/** The part of a detection that counting needs. */
export interface Seen {
  readonly label: string;
  readonly score: number;
}

/** Label to how many of it. */
export type Counts = Readonly<Record<string, number>>;

/** Camera name to what that camera sees of the same shelf. */
export type Views = Readonly<Record<string, readonly Seen[]>>;

/** [label, count, mean score 0..1]; a negative count was put in. */
export type Removed = readonly [label: string, count: number, score: number];

export interface SceneDifference {
  readonly removed: readonly Removed[];
  /** Camera name to its counts. */
  readonly before: Readonly<Record<string, Counts>>;
  readonly after: Readonly<Record<string, Counts>>;
}

/** What a report can carry (see VisionReport): the largest changes win. */
export const REMOVED_MAX = 20;

export function countLabels(seen: readonly Seen[]): Counts {
  const counts = new Map<string, number>();
  for (const { label } of seen) counts.set(label, (counts.get(label) ?? 0) + 1);
  return sortedRecord(counts);
}

/**
 * One count per label from cameras that look at the same shelf: the largest any camera gives. A thing hidden from one
 * camera is seen by another, and a threshold keeps what is not there from being seen; adding would count things twice.
 */
export function mergeCameras(views: Views): Counts {
  const merged = new Map<string, number>();
  for (const seen of Object.values(views)) {
    for (const [label, count] of Object.entries(countLabels(seen))) {
      merged.set(label, Math.max(count, merged.get(label) ?? 0));
    }
  }
  return sortedRecord(merged);
}

/**
 * What went between two looks. Only cameras that saw both are compared: one that failed in between would seem to have
 * lost everything. The score is the mean over every sighting of the label, before and after, of those cameras.
 */
export function diffViews(before: Views, after: Views): SceneDifference {
  const cameras = Object.keys(before).filter((camera) => Object.hasOwn(after, camera));
  const [early, late] = [pick(before, cameras), pick(after, cameras)];
  const [had, has] = [new Map(Object.entries(mergeCameras(early))), new Map(Object.entries(mergeCameras(late)))];
  const scores = meanScores([...Object.values(early), ...Object.values(late)]);
  const removed = [...scores]
    .map(([label, score]): Removed => [label, (had.get(label) ?? 0) - (has.get(label) ?? 0), score])
    .filter(([, count]) => count !== 0)
    .sort(([a, m], [b, n]) => Math.abs(n) - Math.abs(m) || compare(a, b))
    .slice(0, REMOVED_MAX);
  return { removed, before: countEach(before), after: countEach(after) };
}

function pick(views: Views, cameras: readonly string[]): Views {
  return Object.fromEntries(cameras.map((camera) => [camera, views[camera]!]));
}

function countEach(views: Views): Record<string, Counts> {
  return Object.fromEntries(Object.entries(views).map(([camera, seen]) => [camera, countLabels(seen)]));
}

function meanScores(looks: readonly (readonly Seen[])[]): Map<string, number> {
  const byLabel = Map.groupBy(looks.flat(), ({ label }) => label);
  // Summed in order of size, so that the order of the detections never shows in the last digit; two digits travel.
  const mean = (seen: readonly Seen[]) =>
    seen
      .map(({ score }) => score)
      .sort((a, b) => a - b)
      .reduce((sum, score) => sum + score, 0) / seen.length;
  return new Map([...byLabel].map(([label, seen]) => [label, Math.round(mean(seen) * 100) / 100]));
}

function sortedRecord(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
