// npm run case:token [-- NAME] [--board CASE]: lets npm run case:provision, on another machine, register one case as NAME, who may
// change the catalog; without a name as the only owner. With --board it is for new secrets of a case that there is: then its controller
// and its Pi are expected to be new ones. At the cloud, with its LEDGER_FILE or DATABASE_URL: whoever can write there is the
// owner already. What it prints is a session of that person's, for a quarter of an hour or until the case is registered.
import { parseArgs } from 'node:util';
import { BOARD_EXPECTED_MS, CASE_ID, Fault, may, orThrow } from '@tapcase/domain';
import { type Ledger, openLedger } from '@tapcase/ledger';
import { recordAct } from '../../host/staff/asked.ts';
import { hashOf, newToken } from '../../host/staff/secrets.ts';

const TOKEN_MS = 15 * 60_000;

const DEVICES = ['controller', 'pi'] as const;

/** `staff.which-owner`, `staff.unknown`, `staff.not-allowed`, `provision.usage`. */
export async function makeToken(
  ledger: Ledger,
  name: string | undefined,
  nowMs: number,
  caseId?: string,
): Promise<string> {
  if (caseId !== undefined && !CASE_ID.test(caseId)) throw new Fault('provision.usage', '--board: no name of a case');
  const people = (await ledger.staff()).filter(({ disabledAtMs }) => disabledAtMs === null);
  const owners = people.filter(({ role }) => role === 'owner');
  if (name === undefined && owners.length > 1) {
    throw new Fault(
      'staff.which-owner',
      `There are several owners: ${owners.map((each) => each.name).join(', ')}. Say which.`,
    );
  }
  const person = name === undefined ? owners[0] : people.find((each) => each.name === name);
  if (person === undefined) throw new Fault('staff.unknown', 'There is nobody of that name, or no owner yet.');
  if (!may(person.role, 'catalog.change')) throw new Fault('staff.not-allowed', `${person.name} may not add a case.`);
  const [token, id] = [newToken(), newToken().slice(0, 22)];
  await ledger.startSession({
    ...{ id, kind: 'staff', subject: person.id, label: 'case:provision', tokenHash: hashOf(token) },
    ...{ createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs: nowMs + TOKEN_MS },
  });
  const by = { ...person, sessionId: id, signedInAtMs: nowMs };
  await recordAct(ledger, { person: by, address: null, atMs: nowMs }, 'signed-in', null, { way: 'case:token' });
  if (caseId === undefined) return token;
  for (const device of DEVICES) {
    const who = { staffId: person.id, name: person.name, role: person.role, address: null };
    const act = { ...who, atMs: nowMs, act: 'board-expected', subject: caseId, detail: { way: 'case:token' } } as const;
    await ledger.expectBoard({ caseId, device, untilMs: nowMs + BOARD_EXPECTED_MS, act });
  }
  return token;
}

if (import.meta.main) {
  try {
    const { DATABASE_URL: url = '', LEDGER_FILE: file = '' } = process.env;
    if (url === '' && file === '') orThrow(new Fault('config.incomplete', 'LEDGER_FILE or DATABASE_URL must be set.'));
    const ledger = await openLedger(url === '' ? { file } : { url });
    try {
      const { values, positionals } = parseArgs({ allowPositionals: true, options: { board: { type: 'string' } } });
      process.stdout.write(`${await makeToken(ledger, positionals[0], Date.now(), values.board)}\n`);
    } finally {
      await ledger.close();
    }
  } catch (thrown) {
    process.stderr.write(
      `${thrown instanceof Fault ? `${thrown.code}: ${thrown.message}` : (thrown as Error).stack}\n`,
    );
    process.exitCode = 2;
  }
}
