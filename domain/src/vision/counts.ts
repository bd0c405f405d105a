// How many of each label, and how sure: what a look at a shelf comes to.

/** Label to how many of it. */
export type Counts = Readonly<Record<string, number>>;

/** Label to its mean score, 0..1. */
export type Scores = Readonly<Record<string, number>>;

export function countIn(counts: Counts, label: string): number {
  return Object.hasOwn(counts, label) ? counts[label]! : 0;
}
