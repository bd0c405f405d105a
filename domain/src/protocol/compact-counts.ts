// How many camera counts fit into one frame: labels that were counted alike stand together, and each is written once.

import { Fault } from '../fault.ts';
import { groupBy } from '../group.ts';
import { type Counts, countIn, type Scores } from '../vision/counts.ts';

/** What one camera counted in its two looks at the shelf. */
export interface CameraLooks {
  readonly camera: string;
  readonly before: Counts;
  readonly after: Counts;
}

/**
 * `counts` is a pattern of counts to the labels that were counted so, "cola,soda": with two cameras
 * - "6": six, by both cameras, before and after;
 * - "6,5": six by the first, five by the second, before and after;
 * - "6,5,4,5": six and five before, four and five after;
 * - "6,5,4,5@91": the same, seen with a mean score of 0.91.
 * A list instead of text where a label has a comma of its own.
 */
export interface CompactCounts {
  readonly cameras: readonly string[];
  readonly counts: Readonly<Record<string, string | readonly string[]>>;
}

export const LABEL_CHARS_MAX = 40;
/** More than any model knows and any catalog can name. */
export const LABELS_MAX = 1_000;
/** Keys that a JavaScript object may not keep as its own; a count under one would be lost without a word. */
export const RESERVED_WORDS: readonly string[] = ['__proto__', 'prototype', 'constructor'];

const SEPARATOR = ',';
const PATTERN = /^(\d{1,3}(?:,\d{1,3})*)(?:@(\d{1,2}|100))?$/;

/** The counts of `labels`, and the `scores` (0..1) of some; a label that a look does not name was counted 0 times in it. */
export function writeCompact(looks: readonly CameraLooks[], labels: readonly string[], scores: Scores): CompactCounts {
  const scored = (label: string) => (Object.hasOwn(scores, label) ? `@${Math.round(100 * scores[label]!)}` : '');
  const groups = groupBy(labels, (label) => patternOf(looks, label).join(SEPARATOR) + scored(label));
  return {
    cameras: looks.map(({ camera }) => camera),
    counts: Object.fromEntries(
      [...groups].map(([pattern, group]) => [
        pattern,
        group.some((label) => label.includes(SEPARATOR)) ? group : group.join(SEPARATOR),
      ]),
    ),
  };
}

function patternOf(looks: readonly CameraLooks[], label: string): number[] {
  const early = looks.map(({ before }) => countIn(before, label));
  const late = looks.map(({ after }) => countIn(after, label));
  if (early.some((count, at) => count !== late[at])) return [...early, ...late];
  return early.every((count) => count === early[0]) ? early.slice(0, 1) : early;
}

/**
 * What was written, or `payload.invalid`: a pattern with as many numbers as no cameras make, a label that stands twice,
 * more labels than anything can name. A count of 0 is only named with `namesZeros`.
 */
export function readCompact(
  { cameras, counts }: CompactCounts,
  namesZeros: boolean,
): { readonly looks: readonly CameraLooks[]; readonly scores: Scores } | Fault {
  const seen = new Set<string>();
  const scores = new Map<string, number>();
  const looks = cameras.map((camera) => ({
    camera,
    before: new Map<string, number>(),
    after: new Map<string, number>(),
  }));
  for (const [pattern, group] of Object.entries(counts)) {
    const [, written = '', percent] = PATTERN.exec(pattern) ?? [];
    const numbers = numbersOf(written, cameras.length);
    if (numbers === undefined) return bad(`no counts of ${cameras.length} cameras`, pattern);
    for (const label of typeof group === 'string' ? group.split(SEPARATOR) : group) {
      if (!isLabel(label)) return bad('a label is empty, too long or a reserved word', pattern);
      if (seen.has(label)) return bad('a label stands twice', label);
      if (seen.add(label).size > LABELS_MAX) return bad(`more than ${LABELS_MAX} labels`, pattern);
      if (percent !== undefined) scores.set(label, Number(percent) / 100);
      looks.forEach(({ before, after }, at) => {
        const [early, late] = [numbers[at]!, numbers[cameras.length + at]!];
        if (early > 0 || namesZeros) before.set(label, early);
        if (late > 0 || namesZeros) after.set(label, late);
      });
    }
  }
  const plain = looks.map(({ camera, before, after }) => ({
    camera,
    before: Object.fromEntries(before),
    after: Object.fromEntries(after),
  }));
  return { looks: plain, scores: Object.fromEntries(scores) };
}

/** Of every camera before, then of every camera after. */
function numbersOf(pattern: string, cameras: number): number[] | undefined {
  if (pattern === '') return undefined;
  const numbers = pattern.split(SEPARATOR).map(Number);
  if (numbers.length === 1) return Array.from({ length: 2 * cameras }, () => numbers[0]!);
  if (numbers.length === cameras) return [...numbers, ...numbers];
  return numbers.length === 2 * cameras ? numbers : undefined;
}

export function isLabel(label: string): boolean {
  return label.length > 0 && label.length <= LABEL_CHARS_MAX && !RESERVED_WORDS.includes(label);
}

function bad(what: string, where: string): Fault {
  return new Fault('payload.invalid', `not a vision report: counts: ${what}`, {
    where: where.slice(0, LABEL_CHARS_MAX),
  });
}
