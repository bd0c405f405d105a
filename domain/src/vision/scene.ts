// Counts what each camera sees before and after, and says of which labels the counts have changed. Counts everywhere,
// never sets: two of three colas taken is two colas.
import { groupBy } from '../group.ts';
import { type Counts, countIn, type Scores } from './counts.ts';

/** The part of a detection that counting needs. */
export interface Seen {
  readonly label: string;
  readonly score: number;
}

/** Camera name to what that camera sees of the same shelf. */
export type Views = Readonly<Record<string, readonly Seen[]>>;

export interface SceneDifference {
  /** Camera name to its counts; only cameras that looked both times. */
  readonly before: Readonly<Record<string, Counts>>;
  readonly after: Readonly<Record<string, Counts>>;
  /** Of every label that any of them counted otherwise afterwards, the mean over all sightings, before and after. */
  readonly scores: Scores;
}

export function countLabels(seen: readonly Seen[]): Counts {
  const counts = new Map<string, number>();
  for (const { label } of seen) counts.set(label, (counts.get(label) ?? 0) + 1);
  return sortedRecord(counts);
}

/**
 * What the cameras counted before and after. Cameras are never merged: one that sees a can more and one that sees a can
 * less are two witnesses, not silence. One that failed in between would seem to have lost everything, and is left out.
 */
export function diffViews(before: Views, after: Views): SceneDifference {
  const cameras = Object.keys(before).filter((camera) => Object.hasOwn(after, camera));
  const [early, late] = [pick(before, cameras), pick(after, cameras)];
  const [had, has] = [countEach(early), countEach(late)];
  const changed = ([label]: [string, number]) =>
    cameras.some((camera) => countIn(had[camera]!, label) !== countIn(has[camera]!, label));
  const scores = [...meanScores([...Object.values(early), ...Object.values(late)])].filter(changed);
  return { before: had, after: has, scores: sortedRecord(new Map(scores)) };
}

function pick(views: Views, cameras: readonly string[]): Views {
  return Object.fromEntries(cameras.map((camera) => [camera, views[camera]!]));
}

function countEach(views: Views): Record<string, Counts> {
  return Object.fromEntries(Object.entries(views).map(([camera, seen]) => [camera, countLabels(seen)]));
}

function meanScores(looks: readonly (readonly Seen[])[]): Map<string, number> {
  const byLabel = groupBy(looks.flat(), ({ label }) => label);
  // Summed in order of size, so that the order of the detections never shows in the last digit; two digits travel.
  const mean = (seen: readonly Seen[]) =>
    seen
      .map(({ score }) => score)
      .sort((a, b) => a - b)
      .reduce((sum, score) => sum + score, 0) / seen.length;
  return new Map([...byLabel].map(([label, seen]) => [label, Math.round(mean(seen) * 100) / 100]));
}

function sortedRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
