// The cameras' likelihood against counting: visits are played piece by piece, and what is computed must be how often it
// happened.
import assert from 'node:assert/strict';
import { DEFAULT_MODEL, type ReconcileModel } from '@tapcase/domain';
import { Effort } from '../../../domain/src/reconcile/effort.ts';
import { FamilyLikelihood } from '../../../domain/src/reconcile/family-likelihood.ts';
import { changeEffects } from '../../../domain/src/reconcile/looks.ts';
import { RareChanges } from '../../../domain/src/reconcile/rare-changes.ts';
import type { FamilySighting } from '../../../domain/src/reconcile/sightings.ts';
import { seededRandom } from '../../../sim/src/shelf/random.ts';

/** Coarser than the cameras are taken to be, so that rare things are seen often enough to be counted. */
const RATES = { key: 'one', hiddenRate: 0.03, missRate: 0.05, confusionRate: 0.06, putBack: 0 };
const MOVED_RATE = 0.03;
const FLICKER_RATE = 0.02;
const MODEL: ReconcileModel = {
  ...DEFAULT_MODEL,
  camera: {
    ...DEFAULT_MODEL.camera,
    ...RATES,
    movedRate: MOVED_RATE,
    flickerRate: FLICKER_RATE,
    falseRate: 1e-9,
    ghostRate: 1e-9,
  },
};
const CAMERAS = [0, 1].map((view) => ({ view, fogRate: 0, flickerRate: FLICKER_RATE }));
const VISITS = 400_000;
/** What was seen is compared where it was seen at least so often. */
const OFTEN = 600;

interface Seen {
  readonly before: number[][];
  readonly after: number[][];
}

type Random = () => number;

/** One visit in which `taken` of `stock` pieces of each kind go, by the rules that the model states. */
function play(stock: readonly number[], taken: readonly number[], random: Random): Seen {
  const size = stock.length;
  const counts = (): number[][] => CAMERAS.map(() => stock.map(() => 0));
  const [before, after] = [counts(), counts()];
  stock.forEach((there, kind) => {
    for (let piece = 0; piece < there; piece += 1) {
      const look = (): number | null => {
        if (random() < RATES.missRate) return null;
        return size > 1 && random() < RATES.confusionRate ? other(kind, size, random) : kind;
      };
      const isHidden = random() < RATES.hiddenRate;
      const isMoved = random() < MOVED_RATE;
      const isHiddenAfter = isMoved ? random() < RATES.hiddenRate : isHidden;
      CAMERAS.forEach((_, camera) => {
        const first = look();
        const second = isMoved || random() < FLICKER_RATE ? look() : first;
        if (!isHidden && first !== null) before[camera]![first]! += 1;
        if (piece >= taken[kind]! && !isHiddenAfter && second !== null) after[camera]![second]! += 1;
      });
    }
  });
  return { before, after };
}

function other(kind: number, size: number, random: Random): number {
  const at = Math.floor(random() * (size - 1));
  return at < kind ? at : at + 1;
}

/** For what is seen often: how often each hypothesis was true, and what the likelihood says. */
function compare(stock: readonly number[], hypotheses: readonly (readonly number[])[]) {
  const random = seededRandom(20_261_121);
  const seen = new Map<string, { sighting: Seen; times: number[] }>();
  for (let visit = 0; visit < VISITS; visit += 1) {
    const which = Math.floor(random() * hypotheses.length);
    const sighting = play(stock, hypotheses[which]!, random);
    const key = JSON.stringify(sighting);
    const entry = seen.get(key) ?? { sighting, times: hypotheses.map(() => 0) };
    entry.times[which]! += 1;
    seen.set(key, entry);
  }
  return [...seen.values()].flatMap(({ sighting, times }) => {
    const total = times.reduce((sum, n) => sum + n, 0);
    if (total < OFTEN) return [];
    const full: FamilySighting = { ...sighting, stock, rates: stock.map(() => RATES), isCounted: true, isFaint: false };
    const context = { cameras: CAMERAS, model: MODEL, kinds: 1e9, effort: new Effort(), shapes: new Map() };
    const likelihood = new FamilyLikelihood(full, context);
    const weights = hypotheses.map((taken) => Math.exp(-likelihood.cost(taken)));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    return hypotheses.map((taken, which) => ({
      what: JSON.stringify({ ...sighting, taken }),
      counted: times[which]! / total,
      said: weights[which]! / whole,
      errorOfCounting: Math.sqrt(((times[which]! / total) * (1 - times[which]! / total)) / total) + 1 / total,
    }));
  });
}

/** Changes that undo one another and unlikely tables are left out: at these coarse rates that shows in the third digit. */
const LEFT_OUT = 0.03;

describe('the cameras’ likelihood', () => {
  it('says of one kind how often it was so: nothing, one or two of three pieces taken', () => {
    const rows = compare([3], [[0], [1], [2]]);
    assert.ok(rows.length >= 30, `${rows.length} rows`);
    for (const { what, counted, said, errorOfCounting } of rows) {
      assert.ok(Math.abs(counted - said) < LEFT_OUT + 4 * errorOfCounting, `${what}: ${counted} counted, ${said} said`);
    }
  });

  it('says of two kinds that look alike which of them went', () => {
    const rows = compare(
      [2, 2],
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ],
    );
    assert.ok(rows.length >= 40, `${rows.length} rows`);
    for (const { what, counted, said, errorOfCounting } of rows) {
      assert.ok(Math.abs(counted - said) < LEFT_OUT + 4 * errorOfCounting, `${what}: ${counted} counted, ${said} said`);
    }
  });
});

describe('rare changes', () => {
  const effects = changeEffects(1, 2);
  // All lose, all win, the first camera loses, wins, the second loses, wins.
  const changes = new RareChanges(effects, [0.02, 0.01, 0.03, 0.04, 0.05, 0.06], new Effort());
  const silence = Math.exp(-0.21);

  it('are silent as often as a Poisson of all their rates', () => {
    assert.equal(changes.chanceOf([0, 0]), silence);
  });

  it('explain what one camera lost by itself, or all lost and one found again', () => {
    const ways = changes.waysTo([-1, 0]);
    assert.deepEqual(
      ways.map(({ weight }) => Math.round(weight * 1e6) / 1e6),
      [0.03, 0.0012],
    );
  });

  it('count a change that happened twice by half its square', () => {
    const [most] = changes.waysTo([-2, 0]);
    assert.ok(Math.abs(most!.weight - 0.03 ** 2 / 2) < 1e-12);
  });

  it('never say never', () => {
    assert.ok(changes.chanceOf([-40, 17]) > 0);
  });
});
