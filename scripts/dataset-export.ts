// npm run dataset:export: pictures of flagged visits and what people decided, as a COCO dataset.
import { Fault } from '@tapcase/domain';
import { type DecisionLedger, openDecisions } from './dataset/decisions.ts';
import { type Exported, exportDataset } from './dataset/export.ts';
import { HELP, parseOptions } from './dataset/options.ts';
import { told } from './reconcile/stream.ts';

const EXIT = { good: 0, skipped: 1, broken: 2 } as const;
/** Of one run on the terminal; what follows is only counted. */
const LINES_MAX = 100;

// Not process.exit: what a pipe has not taken yet would be lost.
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Fault ? `dataset: ${told(error)}` : String((error as Error).stack ?? error));
  return EXIT.broken;
});

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, process.env);
  if (options instanceof Fault) throw options;
  if (options === 'help') {
    process.stdout.write(HELP);
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
    process.stdout.write(summary(await exportDataset(options, ledger, skip), skipped));
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

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
