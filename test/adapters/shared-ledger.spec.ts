// One open ledger for each place in a process: opened once, closed with the last who holds it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type LedgerPlace, openLedger } from '../../ledger/src/open.ts';
import type { Ledger } from '../../ledger/src/port.ts';
import { sharedLedger } from '../../ledger/src/shared.ts';

const NOW = 1_763_678_400_000;

describe('the ledger that a process shares', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const counting = () => {
    const opened: LedgerPlace[] = [];
    let closed = 0;
    const open = async (place: LedgerPlace): Promise<Ledger> => {
      opened.push(place);
      const ledger = await openLedger(place);
      return {
        ...ledger,
        close: async () => {
          closed += 1;
          await ledger.close();
        },
      };
    };
    return { open, opened, closed: () => closed };
  };

  it('is opened once however its path is written, and closed with the last holder', async () => {
    const { open, opened, closed } = counting();
    const file = join(folder, 'ledger.db');
    const one = sharedLedger({ file }, open);
    const two = sharedLedger({ file: relative(process.cwd(), file) }, open);
    assert.equal(await one.countFault('a.b', NOW), 1);
    assert.equal(await two.countFault('a.b', NOW), 2);
    assert.equal(opened.length, 1);
    await one.close();
    await one.close();
    assert.equal(closed(), 0);
    await assert.rejects(one.countFault('a.b', NOW), { code: 'ledger.unavailable' });
    assert.equal(await two.countFault('a.b', NOW), 3);
    await two.close();
    assert.equal(closed(), 1);
    const three = sharedLedger({ file }, open);
    assert.equal(await three.countFault('a.b', NOW), 4);
    assert.equal(opened.length, 2);
    await three.close();
  });

  it('takes the transactions of all its holders in turn, at once', async () => {
    const file = join(folder, 'ledger.db');
    const ledgers = [1, 2, 3].map(() => sharedLedger({ file }));
    const counts = await Promise.all(Array.from({ length: 30 }, (_, i) => ledgers[i % 3]!.countFault('a.b', NOW)));
    assert.deepEqual(
      counts.sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('of another place is another, and in memory each is its own', async () => {
    const { open, opened } = counting();
    const files = [join(folder, 'a.db'), join(folder, 'b.db'), ':memory:', ':memory:'];
    const ledgers = files.map((file) => sharedLedger({ file }, open));
    for (const ledger of ledgers) assert.equal(await ledger.countFault('a.b', NOW), 1);
    assert.equal(opened.length, 4);
    for (const ledger of ledgers) await ledger.close();
  });

  it('that could not be opened is tried again by whoever asks next', async () => {
    let isThere = false;
    const file = join(folder, 'ledger.db');
    const open = (place: LedgerPlace) => (isThere ? openLedger(place) : openLedger({ file: folder }));
    const one = sharedLedger({ file }, open);
    await assert.rejects(one.faultCounts(), { code: 'ledger.cannot-open' });
    isThere = true;
    const two = sharedLedger({ file }, open);
    for (const ledger of [two, one]) assert.deepEqual(await ledger.faultCounts(), []);
    for (const ledger of [two, one]) await ledger.close();
  });
});
