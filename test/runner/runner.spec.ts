// The test run itself: whatever a spec does, it is counted, named, and can be repeated alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { needs } from '../needs.ts';

const FOLDER = 'test/runner';

/** The run's exit code and what it printed. */
async function run(...args: string[]): Promise<{ code: number; told: string; last: string }> {
  const child = start(...args);
  const [told, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code, told, last: told.trimEnd().split('\n').at(-1)! };
}

function start(...args: string[]) {
  // Its workers are not this worker.
  const { TAPCASE_REQUIRE_ALL, TAPCASE_GREP, ...env } = process.env;
  return spawn(process.execPath, ['scripts/test/main.ts', ...args.map((arg) => arg.replace('@', FOLDER))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, NO_COLOR: '1' },
  });
}

describe('a test run', () => {
  it('counts what passed and what was skipped, and says why and how to get it', async () => {
    const { code, told, last } = await run('@/goes-well.ts');
    assert.equal(last, '2 passed, 0 failed, 1 skipped');
    assert.equal(code, 0);
    assert.match(told, /unobtainium is not installed \(Debian package: unobtainium\) \(1 file\)/);
    assert.match(told, /To run them too: sudo apt-get install unobtainium/);
  });

  it('counts a skipped test as a failure where all is required', async () => {
    const { code, last } = await run('@/goes-well.ts', '--require-all');
    assert.equal(last, '2 passed, 1 failed, 0 skipped');
    assert.equal(code, 1);
  });

  it('names each failure, what throws beside a test, and the tests that a failed hook kept from running', async () => {
    const { code, told, last } = await run('@/goes-wrong.ts');
    // Three tests, two of which fail a second time by ending after they had failed, the hook, and the two behind it.
    assert.equal(last, '1 passed, 8 failed, 0 skipped');
    assert.equal(code, 1);
    for (const line of [
      /Expected values to be strictly equal/,
      /thrown beside it/,
      /rejected beside it/,
      /no shop today/,
      /2 of its tests never said how they ended/,
      /npm test -- test\/runner\/goes-wrong\.ts/,
    ]) {
      assert.match(told, line);
    }
  });

  it('goes on after a process that died, and counts against it what it did not get to', async () => {
    const { code, told, last } = await run('@/dies.ts', '@/goes-well.ts', '--workers', '1');
    // One passed before, three never ended, and the death itself.
    assert.equal(last, '3 passed, 4 failed, 1 skipped');
    assert.equal(code, 1);
    assert.match(told, /the process ended early \(exit code 0\)/);
  });

  it('hears what a file has left behind when it is over', async () => {
    const { code, told } = await run('@/leaves.ts', '@/goes-well.ts', '--workers', '1');
    assert.equal(code, 1);
    assert.match(told, /thrown after the file/);
  });

  it('is a failure when it is stopped early, and says how much did not run', async () => {
    const child = start('@/goes-well.ts', '@/waits.ts', '--workers', '1');
    let told = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      told += chunk;
      // The other file is at work, or about to be: it never ends.
      if (told.includes('goes-well.ts') && !child.killed) child.kill('SIGINT');
    }
    assert.match(told, /The run ended early: 1 of 2 files did not run\.\n/);
    assert.match(told, /\n2 passed, 1 failed, 1 skipped\n$/);
  });

  it('repeats a random failure with the seed that it names', async () => {
    const { told, code } = await run('@/random.ts', '--seed', '4711');
    assert.equal(code, 1);
    assert.match(told, /seed: 4711/);
    assert.match(told, /npm test -- test\/runner\/random\.ts --seed 4711/);
  });

  it('puts all of it under another date and into another zone', async function () {
    needs(this, 'libfaketime');
    // Compared with another such run, because this one may have a false clock already.
    const toldAt = async (offset: string) => {
      const where = ['--clock', offset, '--zone', 'Pacific/Kiritimati', '--titles'];
      const { told, code } = await run('@/tells-time.ts', ...where);
      assert.equal(code, 0, told);
      const [, year, zone] = /it is (\d{4}) in ([A-Za-z/]+)/.exec(told)!;
      assert.equal(zone, 'Pacific/Kiritimati');
      return Number(year);
    };
    const years = (await toldAt('+3660d')) - (await toldAt('+0d'));
    // Ten years and a few days.
    assert.ok(years === 10 || years === 11, `${years}`);
  });

  it('refuses a file that is not there', async () => {
    const { code } = await run('@/nowhere.spec.ts').catch(() => ({ code: 0 }));
    assert.equal(code, 2);
  });
});
