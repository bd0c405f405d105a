// Adds the jobs' results up: for each variant and size what every contender did in the mix and in each scenario.
import type { JobResult, Variant } from './job.ts';
import { mergeTallies, type Shares, sharesOf } from './score.ts';
import { SCENARIO_NAMES, type Scenario } from './standard-mix.ts';

export interface ContenderSummary {
  readonly name: string;
  readonly mix: Shares;
  /** null where the scenario was not played. */
  readonly scenarios: Readonly<Record<Scenario, Shares | null>>;
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
    const tally = mergeTallies(parts.map(({ scenarios }) => scenarios[scenario]));
    return [scenario, tally.visits === 0 ? null : sharesOf(tally)] as const;
  });
  const times = parts.flatMap(({ decisionMs }) => decisionMs).sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    name,
    mix: sharesOf(mergeTallies(parts.map(({ mix }) => mix))),
    scenarios: Object.fromEntries(shares) as Record<Scenario, Shares | null>,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
  };
}
