// Chance for the benchmark: every world and every visit has a seed of its own, so that each can be made again alone.
import { gaussian, type Random, seededRandom } from '../../sim/src/shelf/random.ts';

export { between, gaussian, type Random } from '../../sim/src/shelf/random.ts';

/** A source of chance that depends on every part, and on nothing else. */
export function randomOf(...parts: readonly (string | number)[]): Random {
  // FNV-1a, 32 bits; the generator's own mixing spreads what neighbouring hashes share.
  let hash = 0x811c9dc5;
  for (const character of parts.join('/')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return seededRandom(hash);
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** low to high, both included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function normal(random: Random, sigma: number): number {
  return sigma * gaussian(random);
}

/** Knuth's product of uniforms: right for the small means used here. */
export function poisson(random: Random, mean: number): number {
  const floor = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > floor) {
    product *= random();
    count += 1;
  }
  return count;
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

/** Undefined when no item has a weight above zero. */
export function pickWeighted<Item>(
  random: Random,
  items: readonly Item[],
  weightOf: (item: Item) => number,
): Item | undefined {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0);
  let left = random() * total;
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  return undefined;
}

export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other]!, copy[at]!];
  }
  return copy;
}
