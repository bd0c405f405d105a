// One catalog's part of the benchmark: makes its visits, lets every contender decide each, and adds up.

import { createWorld, type World } from './catalog.ts';
import type { Contender, ContenderMaker } from './contender.ts';
import { CONTENDERS } from './contenders.ts';
import { addDecision, emptyTally, type Tally } from './score.ts';
import { SCENARIO_NAMES, type Scenario } from './standard-mix.ts';
import { makeVisit, type VisitCase, type VisitOptions } from './visit.ts';

/** `total`: the case weighs as a whole. `plates`: each shelf by itself. `shared-labels`: one label for a family. */
export const VARIANTS = ['total', 'plates', 'shared-labels'] as const;
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
  readonly mix: Tally;
  /** Every visit of a scenario, drawn or played on its own. */
  readonly scenarios: Readonly<Record<Scenario, Tally>>;
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
  return createWorld({ products, seed: `${seed}.${catalog}`, sharedLabels: variant === 'shared-labels' });
}

export function runJob(job: Job, makers: readonly ContenderMaker[] = CONTENDERS): JobResult {
  const world = worldOf(job);
  const visitOf = (options: Pick<VisitOptions, 'split' | 'index' | 'scenario'>) =>
    makeVisit(world, { seed: job.seed, plates: job.variant === 'plates', ...options });
  const training = (count: number) =>
    Array.from({ length: count }, (_, index) => visitOf({ split: 'train', index: index + TRAINING_FROM }));
  const entries = makers.map((maker) => {
    const { catalog, history } = world;
    return { contender: maker.create({ catalog, history, training }), result: emptyResult() };
  });
  const seen = new Map<Scenario, number>();
  for (let index = 0; index < job.visits; index += 1) {
    const visit = visitOf({ split: job.split, index });
    seen.set(visit.scenario, (seen.get(visit.scenario) ?? 0) + 1);
    for (const { contender, result } of entries) decide(contender, visit, result, true);
  }
  for (const scenario of SCENARIO_NAMES) {
    for (let index = seen.get(scenario) ?? 0; index < job.perScenario; index += 1) {
      const visit = visitOf({ split: job.split, index, scenario });
      for (const { contender, result } of entries) decide(contender, visit, result, false);
    }
  }
  return { job, contenders: Object.fromEntries(entries.map(({ contender, result }) => [contender.name, result])) };
}

/** So that who is measured on the training split, while tuning, is not measured on what it learned from. */
const TRAINING_FROM = 1_000_000;

function decide(contender: Contender, visit: VisitCase, result: ContenderResult, isOfMix: boolean): void {
  const { catalog, scale, zones, cameras, stock, truth, truthParameters } = visit;
  const startedMs = performance.now();
  const decision = contender.decide({ catalog, scale, zones, cameras, stock }, truthParameters);
  const tookMs = performance.now() - startedMs;
  addDecision(result.scenarios[visit.scenario], decision, truth, catalog);
  if (!isOfMix) return;
  addDecision(result.mix, decision, truth, catalog);
  (result.decisionMs as number[]).push(tookMs);
}

function emptyResult(): ContenderResult {
  const scenarios = Object.fromEntries(SCENARIO_NAMES.map((name) => [name, emptyTally()])) as Record<Scenario, Tally>;
  return { mix: emptyTally(), scenarios, decisionMs: [] };
}
