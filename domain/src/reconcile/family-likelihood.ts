// How likely the cameras' counts of one family are after so many of each kind were taken: what a camera made of a piece
// before is missing when the piece goes, and pieces that stay change rarely. Conditioned on the counts before, which are
// the same for any basket.
import { type BeforeShape, type Pieces, type Table, tablesOf } from './before.ts';
import { anyOf, eachDraw, ODD_MAX, shift } from './draws.ts';
import type { Effort } from './effort.ts';
import { beforeEffects, changeEffects, changeRates, type Look, looksOf } from './looks.ts';
import type { ReconcileModel } from './model.ts';
import { type ChangeEffects, keyOf, RareChanges } from './rare-changes.ts';
import type { Camera, FamilySighting } from './sightings.ts';

/** Draws less probable than this are left out. */
const NEGLIGIBLE = 1e-6;

export interface FamilyContext {
  readonly cameras: readonly Camera[];
  readonly model: ReconcileModel;
  /** Visible kinds of the whole catalog. */
  readonly kinds: number;
  readonly effort: Effort;
  /** What families of one size and rates share; starts empty. */
  readonly shapes: Map<string, FamilyShape>;
}

export interface FamilyShape {
  readonly before: BeforeShape;
  readonly staying: ChangeEffects;
}

function shapeOf({ rates }: FamilySighting, { cameras, shapes }: FamilyContext): FamilyShape {
  let key = '';
  for (const rate of rates) key += `${rate.key};`;
  let shape = shapes.get(key);
  if (shape === undefined) {
    const looks = rates.map((own, kind) => looksOf(kind, rates.length, own, cameras));
    const before = { looks, effects: beforeEffects(looks) };
    shape = { before, staying: changeEffects(rates.length, cameras.length) };
    shapes.set(key, shape);
  }
  return shape;
}

export class FamilyLikelihood {
  private readonly cameras: number;
  private readonly effort: Effort;
  private readonly looks: readonly (readonly Look[])[];
  /** null: a view was cut short, and nobody knows what was there before. */
  private readonly tables: readonly Table[] | null;
  private readonly staying: RareChanges;
  /** After minus before. */
  private readonly difference: readonly number[];
  /** Boxes of the family after, by camera. */
  private readonly after: readonly number[];
  private readonly ghostRate: number;
  private readonly costs = new Map<number | string, number>();

  constructor(sighting: FamilySighting, context: FamilyContext) {
    const { cameras, model, kinds, effort } = context;
    const { before, staying } = shapeOf(sighting, context);
    this.cameras = cameras.length;
    this.effort = effort;
    this.looks = before.looks;
    const counted = sighting.before.flat();
    this.difference = sighting.after.flat().map((count, entry) => count - counted[entry]!);
    this.staying = new RareChanges(staying, changeRates(sighting, cameras, model.camera, kinds), effort);
    this.tables = tablesOf(sighting, before, model, kinds, { isQuiet: this.isQuiet, effort });
    this.after = cameras.map((_, camera) => sighting.after[camera]!.reduce((sum, count) => sum + count, 0));
    this.ghostRate = model.camera.ghostRate / kinds;
  }

  /** True where the counts before and after are as if nothing had gone. */
  get isQuiet(): boolean {
    return this.difference.every((entry) => entry === 0);
  }

  /** What the cameras saw go, by kind: the most that any of them says. */
  seenGoing(): number[] {
    const size = this.looks.length;
    return this.looks.map((_, kind) => {
      let most = 0;
      for (let camera = 0; camera < this.cameras; camera += 1) {
        const gone = -this.difference[camera * size + kind]!;
        if (Math.abs(gone) > Math.abs(most)) most = gone;
      }
      return most;
    });
  }

  /** By camera: whether it counted exactly so many less. */
  countedBy(taken: readonly number[]): boolean[] {
    const size = this.looks.length;
    return Array.from({ length: this.cameras }, (_, camera) =>
      taken.every((count, kind) => this.difference[camera * size + kind]! + count === 0),
    );
  }

  /** Nats (minus the log of the likelihood) for `taken` pieces of each kind; below zero: put in. */
  cost(taken: readonly number[]): number {
    const key = keyOf(taken);
    let cost = this.costs.get(key);
    if (cost === undefined) {
      cost = -Math.log(Math.max(Number.MIN_VALUE, this.likelihood(taken)));
      this.costs.set(key, cost);
    }
    return cost;
  }

  private likelihood(taken: readonly number[]): number {
    if (this.tables === null) return this.drawn(taken, null, 1);
    const single = singleOf(taken);
    let sum = 0;
    for (const { chance, pieces } of this.tables) {
      const drawn = single < 0 ? this.drawn(taken, pieces, chance) : this.drawnOne(single, pieces[single]!, chance);
      sum += drawn * this.ghostRate ** this.ghosts(taken, pieces);
    }
    if (sum > 0) return sum;
    // More than there was, whatever we think of the books (the prior does): then at least they were seen as usual.
    return this.drawn(taken, null, 1, 0);
  }

  /** Boxes after that cannot be pieces: there are not so many left. */
  private ghosts(taken: readonly number[], pieces: readonly Pieces[]): number {
    let left = 0;
    for (let kind = 0; kind < pieces.length; kind += 1) left += pieces[kind]!.total - taken[kind]!;
    return this.after.reduce((most, count) => Math.max(most, count - left), 0);
  }

  /** One piece of one kind: what the general sum comes to, without its machinery; nearly all that is asked. */
  private drawnOne(kind: number, { total, usual, odd }: Pieces, chance: number): number {
    if (total < 1) return 0;
    const looks = this.looks[kind]!;
    const left = [...this.difference];
    const after = (look: number): number => {
      const { seen } = looks[look]!;
      for (let entry = 0; entry < left.length; entry += 1) left[entry] = this.difference[entry]! + seen[entry]!;
      return this.staying.chanceOf(left);
    };
    let sum = usual > 0 ? usual * after(0) : 0;
    for (const { look, count } of odd) sum += count * after(look);
    return (chance * sum) / total;
  }

  /** Sums over every way to draw the taken pieces, kind by kind; what they showed is missing afterwards. */
  private drawn(taken: readonly number[], pieces: readonly Pieces[] | null, chance: number, oddMax = ODD_MAX): number {
    const left = [...this.difference];
    const next = (kind: number, soFar: number): number => {
      if (soFar < NEGLIGIBLE) return 0;
      if (kind === taken.length) return soFar * this.staying.chanceOf(left);
      const count = taken[kind]!;
      if (count === 0) return next(kind + 1, soFar);
      const looks = this.looks[kind]!;
      // What is brought in from outside was never among the pieces there.
      const there = count < 0 || pieces === null ? anyOf(looks, oddMax) : pieces[kind]!;
      if (Math.abs(count) > there.total) return 0;
      return eachDraw(Math.abs(count), there, looks, this.effort, (drawn, way) => {
        shift(left, looks, drawn, Math.sign(count));
        const sum = next(kind + 1, soFar * way);
        shift(left, looks, drawn, -Math.sign(count));
        return sum;
      });
    };
    return next(0, chance);
  }
}

/** The kind of which one piece is taken, and nothing else; -1 otherwise. */
function singleOf(taken: readonly number[]): number {
  let single = -1;
  for (let kind = 0; kind < taken.length; kind += 1) {
    if (taken[kind] === 0) continue;
    if (taken[kind] !== 1 || single >= 0) return -1;
    single = kind;
  }
  return single;
}
