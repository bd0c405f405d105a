// What was seen in a picture, counted: "4 × cola, 2 × chips", the commonest first.
import type { PictureView } from '@tapcase/domain/protocol';
import { language } from '../language.svelte.ts';

export function seenWords({ seen }: PictureView): string {
  const words = language.words.why;
  if (seen === null) return '';
  const counts = new Map<string, number>();
  for (const { label } of seen.boxes) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size === 0) return words.nothingSeen;
  return (
    [...counts]
      .sort(([a, many], [b, few]) => few - many || a.localeCompare(b))
      // The number stays with its word at the end of a line.
      .map(([label, count]) => language.words.countOf(count, label).replace(' ', '\u00a0'))
      .join(', ')
  );
}
