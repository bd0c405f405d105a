// The labels of a dataset and their numbers, which stay the same for as long as the dataset lives.
import { compareText } from './part.ts';

export interface Category {
  /** From 0 without a gap, as `id2label` of the model that is trained wants it. */
  readonly id: number;
  readonly name: string;
  readonly supercategory: string;
}

const SUPERCATEGORY = 'product';
/** As many as a model's config.json may name (model-config.ts), less "no object". */
export const CATEGORIES_MAX = 999;

/** The known ones as they are, then the new labels in order. One that is sold no more keeps its number. */
export function withLabels(known: readonly Category[], labels: Iterable<string>): readonly Category[] {
  const names = new Set(known.map(({ name }) => name));
  const fresh = [...new Set(labels)].filter((label) => !names.has(label)).sort(compareText);
  const added = fresh.slice(0, Math.max(0, CATEGORIES_MAX - known.length));
  return [...known, ...added.map((name, at) => ({ id: known.length + at, name, supercategory: SUPERCATEGORY }))];
}

/** What an earlier run stored; undefined where it is not that. */
export function readCategories(value: unknown): readonly Category[] | undefined {
  if (!Array.isArray(value) || value.length > CATEGORIES_MAX) return undefined;
  const names = value.map((one: Partial<Category> | null, at) => (one?.id === at ? one.name : undefined));
  if (names.some((name) => typeof name !== 'string') || new Set(names).size < names.length) return undefined;
  return names.map((name, id) => ({ id, name: name as string, supercategory: SUPERCATEGORY }));
}
