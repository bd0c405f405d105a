// What the command was asked to do, or a Fault before anything is read or written.
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';

export const HELP = `npm run reconcile -- --cases FILE [--catalog FILE] [--policy FILE] [--out FILE] [--score FILE]

Replays stored visits: says for each what was taken, how sure that is, and what would be charged.

  --cases FILE     one JSON object per line; - reads standard input
  --catalog FILE   what the case sells; cases with a catalog of their own need none
  --policy FILE    other parameters: {"model": ..., "thresholds": ...}, both or one of them, each whole
  --out FILE       one JSON object per line (otherwise standard output)
  --score FILE     the score as JSON; the table goes to standard error whenever a case says its truth
  --help           this text

Exit code: 0 every line has its result, 1 some lines were bad (each is named on standard error, the others have their
results), 2 it could not start or could not finish. docs/reconcile.md describes the files and the figures.
`;

/** Standard input, as a file name. */
export const STDIN = '-';

export interface Options {
  readonly help: boolean;
  readonly cases: string;
  readonly catalog: string | null;
  readonly policy: string | null;
  readonly out: string | null;
  readonly score: string | null;
}

/** `replay.usage` says what is wrong with the words. */
export function parseOptions(args: readonly string[]): Options | Fault {
  try {
    const file = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { cases: file, catalog: file, policy: file, out: file, score: file, help: { type: 'boolean' } },
    });
    const { help = false, cases = '', catalog = null, policy = null, out = null, score = null } = values;
    if (!help && cases === '') return new Fault('replay.usage', '--cases FILE is missing; --help explains');
    return { help, cases, catalog, policy, out, score };
  } catch (error) {
    return new Fault('replay.usage', `${(error as Error).message}; --help explains`);
  }
}
