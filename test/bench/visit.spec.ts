// What a visit costs the ledger, counted in the real cloud and not timed: a statement that creeps into its way is seen here, on
// any machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { within } from '../patience.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const VISITS = 10;
/** With one customer after the other none shares a commit with another: the dearest way to sell. */
const CASES = 1;
const [COMMITS_MAX, STATEMENTS_MAX] = [12, 120];
/** A visit's own rows are more than this: who finds fewer has counted nothing. */
const STATEMENTS_MIN = 40;

describe('a plain visit, from the tap to the receipt', () => {
  it(`waits at most ${COMMITS_MAX} times for the disk, and asks the ledger at most ${STATEMENTS_MAX} questions`, async () => {
    const bench = promisify(execFile)(process.execPath, ['bench/visit.ts', `${VISITS}`, `${CASES}`, '--statements'], {
      cwd: ROOT,
    });
    const { stdout } = await within('ten visits', bench);
    const told = (what: string) => Number(new RegExp(`^${what} a visit: ([\\d.]+)`, 'm').exec(stdout)?.[1]);
    const [commits, statements] = [told('durable commits'), told('statements')];
    assert.ok(commits >= 1 && commits <= COMMITS_MAX, stdout);
    assert.ok(statements >= STATEMENTS_MIN && statements <= STATEMENTS_MAX, stdout);
  });
});
