// npm run case:token [-- NAME]: lets npm run case:provision, on another machine, register one case as NAME, who may change the
// catalog; without a name as the only owner. At the cloud, with its LEDGER_FILE or DATABASE_URL: whoever can write there is the
// owner already. What it prints is a session of that person's, for a quarter of an hour or until the case is registered.
import { Fault, may, orThrow } from '@tapcase/domain';
import { type Ledger, openLedger } from '@tapcase/ledger';
import { recordAct } from '../../host/staff/asked.ts';
import { hashOf, newToken } from '../../host/staff/secrets.ts';

const TOKEN_MS = 15 * 60_000;

/** `staff.which-owner`, `staff.unknown`, `staff.not-allowed`. */
export async function makeToken(ledger: Ledger, name: string | undefined, nowMs: number): Promise<string> {
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
  return token;
}

if (import.meta.main) {
  try {
    const { DATABASE_URL: url = '', LEDGER_FILE: file = '' } = process.env;
    if (url === '' && file === '') orThrow(new Fault('config.incomplete', 'LEDGER_FILE or DATABASE_URL must be set.'));
    const ledger = await openLedger(url === '' ? { file } : { url });
    try {
      process.stdout.write(`${await makeToken(ledger, process.argv[2], Date.now())}\n`);
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
