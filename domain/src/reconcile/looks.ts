// What cameras make of one piece, how often, and how that changes for pieces that stay. The picture behind it: a piece
// stands hidden behind others, or each camera sees it, misses it, or takes it for a look-alike.
import { FAINT_FACTOR, type ReconcileModel } from './model.ts';
import { type Change, type Difference, mergeChanges } from './rare-changes.ts';
import type { Camera, FamilySighting, KindRates } from './sightings.ts';

export interface Look {
  readonly chance: number;
  /** What is counted, by camera and kind. */
  readonly seen: Difference;
}

/** Pieces that stay, where nobody knows how many: what a partial view is judged by. */
const USUAL_PIECES = 3;
/** More cameras than this are never wrong at once, except about a piece that stands hidden. */
const WRONG_AT_ONCE_MAX = 2;

/** The usual look first: every camera names the piece rightly. Chances sum to 1, nearly, with more than two cameras. */
export function looksOf(kind: number, kinds: readonly KindRates[], cameras: readonly Camera[]): Look[] {
  const size = kinds.length;
  const { hiddenRate, confusionRate, missRate } = kinds[kind]!;
  const confusion = size > 1 ? confusionRate : 0;
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== kind && confusion > 0);
  let looks: { seen: readonly (number | null)[]; chance: number; wrong: number }[] = [
    { seen: [], chance: 1 - hiddenRate, wrong: 0 },
  ];
  for (const { fogRate } of cameras) {
    const missed = Math.max(fogRate, missRate);
    const options: readonly { seen: number | null; chance: number }[] = [
      { seen: kind, chance: (1 - missed) * (1 - confusion) },
      { seen: null, chance: missed },
      ...others.map((other) => ({ seen: other, chance: ((1 - missed) * confusion) / (size - 1) })),
    ];
    looks = looks.flatMap((look) =>
      options.map(({ seen, chance }) => ({
        seen: [...look.seen, seen],
        chance: look.chance * chance,
        wrong: look.wrong + (seen === kind ? 0 : 1),
      })),
    );
  }
  return looks
    .filter(({ wrong, seen }) => wrong <= WRONG_AT_ONCE_MAX || isBlind(seen))
    .map(({ seen, chance }) => ({
      chance: isBlind(seen) ? chance + hiddenRate : chance,
      seen: countsOf(seen, size),
    }));
}

function isBlind(seen: readonly (number | null)[]): boolean {
  return seen.every((kind) => kind === null);
}

function countsOf(seen: readonly (number | null)[], size: number): number[] {
  const counts = zero(seen.length * size);
  seen.forEach((kind, camera) => {
    if (kind !== null) counts[camera * size + kind] = 1;
  });
  return counts;
}

/** What may happen to the counts of pieces that stay. `kinds`: all that the cameras know, false boxes are spread over them. */
export function changesOf(
  sighting: FamilySighting,
  cameras: readonly Camera[],
  model: ReconcileModel['camera'],
  kinds: number,
): Change[] {
  const falseRate = (model.falseRate / kinds) * (sighting.isFaint ? FAINT_FACTOR : 1);
  const changes = sighting.rates.flatMap((rates, kind) => {
    const seen = cameras.map((_, camera) => (sighting.isCounted ? sighting.before[camera]![kind]! : USUAL_PIECES));
    const most = Math.max(...seen);
    const there = Math.max(most, sighting.isCounted ? (sighting.stock[kind] ?? most) : USUAL_PIECES);
    const moved = Math.min(1, model.movedRate + rates.putBack / Math.max(1, there));
    return changesOfKind({ kind, seen, there, moved, rates, falseRate }, cameras, sighting.rates.length);
  });
  return mergeChanges(changes);
}

interface Staying {
  readonly kind: number;
  /** By camera. */
  readonly seen: readonly number[];
  readonly there: number;
  /** Chance that a piece that stays is drawn anew for all cameras. */
  readonly moved: number;
  readonly rates: KindRates;
  readonly falseRate: number;
}

function changesOfKind(staying: Staying, cameras: readonly Camera[], size: number): Change[] {
  const { kind, seen, there, moved, rates, falseRate } = staying;
  const entries = cameras.length * size;
  const ofAll = (step: 1 | -1) => {
    const effect = zero(entries);
    cameras.forEach((_, camera) => {
      effect[camera * size + kind] = step;
    });
    return effect;
  };
  const { hiddenRate, missRate, confusionRate } = rates;
  const most = Math.max(...seen);
  const confusion = size > 1 ? confusionRate / (size - 1) : 0;
  return [
    { effect: ofAll(-1), rate: most * moved * hiddenRate },
    { effect: ofAll(1), rate: (there - most) * moved * (1 - hiddenRate) },
    ...cameras.flatMap(({ fogRate, flickerRate }, camera): Change[] => {
      const missed = Math.max(fogRate, missRate);
      const again = Math.min(1, moved + flickerRate);
      const entry = camera * size + kind;
      const lost = seen[camera]! * again * missed;
      const won = (there - seen[camera]!) * again * (1 - missed);
      const mistaken = Array.from({ length: size }, (_, other) => other).filter((other) => other !== kind);
      return [
        { effect: one(entries, entry, -1), rate: lost + falseRate },
        { effect: one(entries, entry), rate: won + falseRate },
        ...mistaken.map((other) => {
          const effect = one(entries, entry, -1);
          effect[camera * size + other] = 1;
          return { effect, rate: seen[camera]! * again * (1 - missed) * confusion };
        }),
      ];
    }),
  ];
}

export function zero(entries: number): number[] {
  return Array.from({ length: entries }, () => 0);
}

export function one(entries: number, at: number, value = 1): number[] {
  const vector = zero(entries);
  vector[at] = value;
  return vector;
}
