// Says in one English sentence why a basket is what it is, for the operator who looks at the visit.
import { unreachable } from '../fault.ts';
import type { Basket, BasketLine } from './basket.ts';

export interface Explained {
  readonly lines: readonly BasketLine[];
  readonly probability: number;
}

export interface Judged extends Pick<Basket, 'verdict' | 'lines' | 'scale'> {
  readonly cameras: readonly { readonly label: string; readonly count: number }[] | null;
  readonly best: Explained;
  readonly next: Explained | undefined;
}

export function reasonFor({ verdict, lines, best, next, scale, cameras }: Judged): string {
  const what = inWords(best.lines);
  const mass = scale === null ? '' : `${inGrams(scale.removedGrams)} `;
  switch (verdict) {
    case 'agreed':
      return `Cameras and scale agree on ${what}.`;
    case 'weight_decided':
      return cameras === null
        ? `No cameras' report; ${mass}fits ${what}.`
        : `Cameras saw ${inWords(cameras.map(({ label, count }) => ({ sku: label, count })))}; ${mass}fits ${what}.`;
    case 'vision_decided':
      return `No weight; cameras saw ${what}.`;
    case 'disputed': {
      const other = next === undefined ? '' : `, ${inPercent(next)} for ${inWords(next.lines)}`;
      return `${mass === '' ? 'No weight' : mass.trim()}: ${inPercent(best)} for ${what}${other}; certain is ${inWords(lines)}.`;
    }
    default:
      return unreachable(verdict);
  }
}

export function inGrams(grams: number): string {
  return `${Math.round(grams * 10) / 10} g`;
}

function inWords(lines: readonly BasketLine[]): string {
  return lines.length === 0 ? 'nothing' : lines.map(({ sku, count }) => `${count} ${sku}`).join(' and ');
}

function inPercent({ probability }: Explained): string {
  return `${Math.floor(probability * 100)} %`;
}
