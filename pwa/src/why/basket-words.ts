// How a basket reads: "2 × Cola, 1 × Chips", or that nothing was taken.
import type { LocalText } from '@tapcase/domain/protocol';
import { language } from '../language.svelte.ts';

export function basketWords(lines: readonly { readonly name: LocalText; readonly count: number }[]): string {
  const { words, code } = language;
  return lines.length === 0
    ? words.why.nothing
    : lines.map(({ name, count }) => words.countOf(count, name[code])).join(', ');
}

/** What a candidate is called in the picture and in both lists; there are at most five. */
export const letterOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
