// One catalog's part of the benchmark: makes its visits, lets every contender decide each, and adds up.

import { createScore, type Score, type ScoreTally } from '@tapcase/domain';
import { createWorld } from './catalog.ts';
import type { Contender, ContenderMaker } from './contender.ts';
import { CONTENDERS } from './contenders.ts';
import { addDecision } from './score.ts';
import { type Mix, SCENARIO_NAMES, type Scenario, STANDARD_MIX } from './standard-mix.ts';
import { makeVisit, type VisitCase, type VisitOptions } from './visit.ts';
import type { World } from './world.ts';

/**
 * `total`: the case weighs as a whole. `plates`: each shelf by itself. `quiet-cells`, `quiet-plates`: the same on cells that
 * are made for the load. `shared-labels`: one label for a family.
 */
export const VARIANTS = ['total', 'plates', 'quiet-cells', 'quiet-plates', 'shared-labels'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Job {
  readonly variant: Variant;
  readonly products: number;
  readonly seed: number;
  /** Which of the catalogs of this size and seed, from 0. */
  readonly catalog: number;
  readonly split: VisitOptions['split'];
  /** With scenarios drawn by their shares. */
  readonly visits: number;
  /** Every scenario that came up less often is played on its own until it has so many. */
  readonly perScenario: number;
}

export interface ContenderResult {
  /** By the shares: what a shop would see. */
  readonly mix: ScoreTally;
  /** Every visit of a scenario, drawn or played on its own. */
  readonly scenarios: Readonly<Record<Scenario, ScoreTally>>;
  /** False: its calibration says nothing. */
  readonly statesProbability: boolean;
  /** Milliseconds of each decision of the mix. */
  readonly decisionMs: readonly number[];
}

export interface JobResult {
  readonly job: Job;
  readonly contenders: Readonly<Record<string, ContenderResult>>;
}

export function worldOf({
  variant,
  products,
  seed,
  catalog,
}: Pick<Job, 'variant' | 'products' | 'seed' | 'catalog'>): World {
  const isQuiet = variant === 'quiet-cells' || variant === 'quiet-plates';
  const mix = isQuiet ? quieter(STANDARD_MIX) : STANDARD_MIX;
  return createWorld({ products, seed: `${seed}.${catalog}`, mix, sharedLabels: variant === 'shared-labels' });
}

/** Grams, before minus after, one cell: a 10 kg single-point cell instead of a 50 kg half-bridge. Reasoned, not measured. */
const QUIET_CELL_SIGMA_GRAMS = 0.7;

function quieter(mix: Mix): Mix {
  return { ...mix, rates: { ...mix.rates, cellSigmaGrams: QUIET_CELL_SIGMA_GRAMS } };
}

export function runJob(job: Job, makers: readonly ContenderMaker[] = CONTENDERS): JobResult {
  const world = worldOf(job);
  const visitOf = (options: Pick<VisitOptions, 'split' | 'index' | 'scenario'>) =>
    makeVisit(world, {
      seed: job.seed,
      plates: job.variant === 'plates' || job.variant === 'quiet-plates',
      ...options,
    });
  const training = (count: number) =>
    Array.from({ length: count }, (_, index) => visitOf({ split: 'train', index: index + TRAINING_FROM }));
  const { catalog, history } = world;
  const entries = makers.map((maker) => new Entry(maker.create({ catalog, history, training }), world));
  const seen = new Map<Scenario, number>();
  for (let index = 0; index < job.visits; index += 1) {
    const visit = visitOf({ split: job.split, index });
    seen.set(visit.scenario, (seen.get(visit.scenario) ?? 0) + 1);
    for (const entry of entries) entry.decide(visit, true);
  }
  for (const scenario of SCENARIO_NAMES) {
    for (let index = seen.get(scenario) ?? 0; index < job.perScenario; index += 1) {
      const visit = visitOf({ split: job.split, index, scenario });
      for (const entry of entries) entry.decide(visit, false);
    }
  }
  return { job, contenders: Object.fromEntries(entries.map((entry) => [entry.contender.name, entry.result()])) };
}

/** So that who is measured on the training split, while tuning, is not measured on what it learned from. */
const TRAINING_FROM = 1_000_000;

/** A contender and its scores. */
class Entry {
  readonly contender: Contender;
  readonly #mix: Score;
  readonly #scenarios: Readonly<Record<Scenario, Score>>;
  readonly #decisionMs: number[] = [];
  #statesProbability = false;

  constructor(contender: Contender, { catalog }: World) {
    this.contender = contender;
    this.#mix = createScore(catalog);
    this.#scenarios = byScenario(() => createScore(catalog));
  }

  decide(visit: VisitCase, isOfMix: boolean): void {
    const { catalog, scale, zones, cameras, stock, truthParameters } = visit;
    const startedMs = performance.now();
    const decision = this.contender.decide({ catalog, scale, zones, cameras, stock }, truthParameters);
    const tookMs = performance.now() - startedMs;
    this.#statesProbability ||= decision.probability !== null;
    addDecision(this.#scenarios[visit.scenario], decision, visit);
    if (!isOfMix) return;
    addDecision(this.#mix, decision, visit);
    this.#decisionMs.push(tookMs);
  }

  result(): ContenderResult {
    return {
      mix: this.#mix.tally(),
      scenarios: byScenario((name) => this.#scenarios[name].tally()),
      statesProbability: this.#statesProbability,
      decisionMs: this.#decisionMs,
    };
  }
}

function byScenario<Value>(make: (name: Scenario) => Value): Record<Scenario, Value> {
  return Object.fromEntries(SCENARIO_NAMES.map((name) => [name, make(name)])) as Record<Scenario, Value>;
}
