// What `npm run bench:reconcile` is asked to do, from its command line.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Job, VARIANTS, type Variant } from './job.ts';

export interface Options {
  readonly jobs: readonly Job[];
  readonly seed: number;
  readonly split: Job['split'];
  readonly visits: number;
  readonly perScenario: number;
  readonly threads: number;
  /** Write the tables into docs/reconcile.md. */
  readonly markdown: boolean;
  readonly jsonFile: string | undefined;
  /** Write the visits there instead of running the contenders. */
  readonly exportFolder: string | undefined;
}

export const USAGE = `npm run bench:reconcile -- [options]
  --seed N            seed of catalogs and visits (2026)
  --split NAME        test or train; tune on train only (test)
  --visits N          visits of the standard mix a size, over all its catalogs (4000)
  --per-scenario N    at least so many visits of each scenario a size (200)
  --sizes A,B         products in a catalog (10,50,200)
  --catalogs N        different catalogs of each size (4)
  --variants A,B      ${VARIANTS.join(', ')} (total)
  --threads N         (as many as there are cores)
  --json FILE         everything as JSON
  --markdown          write the tables into docs/reconcile.md
  --export DIR        write catalog.json and cases.jsonl for npm run reconcile, and stop`;

/** Throws a TypeError that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '2026' },
      split: { type: 'string', default: 'test' },
      visits: { type: 'string', default: '4000' },
      'per-scenario': { type: 'string', default: '200' },
      sizes: { type: 'string', default: '10,50,200' },
      catalogs: { type: 'string', default: '4' },
      variants: { type: 'string', default: 'total' },
      threads: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      export: { type: 'string' },
    },
  });
  const [seed, visits, catalogs] = [
    whole('seed', values.seed),
    whole('visits', values.visits),
    whole('catalogs', values.catalogs),
  ];
  const perScenario = whole('per-scenario', values['per-scenario']);
  const sizes = values.sizes.split(',').map((size) => whole('sizes', size));
  const variants = values.variants.split(',').map(variantOf);
  if (values.split !== 'test' && values.split !== 'train') throw new TypeError('--split is test or train');
  if (catalogs < 1 || sizes.some((size) => size < PRODUCTS_MIN)) {
    throw new TypeError(`--catalogs is at least 1, --sizes at least ${PRODUCTS_MIN}`);
  }
  const split: Job['split'] = values.split;
  const share = (total: number, catalog: number) => Math.floor((total + catalog) / catalogs);
  const jobs = variants.flatMap((variant) =>
    sizes.flatMap((products) =>
      Array.from({ length: catalogs }, (_, catalog): Job => {
        // Only the standard case is shown scenario by scenario.
        const counts = {
          visits: share(visits, catalog),
          perScenario: variant === 'total' ? share(perScenario, catalog) : 0,
        };
        return { variant, products, seed, catalog, split, ...counts };
      }),
    ),
  );
  const { markdown, json: jsonFile, export: exportFolder } = values;
  return {
    jobs,
    seed,
    split,
    visits,
    perScenario,
    threads: whole('threads', values.threads),
    markdown,
    jsonFile,
    exportFolder,
  };
}

/** Families and every category need room. */
const PRODUCTS_MIN = 5;

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`--${name} takes whole numbers, not "${text}"`);
  return Number(text);
}

function variantOf(text: string): Variant {
  const found = VARIANTS.find((variant) => variant === text);
  if (found === undefined) throw new TypeError(`--variants are ${VARIANTS.join(', ')}, not "${text}"`);
  return found;
}
