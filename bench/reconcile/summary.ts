// Adds the jobs' results up: for each variant and size what every contender did in the mix and in each scenario.
import { mergeScores, type ScoreResult } from '@tapcase/domain';
import type { JobResult, Variant } from './job.ts';
import { SCENARIO_NAMES, type Scenario } from './standard-mix.ts';

export interface ContenderSummary {
  readonly name: string;
  readonly mix: ScoreResult;
  /** null where the scenario was not played. */
  readonly scenarios: Readonly<Record<Scenario, ScoreResult | null>>;
  readonly statesProbability: boolean;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface SizeSummary {
  readonly variant: Variant;
  readonly products: number;
  readonly catalogs: number;
  readonly contenders: readonly ContenderSummary[];
}

export function summarize(results: readonly JobResult[]): SizeSummary[] {
  const groups = Map.groupBy(results, ({ job }) => `${job.variant}/${job.products}`);
  return [...groups.values()].map((group) => {
    const { variant, products } = group[0]!.job;
    const names = Object.keys(group[0]!.contenders);
    return { variant, products, catalogs: group.length, contenders: names.map((name) => summaryOf(name, group)) };
  });
}

function summaryOf(name: string, group: readonly JobResult[]): ContenderSummary {
  const parts = group.map(({ contenders }) => contenders[name]!);
  const shares = SCENARIO_NAMES.map((scenario) => {
    const score = mergeScores(parts.map(({ scenarios }) => scenarios[scenario]));
    return [scenario, score.visits === 0 ? null : score] as const;
  });
  const times = parts.flatMap(({ decisionMs }) => decisionMs).sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    name,
    mix: mergeScores(parts.map(({ mix }) => mix)),
    scenarios: Object.fromEntries(shares) as Record<Scenario, ScoreResult | null>,
    statesProbability: parts.some(({ statesProbability }) => statesProbability),
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
  };
}
