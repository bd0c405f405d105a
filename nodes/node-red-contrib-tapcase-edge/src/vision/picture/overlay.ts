// Draws what was seen as SVG: a box, its label and how sure the detector was. Labels come with a model: text, never markup.
import type { Detection } from '@tapcase/domain';
import type { Size } from './frame.ts';

/** Dark on light letters read on any picture; each label of a picture has a colour of its own, as far as they reach. */
const COLOURS = ['#FFD60A', '#32D7FF', '#FF8AD8', '#7CFF6B', '#FF9F45', '#C7A6FF'] as const;
const LABEL_LETTERS_MAX = 24;
/** DejaVu Sans Bold is at most this wide on average, in parts of its size. */
const LETTER_WIDTH = 0.68;
/** Smaller is not read; the tag then stands over the neighbour's. */
const LETTERS_MIN = 7;

export function overlayOf(boxes: readonly Detection[], { width, height }: Size): string {
  const letters = Math.max(11, Math.round(Math.max(width, height) / 70));
  const line = Math.max(1, Math.round(Math.max(width, height) / 400));
  const labels = [...new Set(boxes.map(({ label }) => label))].sort();
  const colourOf = (label: string) => COLOURS[labels.indexOf(label) % COLOURS.length]!;
  const drawn = boxes.map((box) => drawBox(box, { letters, line, width, colour: colourOf(box.label) }));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`;
}

interface Style {
  /** Height of the largest letters, in pixels. */
  readonly letters: number;
  readonly line: number;
  readonly width: number;
  readonly colour: string;
}

function drawBox({ label, score, x, y, w, h }: Detection, { letters: lettersMax, line, width, colour }: Style): string {
  const text = `${plain(label).slice(0, LABEL_LETTERS_MAX)} ${Math.round(score * 100)}%`;
  // As wide as its box where that can be read: pieces stand side by side.
  const fitting = w / (text.length * LETTER_WIDTH + 0.6);
  const letters = Math.round(Math.min(lettersMax, Math.max(LETTERS_MIN, fitting)));
  const tagWidth = Math.round(text.length * letters * LETTER_WIDTH + letters * 0.6);
  const tagHeight = Math.round(letters * 1.4);
  // Above the box, or inside it at the picture's upper edge; never beyond the right one.
  const tagX = Math.max(0, Math.min(x, width - tagWidth));
  const tagY = y >= tagHeight ? y - tagHeight : y;
  return (
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${colour}" stroke-width="${line}"/>` +
    `<rect x="${tagX}" y="${tagY}" width="${tagWidth}" height="${tagHeight}" fill="${colour}"/>` +
    `<text x="${tagX + letters * 0.3}" y="${tagY + letters * 1.05}" font-family="DejaVu Sans, sans-serif" font-weight="bold" ` +
    `font-size="${letters}" fill="#111111">${escaped(text)}</text>`
  );
}

/** XML has no place for control characters and lone surrogates, escaped or not: one would make the whole drawing unreadable. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7E\u00A0-\uD7FF\uE000-\uFFFD]/gu, '?');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}
