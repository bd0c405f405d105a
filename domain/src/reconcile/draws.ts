// Every way to draw the pieces that were taken from those that were there, by how the cameras had seen them.
import type { Pieces } from './before.ts';
import type { Effort } from './effort.ts';
import type { Look } from './looks.ts';

/** Where the stock is not known, at most so many pieces of a kind were not seen as usual; */
export const ODD_MAX = 3;
/** and so many where several kinds look alike, which has many more ways. */
const ODD_ALIKE_MAX = 1;
/** Looks of a kind without look-alikes, for two cameras. */
const LOOKS_ALONE = 4;

/** As many of every look as anybody likes. */
export function anyOf(looks: readonly Look[], oddMax: number): Pieces {
  const most = looks.length > LOOKS_ALONE ? Math.min(oddMax, ODD_ALIKE_MAX) : oddMax;
  const odd = looks.slice(1).map((_, at) => ({ look: at + 1, count: most }));
  return { total: Number.POSITIVE_INFINITY, usual: Number.POSITIVE_INFINITY, odd };
}

/** Pieces drawn by look; the chance of the draw: without replacement, or where there is no end of them, with. */
export function eachDraw(
  count: number,
  { total, usual, odd }: Pieces,
  looks: readonly Look[],
  effort: Effort,
  found: (drawn: readonly number[], way: number) => number,
): number {
  const isEndless = total === Number.POSITIVE_INFINITY;
  const oddMax = isEndless ? (odd[0]?.count ?? 0) : count;
  const drawn = looks.map(() => 0);
  const walk = (from: number, rest: number, oddLeft: number): number => {
    let sum = 0;
    if (!effort.step()) return sum;
    if (rest <= usual) {
      drawn[0] = rest;
      sum += found(drawn, isEndless ? multinomial(drawn, looks) : hypergeometric(drawn, usual, odd, total));
      drawn[0] = 0;
    }
    for (let at = from; at < odd.length && oddLeft > 0 && rest > 0; at += 1) {
      const { look, count: most } = odd[at]!;
      if (drawn[look]! >= most) continue;
      drawn[look]! += 1;
      sum += walk(at, rest - 1, oddLeft - 1);
      drawn[look]! -= 1;
    }
    return sum;
  };
  return walk(0, count, oddMax);
}

export function shift(left: number[], looks: readonly Look[], drawn: readonly number[], sign: number): void {
  for (let look = 0; look < looks.length; look += 1) {
    const count = drawn[look]! * sign;
    if (count === 0) continue;
    const { seen } = looks[look]!;
    for (let entry = 0; entry < left.length; entry += 1) left[entry]! += count * seen[entry]!;
  }
}

function multinomial(drawn: readonly number[], looks: readonly Look[]): number {
  let chance = 1;
  let count = 0;
  for (let look = 0; look < drawn.length; look += 1) {
    for (let n = 1; n <= drawn[look]!; n += 1) {
      count += 1;
      chance *= (looks[look]!.chance * count) / n;
    }
  }
  return chance;
}

function hypergeometric(drawn: readonly number[], usual: number, odd: Pieces['odd'], total: number): number {
  let chance = 1;
  let left = total;
  let count = 0;
  const draw = (times: number, there: number) => {
    for (let n = 0; n < times; n += 1) {
      count += 1;
      chance *= ((there - n) / left) * (count / (n + 1));
      left -= 1;
    }
  };
  draw(drawn[0]!, usual);
  for (const { look, count: there } of odd) draw(drawn[look]!, there);
  return chance;
}
