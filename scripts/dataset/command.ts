// npm run dataset:export, for whoever calls it: pictures of flagged visits and what people decided, as a COCO dataset.
import { Fault } from '@tapcase/domain';
import { told } from '../reconcile/stream.ts';
import { type DecisionLedger, openDecisions } from './decisions.ts';
import { type Exported, exportDataset } from './export.ts';
import { HELP, parseOptions } from './options.ts';

const EXIT = { good: 0, skipped: 1, broken: 2 } as const;
/** Of one run on the terminal; what follows is only counted. */
const LINES_MAX = 100;

/** Who calls the command: the terminal, or a test. */
export interface Caller {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The exit code; what went wrong is told, never thrown. */
export async function datasetExport(args: readonly string[], caller: Caller): Promise<number> {
  const say = (text: string) => caller.err(`${text}\n`);
  try {
    return await run(args, caller, say);
  } catch (error) {
    say(error instanceof Fault ? `dataset: ${told(error)}` : String((error as Error).stack ?? error));
    return EXIT.broken;
  }
}

async function run(
  args: readonly string[],
  { environment, out }: Caller,
  say: (text: string) => void,
): Promise<number> {
  const options = parseOptions(args, environment);
  if (options instanceof Fault) throw options;
  if (options === 'help') {
    out(HELP);
    return EXIT.good;
  }
  const skipped = new Map<string, number>();
  let lines = 0;
  const skip = (path: string, fault: Fault) => {
    skipped.set(fault.code, (skipped.get(fault.code) ?? 0) + 1);
    lines += 1;
    if (lines <= LINES_MAX) say(told(new Fault(fault.code, `${path}: ${fault.message}`)));
    if (lines === LINES_MAX + 1) say('… and more, counted below');
  };
  const ledger: DecisionLedger = await openDecisions(options.ledger);
  try {
    out(summary(await exportDataset(options, ledger, skip), skipped));
  } finally {
    await ledger.close();
  }
  return skipped.size === 0 ? EXIT.good : EXIT.skipped;
}

function summary(
  { dataset, visits, unknown, decided, dropped }: Exported,
  skipped: ReadonlyMap<string, number>,
): string {
  const { train, val, toLabel, categories, strangers } = dataset;
  const size = ({ images, annotations }: typeof train) => `${images.length} pictures, ${annotations.length} boxes`;
  const said = ({ images }: typeof train) => {
    const having = (state: string) => images.filter(({ tapcase }) => tapcase.boxes === state).length;
    return `confirmed by a decision: ${having('confirmed')}, labelled by a person: ${having('labelled')}`;
  };
  const rows: readonly (readonly [string, string])[] = [
    ['visits', `${visits}; decided: ${counted(Object.entries(decided))}; not in the ledger: ${unknown}`],
    ['train', `${size(train)}; ${said(train)}`],
    ['val', `${size(val)}; ${said(val)}`],
    ['to label', size(toLabel)],
    ['categories', String(categories.length)],
    ['labels of no product', counted(Object.entries(strangers))],
    ['pictures dropped', String(dropped)],
    ['files skipped', counted([...skipped])],
  ];
  return rows.map(([name, value]) => `${name.padEnd(22)}${value.replace(/[\p{Cc}\p{Cf}]/gu, '?')}\n`).join('');
}

function counted(counts: readonly (readonly [string, number])[]): string {
  return counts.length === 0 ? 'none' : counts.map(([name, count]) => `${name} ${count}`).join(', ');
}
