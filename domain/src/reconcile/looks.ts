// What cameras make of one piece, how often, and how that changes for pieces that stay. The picture behind it: a piece
// stands hidden behind others, or each camera sees it, misses it, or takes it for a look-alike.
import { FAINT_FACTOR, type ReconcileModel } from './model.ts';
import { ChangeEffects, type Difference } from './rare-changes.ts';
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
export function looksOf(kind: number, size: number, rates: KindRates, cameras: readonly Camera[]): Look[] {
  const { hiddenRate, confusionRate, missRate } = rates;
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
    looks = looks
      .flatMap((look) =>
        options.map(({ seen, chance }) => ({
          seen: [...look.seen, seen],
          chance: look.chance * chance,
          wrong: look.wrong + (seen === kind ? 0 : 1),
        })),
      )
      .filter(({ wrong, seen }) => wrong <= WRONG_AT_ONCE_MAX || isBlind(seen));
  }
  return looks.map(({ seen, chance }) => ({
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

/**
 * What may happen to the counts of pieces that stay, kind by kind: all cameras lose one, all win one, and for each camera:
 * it loses one, wins one, takes one for each other kind. The order is that of changeRates.
 */
export function changeEffects(size: number, cameras: number): ChangeEffects {
  const entries = size * cameras;
  const effects: number[][] = [];
  for (let kind = 0; kind < size; kind += 1) {
    for (const step of [-1, 1]) effects.push(zero(entries).map((_, entry) => (entry % size === kind ? step : 0)));
    for (let camera = 0; camera < cameras; camera += 1) {
      const entry = camera * size + kind;
      for (const step of [-1, 1]) effects.push(one(entries, entry, step));
      for (let other = 0; other < size; other += 1) {
        if (other === kind) continue;
        const mistaken = one(entries, entry, -1);
        mistaken[camera * size + other] = 1;
        effects.push(mistaken);
      }
    }
  }
  return new ChangeEffects(effects);
}

/** Expected numbers of the changes in one visit. `kinds`: all that the cameras know, false boxes are spread over them. */
export function changeRates(
  sighting: FamilySighting,
  cameras: readonly Camera[],
  model: ReconcileModel['camera'],
  kinds: number,
): number[] {
  const { rates, stock, before, isCounted, isFaint } = sighting;
  const falseRate = (model.falseRate / kinds) * (isFaint ? FAINT_FACTOR : 1);
  const size = rates.length;
  const changes: number[] = [];
  for (let kind = 0; kind < size; kind += 1) {
    const { hiddenRate, missRate, confusionRate, putBack } = rates[kind]!;
    const seenBy = (camera: number) => (isCounted ? before[camera]![kind]! : USUAL_PIECES);
    let most = 0;
    for (let camera = 0; camera < cameras.length; camera += 1) most = Math.max(most, seenBy(camera));
    const there = Math.max(most, isCounted ? (stock[kind] ?? most) : USUAL_PIECES);
    // Drawn anew for all cameras.
    const moved = Math.min(1, model.movedRate + putBack / Math.max(1, there));
    changes.push(most * moved * hiddenRate, (there - most) * moved * (1 - hiddenRate));
    for (let camera = 0; camera < cameras.length; camera += 1) {
      const { fogRate, flickerRate } = cameras[camera]!;
      const missed = Math.max(fogRate, missRate);
      const again = Math.min(1, moved + flickerRate);
      const seen = seenBy(camera);
      changes.push(seen * again * missed + falseRate, (there - seen) * again * (1 - missed) + falseRate);
      for (let other = 1; other < size; other += 1) {
        changes.push((seen * again * (1 - missed) * confusionRate) / (size - 1));
      }
    }
  }
  return changes;
}

/** What may be otherwise than stock and usual looks say before a visit: odd looks of a piece, then a box around nothing. */
export function beforeEffects(looks: readonly (readonly Look[])[]): ChangeEffects {
  const entries = looks[0]![0]!.seen.length;
  const odd = looks.flatMap(([usual, ...others]) =>
    others.map(({ seen }) => seen.map((value, entry) => value - usual!.seen[entry]!)),
  );
  return new ChangeEffects([...odd, ...zero(entries).map((_, entry) => one(entries, entry))]);
}

function zero(entries: number): number[] {
  return new Array<number>(entries).fill(0);
}

function one(entries: number, at: number, value = 1): number[] {
  const vector = zero(entries);
  vector[at] = value;
  return vector;
}
