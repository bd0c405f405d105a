// The benchmark's results and parameters as Markdown tables.
import type { Rate, ScoreResult } from '@tapcase/domain';
import { f1Of } from './score.ts';
import { PARAMETERS, SCENARIO_NAMES, SCENARIOS } from './standard-mix.ts';
import type { ContenderSummary, SizeSummary } from './summary.ts';

const VARIANT_TITLES = {
  total: 'The case weighs as a whole',
  plates: 'Every shelf has a plate on a load cell of its own',
  'quiet-cells': 'The case weighs as a whole, on quiet cells (sigma 1.4 g)',
  'quiet-plates': 'Every shelf has a plate on a quiet cell of its own (sigma 0.7 g)',
  'shared-labels': 'The detector has one label for all products of a family; the case weighs as a whole',
} as const;

/** Per scenario: what is shown, and of which contenders it makes sense. */
const DETAILS: readonly (readonly [title: string, cell: (score: ScoreResult) => string])[] = [
  ['Baskets exactly right, %', ({ exactBaskets }) => percent(exactBaskets)],
  ['Customers overcharged, %', ({ overcharged }) => percent(overcharged, 2)],
  ['Item F1, %', (score) => percent({ rate: f1Of(score) })],
  ['Sent to review, %', ({ review }) => percent(review)],
];

export interface RunFacts {
  readonly seed: number;
  readonly split: string;
  readonly visits: number;
  readonly perScenario: number;
}

export function resultTables(
  summaries: readonly SizeSummary[],
  { seed, split, visits, perScenario }: RunFacts,
): string {
  const intro =
    `Seed ${seed}, ${split} split, ${count(visits)} visits of the standard mix a size, ` +
    `each scenario at least ${count(perScenario)} times. Brackets: 95 % interval.`;
  const variants = Map.groupBy(summaries, ({ variant }) => variant);
  // Scenario by scenario only for the standard case; what a sensor would change shows in the mix.
  const parts = [...variants].flatMap(([variant, sizes]) => [
    `### ${VARIANT_TITLES[variant]}`,
    mixTable(sizes),
    ...(variant === 'total' ? sizes.flatMap(scenarioTables) : []),
  ]);
  return [intro, ...parts].join('\n\n');
}

function mixTable(sizes: readonly SizeSummary[]): string {
  const rows = sizes.flatMap(({ products, contenders }) =>
    contenders.map(({ name, mix, statesProbability }) => [
      count(products),
      name,
      `${percent(mix.exactBaskets)} (${percent({ rate: mix.exactBaskets.low })} to ${percent({ rate: mix.exactBaskets.high })})`,
      percent(mix.overcharged, 2),
      percent(mix.undercharged, 2),
      percent({ rate: f1Of(mix) }),
      percent(mix.review),
      statesProbability ? (mix.calibration.expectedError ?? 0).toFixed(4) : '',
    ]),
  );
  const head = ['products', 'contender', 'exact baskets, %', 'overcharged, %', 'undercharged, %', 'item F1, %'];
  return table([...head, 'review, %', 'calibration error'], rows);
}

function scenarioTables({ products, contenders }: SizeSummary): string[] {
  return DETAILS.map(([title, cell], at) => {
    const rows = SCENARIO_NAMES.map((name) => [
      name,
      `${SCENARIOS[name].share}`,
      count(contenders[0]?.scenarios[name]?.visits ?? 0),
      ...contenders.map(({ scenarios }) => (scenarios[name] === null ? '' : cell(scenarios[name]))),
    ]);
    const whole = ['**standard mix**', '100', count(contenders[0]?.mix.visits ?? 0)];
    rows.push([...whole, ...contenders.map(({ mix }) => cell(mix))]);
    const body = table(['scenario', 'share, %', 'visits', ...contenders.map(({ name }) => name)], rows);
    const heading = `${count(products)} products: ${title.toLowerCase()}`;
    return at === 0 ? `**${heading}**\n\n${body}` : `<details><summary>${heading}</summary>\n\n${body}\n\n</details>`;
  });
}

export function parameterTables(): string {
  const parameters = Object.entries(PARAMETERS).map(([name, { value, unit, source }]) => [
    `\`${name}\``,
    `${Number(value.toPrecision(3))}`,
    unit,
    source,
  ]);
  const scenarios = SCENARIO_NAMES.map((name) => [name, `${SCENARIOS[name].share}`, SCENARIOS[name].what]);
  return [
    table(['parameter', 'value', 'unit', 'source'], parameters),
    table(['scenario', 'share, %', 'what happens'], scenarios),
  ].join('\n\n');
}

/** Times differ from machine to machine, so they are said, not written into the document. */
export function timeLines(summaries: readonly SizeSummary[]): string[] {
  const line = (size: SizeSummary, { name, medianMs, p99Ms, maxMs, mix }: ContenderSummary) =>
    `${size.variant} ${String(size.products).padStart(5)} ${name.padEnd(22)} exact ${percent(mix.exactBaskets).padStart(5)} %` +
    `  median ${medianMs.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms  worst ${maxMs.toFixed(1)} ms`;
  return summaries.flatMap((size) => size.contenders.map((contender) => line(size, contender)));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function percent({ rate }: Pick<Rate, 'rate'>, digits = 1): string {
  return rate === null ? '' : (100 * rate).toFixed(digits);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
