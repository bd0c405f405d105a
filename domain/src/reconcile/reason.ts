// Says in one sentence, English and Spanish, why a basket is what it is.
import type { Catalog } from '../catalog/product.ts';
import { unreachable } from '../fault.ts';
import type { Language, LocalText } from '../protocol/api.ts';
import type { BasketLine, Candidate, Verdict } from './basket.ts';

export interface Judged {
  readonly catalog: Catalog;
  readonly verdict: Verdict;
  /** What is charged. */
  readonly lines: readonly BasketLine[];
  readonly best: Candidate;
  readonly next: Candidate | undefined;
  /** null without a weighing. */
  readonly removedGrams: number | null;
  /** What the cameras alone saw go; null where none could be counted on. */
  readonly seen: readonly BasketLine[] | null;
  readonly limited: boolean;
}

export const NO_SOURCE: LocalText = {
  en: 'Neither the scale nor the cameras reported.',
  es: 'No informaron ni la báscula ni las cámaras.',
};
export const NO_CATALOG: LocalText = {
  en: 'Nothing is for sale in this case.',
  es: 'En esta nevera no se vende nada.',
};
export const TOO_MANY: LocalText = {
  en: 'Too many baskets explain this equally well.',
  es: 'Demasiadas cestas lo explican igual de bien.',
};

export function reasonFor(judged: Judged): LocalText {
  if (judged.limited) return TOO_MANY;
  return { en: english(judged), es: spanish(judged) };
}

function english(judged: Judged): string {
  const { verdict, best, next, lines, seen } = judged;
  const words = (of: readonly BasketLine[]) => inWords(of, judged.catalog, 'en');
  const mass = grams(judged.removedGrams, 'en');
  const what = words(best.lines);
  switch (verdict) {
    case 'agreed':
      return `Cameras and scale agree on ${what}.`;
    case 'weight_decided':
      return seen === null
        ? `No camera could be counted on; ${mass} fits ${what}.`
        : `The cameras saw ${words(seen)} go; ${mass} fits ${what}.`;
    case 'vision_decided':
      return judged.removedGrams === null
        ? `No weight; the cameras saw ${what} go.`
        : `The cameras saw ${what} go; ${mass} fits nothing better.`;
    case 'disputed': {
      const other = next === undefined ? '' : `, ${percent(next)} for ${words(next.lines)}`;
      return `${mass === '' ? 'No weight' : mass}: ${percent(best)} for ${what}${other}; certain is ${words(lines)}.`;
    }
    default:
      return unreachable(verdict);
  }
}

function spanish(judged: Judged): string {
  const { verdict, best, next, lines, seen } = judged;
  const words = (of: readonly BasketLine[]) => inWords(of, judged.catalog, 'es');
  const mass = grams(judged.removedGrams, 'es');
  const what = words(best.lines);
  switch (verdict) {
    case 'agreed':
      return `Cámaras y báscula coinciden: ${what}.`;
    case 'weight_decided':
      return seen === null
        ? `Ninguna cámara era fiable; ${mass} corresponde a: ${what}.`
        : `Las cámaras vieron salir: ${words(seen)}; ${mass} corresponde a: ${what}.`;
    case 'vision_decided':
      return judged.removedGrams === null
        ? `Sin peso; las cámaras vieron salir: ${what}.`
        : `Las cámaras vieron salir: ${what}; ${mass} no encaja mejor con nada.`;
    case 'disputed': {
      const other = next === undefined ? '' : `, ${percent(next)} para ${words(next.lines)}`;
      return `${mass === '' ? 'Sin peso' : mass}: ${percent(best)} para ${what}${other}; seguro: ${words(lines)}.`;
    }
    default:
      return unreachable(verdict);
  }
}

const NOTHING: Readonly<Record<Language, string>> = { en: 'nothing', es: 'nada' };
const AND: Readonly<Record<Language, string>> = { en: ' and ', es: ' y ' };

function inWords(lines: readonly BasketLine[], { products }: Catalog, language: Language): string {
  if (lines.length === 0) return NOTHING[language];
  const names = lines.map(
    ({ sku, count }) => `${count} ${products.find((product) => product.sku === sku)?.name[language] ?? sku}`,
  );
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')}${AND[language]}${names.at(-1)}`;
}

function grams(value: number | null, language: Language): string {
  if (value === null) return '';
  const text = String(Math.round(value * 10) / 10);
  return `${language === 'es' ? text.replace('.', ',') : text} g`;
}

function percent({ probability }: Candidate): string {
  return `${Math.floor(probability * 100)} %`;
}
