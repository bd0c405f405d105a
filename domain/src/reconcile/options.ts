// The counts of one family's kinds that are worth weighing against one another, the most probable first.
import type { Family } from './families.ts';
import type { FamilyLikelihood } from './family-likelihood.ts';
import { COUNT_MAX, type Prior } from './prior.ts';
import { keyOf } from './rare-changes.ts';

/** Counts tried for one family; a family with more is a catalog in which everything looks alike. */
const OPTIONS_MAX = 400;

export interface Option {
  /** Pieces gone of each kind; below zero: come. */
  readonly counts: readonly number[];
  /** Nats: cameras, and at least what the prior of any split over the kind's products costs. */
  readonly cost: number;
}

export interface Options {
  readonly options: readonly Option[];
  /** False where the bound was reached. */
  readonly isWhole: boolean;
}

/** Every option within `marginNats` of the best: from what the cameras saw go, one piece more or less at a time. */
export function optionsOf(family: Family, likelihood: FamilyLikelihood, prior: Prior, marginNats: number): Options {
  const cheapest = (kind: number, count: number) =>
    Math.min(...family.kinds[kind]!.products.map((product) => prior.cost(product, count)));
  const priorOf = (counts: readonly number[]) =>
    counts.reduce((sum, count, kind) => sum + (count === 0 ? 0 : cheapest(kind, count)), 0);
  let best = Number.POSITIVE_INFINITY;
  const known = new Set<number | string>();
  const waiting: Option[] = [];
  const options: Option[] = [];
  const offer = (counts: readonly number[]): void => {
    const key = keyOf(counts);
    if (known.has(key) || counts.some((count) => Math.abs(count) > COUNT_MAX)) return;
    known.add(key);
    const least = priorOf(counts);
    if (least > best + marginNats) return;
    const cost = least + likelihood.cost(counts);
    best = Math.min(best, cost);
    waiting.push({ counts, cost });
  };
  offer(likelihood.seenGoing());
  offer(family.kinds.map(() => 0));
  while (waiting.length > 0) {
    const option = takeCheapest(waiting);
    // What is not within the margin leads nowhere, unless nothing better was seen: the way down to the best.
    if (option.cost > best + marginNats) break;
    if (options.length >= OPTIONS_MAX) return { options: sorted(options, best, marginNats), isWhole: false };
    options.push(option);
    for (let kind = 0; kind < option.counts.length; kind += 1) {
      offer(option.counts.map((count, at) => (at === kind ? count + 1 : count)));
      offer(option.counts.map((count, at) => (at === kind ? count - 1 : count)));
      for (let other = 0; other < option.counts.length; other += 1) {
        if (other === kind || option.counts[kind]! <= 0) continue;
        offer(option.counts.map((count, at) => (at === kind ? count - 1 : at === other ? count + 1 : count)));
      }
    }
  }
  return { options: sorted(options, best, marginNats), isWhole: true };
}

function takeCheapest(waiting: Option[]): Option {
  let least = 0;
  for (let index = 1; index < waiting.length; index += 1)
    if (waiting[index]!.cost < waiting[least]!.cost) least = index;
  const [option] = waiting.splice(least, 1);
  return option!;
}

function sorted(options: readonly Option[], best: number, marginNats: number): Option[] {
  return options.filter(({ cost }) => cost <= best + marginNats).sort((a, b) => a.cost - b.cost);
}
