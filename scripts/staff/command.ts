// What staff do at the cloud's machine itself: a new link for the owner who lost everything that let them in, and the word that
// a case has a new board.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BOARD_EXPECTED_MS, CASE_ID, type Device, Fault, orThrow, staffName } from '@tapcase/domain';
import { type Ledger, type LedgerPlace, openLedger } from '@tapcase/ledger';
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

interface OwnerLink {
  readonly order: 'owner-link';
  readonly name: string | undefined;
}
interface NewBoard {
  readonly order: 'new-board';
  readonly caseId: string;
  readonly device: Device;
  readonly name: string;
}

const BY_HAND = 'at the terminal';

const USAGE = `npm run staff -- owner-link [--name "Ann"]
npm run staff -- new-board CASE [--pi] --name "Ann"

A link that lets the owner in again: it is good once, for 72 hours, and when it is used, everything that let them in before ends.
Where the shop has no owner, it makes one. --name says which, where there are several.

new-board says that the case has a new controller, with --pi another Pi, or one whose memory or card was erased: the one that speaks
now counts from here on, or else the first that speaks within 24 hours. What an unexpected one reports is kept aside and charged to
nobody. --name is who says so. New secrets are expected by themselves: npm run case:token -- --board CASE.

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
      out(
        `${await (read.order === 'owner-link' ? link(ledger, origin, now(), read.name) : board(ledger, now(), read))}\n`,
      );
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

async function link(ledger: Ledger, origin: string, nowMs: number, name: string | undefined): Promise<string> {
  return orThrow(await ownerLink({ ledger, origin, nowMs }, name));
}

async function board(ledger: Ledger, nowMs: number, { caseId, device, name }: NewBoard): Promise<string> {
  // Who is at this machine is not known, only who they say they are: the act names them and nobody of the staff.
  const by = { staffId: null, role: null, address: null, name: `${name}, ${BY_HAND}` };
  const act = { ...by, atMs: nowMs, act: 'board-expected', subject: caseId, detail: {} } as const;
  const done = await ledger.expectBoard({ caseId, device, untilMs: nowMs + BOARD_EXPECTED_MS, act });
  return done === 'accepted'
    ? `The board that is in case ${caseId} now counts from here on.`
    : `The next new board that speaks from case ${caseId} within 24 hours counts from then on.`;
}

function readArguments(args: readonly string[]): OwnerLink | NewBoard | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { name: { type: 'string' }, pi: { type: 'boolean' } },
    });
    const [order, caseId, ...rest] = positionals;
    const { pi = false } = values;
    if (order === 'owner-link' && caseId === undefined && !pi) return { order, name: values.name };
    if (order !== 'new-board' || caseId === undefined || rest.length > 0 || !CASE_ID.test(caseId)) return undefined;
    const { name = '' } = values;
    return staffName(name) instanceof Fault ? undefined : { order, caseId, device: pi ? 'pi' : 'controller', name };
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
