// What the command was asked to do, or a Fault before anything is read or written.
import { parseArgs } from 'node:util';
import { Fault, type Split } from '@tapcase/domain';

export const HELP = `npm run dataset:export -- --evidence DIR --ledger FILE --out DIR [--since DATE] [--decided-only]

Writes the pictures of flagged visits as a COCO dataset: the model's boxes, and what people decided about each visit.

  --evidence DIR    the cloud's EVIDENCE_DIR (otherwise the variable of that name)
  --ledger FILE     the SQLite ledger (otherwise LEDGER_FILE)
  --database URL    the PostgreSQL ledger instead; better in DATABASE_URL, for a command line is seen by others
  --out DIR         where the dataset goes; the same folder again brings it up to date
  --since DATE      only visits with a picture of that day or later, 2026-11-21 (UTC)
  --decided-only    only pictures that a person's decision says something about
  --split SHARE     share of visits for validation, 0 to 0.9 (0.1)
  --seed NUMBER     which visits those are (7)
  --labels FILE     boxes that people drew, as COCO: they go before the model's, and end a dispute
  --decisions DIR   writes also what was decided, one file a visit, for deploy/lambda
  --help            this text

DATASET_KEY, 64 hex digits, makes the pseudonyms of the cases; without it a key is made once and kept in <out>.key.
Exit code: 0 all is written, 1 all is written but for some files (each is named on standard error), 2 it could not start
or could not finish. docs/dataset.md describes the files.
`;

export interface Options {
  readonly evidence: string;
  readonly ledger: { readonly file: string } | { readonly url: string };
  readonly out: string;
  /** Unix milliseconds; null: all. */
  readonly sinceMs: number | null;
  readonly decidedOnly: boolean;
  readonly split: Split;
  readonly labels: string | null;
  readonly decisions: string | null;
  /** null: one is made. */
  readonly key: string | null;
}

/** More than this for validation leaves too little to learn from. */
const FRACTION_MAX = 0.9;
const SEED_MAX = 2 ** 31 - 1;

/** 'help', or `dataset.usage` with what is wrong with the words. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | 'help' | Fault {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ evidence: text, ledger: text, database: text, out: text, since: text, split: text, seed: text },
        ...{ 'decided-only': flag, decisions: text, labels: text, help: flag },
      },
    });
    return values.help === true ? 'help' : checked(values, environment);
  } catch (error) {
    return usage((error as Error).message);
  }
}

type Words = Readonly<
  Partial<Record<'evidence' | 'ledger' | 'database' | 'out' | 'since' | 'split' | 'seed', string>>
> & {
  readonly 'decided-only'?: boolean;
  readonly decisions?: string;
  readonly labels?: string;
};

function checked(words: Words, environment: Readonly<Record<string, string | undefined>>): Options | Fault {
  const evidence = words.evidence ?? given(environment.EVIDENCE_DIR);
  if (evidence === undefined) return usage('--evidence DIR is missing');
  if (words.out === undefined) return usage('--out DIR is missing');
  const ledger = ledgerOf(words, environment);
  if (ledger instanceof Fault) return ledger;
  const sinceMs = words.since === undefined ? null : dayMs(words.since);
  if (Number.isNaN(sinceMs)) return usage('--since wants a day, 2026-11-21');
  const split = splitOf(words);
  if (split instanceof Fault) return split;
  const key = given(environment.DATASET_KEY) ?? null;
  if (key !== null && !KEY.test(key)) return usage('DATASET_KEY wants 64 hex digits');
  const { decisions = null, labels = null, 'decided-only': decidedOnly = false } = words;
  return { evidence, ledger, out: words.out, sinceMs, decidedOnly, split, labels, decisions, key };
}

export const KEY = /^[0-9a-f]{64}$/;

function ledgerOf({ ledger, database }: Words, environment: Readonly<Record<string, string | undefined>>) {
  if (ledger !== undefined && database !== undefined) return usage('--ledger or --database, not both');
  if (ledger !== undefined) return { file: ledger };
  // As the cloud itself chooses: a server where its address is known.
  const url = database ?? given(environment.DATABASE_URL);
  if (url !== undefined) {
    return /^postgres(ql)?:\/\/\S+$/.test(url) ? { url } : usage('the database wants an address, postgres://…');
  }
  const file = given(environment.LEDGER_FILE);
  return file === undefined ? usage('--ledger FILE or --database URL is missing') : { file };
}

function splitOf({ split = '0.1', seed = '7' }: Words): Split | Fault {
  const [fraction, number] = [Number(split), Number(seed)];
  if (split.trim() === '' || !(fraction >= 0 && fraction <= FRACTION_MAX)) {
    return usage(`--split wants a share from 0 to ${FRACTION_MAX}`);
  }
  if (!/^\d+$/.test(seed) || number > SEED_MAX) return usage(`--seed wants a whole number from 0 to ${SEED_MAX}`);
  return { fraction, seed: number };
}

/** Not a number where there is no such day. */
function dayMs(day: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? Number.NaN : ms;
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function usage(message: string): Fault {
  return new Fault('dataset.usage', `${message}; --help explains`);
}
