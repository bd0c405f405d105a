// Makes a new link for the owner who lost everything that let them in, past the pages that they cannot reach.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import { type LedgerPlace, openLedger } from '@tapcase/ledger';
import { ledgerPlace } from '../../host/staff/open.ts';
import { ownerLink } from '../../host/staff/owner-link.ts';

export interface StaffCommandOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a shop of `npm start` runs, unless STATE_DIR says otherwise. */
  readonly stateFolder: string;
  readonly now: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE = `npm run staff -- owner-link [--name "Ann"]

A link that lets the owner in again: it is good once, for 72 hours, and when it is used, everything that let them in before ends.
Where the shop has no owner, it makes one. --name says which, where there are several.

It speaks to the ledger that LEDGER_FILE or DATABASE_URL name, for the pages at STAFF_URL; without them to the shop of npm start.
`;

/** The exit code. */
export async function staffCommand(args: readonly string[], options: StaffCommandOptions): Promise<number> {
  const { out, err, now } = options;
  const read = readArguments(args);
  if (read === undefined) {
    err(USAGE);
    return 1;
  }
  try {
    const { place, origin } = shopOf(options);
    const ledger = await openLedger(place);
    try {
      const link = await ownerLink({ ledger, origin, nowMs: now() }, read.name);
      if (link instanceof Fault) throw link;
      out(`${link}\n`);
      return 0;
    } finally {
      await ledger.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    err(`tapcase: ${thrown.message}\n`);
    return 1;
  }
}

function readArguments(args: readonly string[]): { readonly name: string | undefined } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' } },
    });
    return positionals.length === 1 && positionals[0] === 'owner-link' ? { name: values.name } : undefined;
  } catch {
    return undefined;
  }
}

function shopOf({ environment, stateFolder }: StaffCommandOptions): { place: LedgerPlace; origin: string } {
  const { LEDGER_FILE = '', DATABASE_URL = '', STAFF_URL = '', STAFF_PORT = '', STATE_DIR = '' } = environment;
  if (LEDGER_FILE !== '' || DATABASE_URL !== '') {
    const origin = STAFF_URL === '' ? `http://localhost:${STAFF_PORT === '' ? '8085' : STAFF_PORT}` : STAFF_URL;
    // A file that is not there would be made, and its link would open nothing.
    if (DATABASE_URL === '' && !existsSync(LEDGER_FILE)) throw noLedger(LEDGER_FILE);
    return { place: ledgerPlace(environment), origin };
  }
  const folder = STATE_DIR === '' ? stateFolder : STATE_DIR;
  const file = join(folder, 'running.json');
  if (!existsSync(file)) {
    throw new Fault(
      'staff.no-shop',
      'No shop of npm start runs here, and neither LEDGER_FILE nor DATABASE_URL is set.',
    );
  }
  const { staffUrl } = JSON.parse(readFileSync(file, 'utf8')) as { staffUrl: string };
  return { place: { file: join(folder, 'ledger.sqlite') }, origin: staffUrl };
}

function noLedger(file: string): Fault {
  return new Fault('staff.no-shop', `There is no ledger ${file}.`);
}
