// How each camera last saw the shut case: what a camera that could not look before a visit is taken to have seen.
// Between visits the case is locked, so the shelf after one is the shelf before the next; a restocker with a key makes it
// wrong, and the scale then contradicts it.
import type { Views } from '@tapcase/domain';

interface Remembered {
  readonly seen: Views[string];
  readonly model: string;
  readonly atMs: number;
}

/** By camera. */
export type Shelf = Readonly<Record<string, Remembered>>;

/** One look: what each camera saw, counted by which model; null where none did. */
interface LastLook {
  readonly views: Views;
  readonly model: string | null;
}

/** A restocker comes about once a day. */
const AGE_MS_MAX = 24 * 3_600_000;

export function shelfAfter(shelf: Shelf, { views, model }: LastLook, atMs: number): Shelf {
  if (model === null) return shelf;
  const news = Object.entries(views).map(([camera, seen]) => [camera, { seen, model, atMs }] as const);
  return { ...shelf, ...Object.fromEntries(news) };
}

/** What is young enough and was seen by the same model: another one counts in another way. */
export function seenLast(shelf: Shelf, model: string | null, nowMs: number): Views {
  return Object.fromEntries(
    Object.entries(shelf)
      .filter(([, remembered]) => remembered.model === model && nowMs - remembered.atMs <= AGE_MS_MAX)
      .map(([camera, { seen }]) => [camera, seen]),
  );
}
