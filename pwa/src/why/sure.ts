// How a probability reads: in a word, and in percent that never claims certainty.
import type { Sureness, Words } from '../words.ts';

export function sureness(probability: number): Sureness {
  if (probability >= 0.99) return 'very';
  if (probability >= 0.95) return 'quite';
  return probability >= 0.8 ? 'fairly' : 'little';
}

/** Whole percent, rounded down: 98.9 % is not 99 %. */
export function percent(probability: number, words: Words, locale: string): string {
  const { bound, text } = inPercent(probability, locale);
  if (bound === '>') return words.why.moreThan(text);
  return bound === '<' ? words.why.lessThan(text) : text;
}

/** For columns: "<1%". */
export function shortPercent(probability: number, locale: string): string {
  const { bound, text } = inPercent(probability, locale);
  return bound + text;
}

function inPercent(probability: number, locale: string): { readonly bound: '' | '<' | '>'; readonly text: string } {
  const format = (part: number) => new Intl.NumberFormat(locale, { style: 'percent' }).format(part);
  if (probability > 0.99) return { bound: '>', text: format(0.99) };
  if (probability < 0.01) return { bound: '<', text: format(0.01) };
  return { bound: '', text: format(Math.floor(probability * 100) / 100) };
}
