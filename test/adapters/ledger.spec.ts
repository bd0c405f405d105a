// The embedded ledger: the contract of every ledger on node:sqlite, and what only a file on a disk can do wrong.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '@tapcase/domain';
import { openLedger } from '../../ledger/src/open.ts';
import type { Ledger } from '../../ledger/src/port.ts';
import { A_LATER_MIGRATION, assertUpgraded, FORGET_REVIEWS, fillEarlier } from './earlier-ledger.ts';
import { learningContract } from './learning.contract.ts';
import { type LedgerPlace, ledgerContract } from './ledger.contract.ts';
import { moneyContract } from './money.contract.ts';
import { reviewContract } from './review.contract.ts';
import { sessionsContract } from './sessions.contract.ts';
import { staffContract } from './staff.contract.ts';

const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const NOW = 1_763_678_400_000;
/** Commits that the writer has reported before it is killed. */
const COMMITS = 40;

describe('on SQLite', () => {
  let shelf: string;
  /** Made once, and copied for each test. */
  let empty: string;
  before(async () => {
    shelf = mkdtempSync(join(tmpdir(), 'tapcase-'));
    empty = join(shelf, 'empty.db');
    await (await openLedger({ file: empty })).close();
  });
  after(() => rmSync(shelf, { recursive: true, force: true }));

  const place = async (): Promise<LedgerPlace> => {
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
    const file = join(folder, 'ledger.db');
    copyFileSync(empty, file);
    return {
      open: () => openLedger({ file }),
      run: async (sql) => execute(file, sql),
      remove: async () => rmSync(folder, { recursive: true, force: true }),
    };
  };
  ledgerContract('SQLite', place);
  moneyContract('SQLite', place);
  reviewContract('SQLite', place);
  learningContract('SQLite', place);
  sessionsContract('SQLite', place);
  staffContract('SQLite', place);
});

describe('the ledger’s file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused by a Node that brings no SQLite, with the Node it wants; the node itself is there', () => {
    const opener = join(import.meta.dirname, 'ledger-opener.ts');
    const args = ['--no-experimental-sqlite', opener, join(folder, 'ledger.db')];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.deepEqual(stdout === '' ? stderr : JSON.parse(stdout), {
      node: 'function',
      code: 'ledger.needs-newer-node',
      message: `a ledger in a file needs Node 22.16 or later; this is ${process.version}`,
    });
    assert.ok(!existsSync(join(folder, 'ledger.db')));
  });

  it('is made with its folder, and only its owner reads it', async () => {
    const file = join(folder, 'deep', 'ledger.db');
    await (await openLedger({ file })).close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('that is a folder, or no database, is a clear fault', async () => {
    await assertRejects(openLedger({ file: folder }), 'ledger.cannot-open');
    const file = join(folder, 'picture.png');
    writeFileSync(file, 'not a database, though long enough to be looked at '.repeat(40));
    await assertRejects(openLedger({ file }), 'ledger.cannot-open');
    await assertRejects(openLedger({ file: join(file, 'ledger.db') }), 'ledger.cannot-open');
  });

  it('that the release before reviews wrote gets a review for each doubtful visit', async () => {
    const file = join(folder, 'ledger.db');
    const earlier = await openLedger({ file });
    await fillEarlier(earlier);
    await earlier.close();
    execute(file, FORGET_REVIEWS.join(';'));
    const ledger = await openLedger({ file });
    await assertUpgraded(ledger);
    await ledger.close();
  });

  it('that a later release wrote is refused', async () => {
    const file = join(folder, 'ledger.db');
    await (await openLedger({ file })).close();
    execute(file, A_LATER_MIGRATION);
    await assertRejects(openLedger({ file }), 'ledger.newer-schema');
  });

  it('opened twice is written by both in turn, and neither stops the process while it waits', async () => {
    const file = join(folder, 'ledger.db');
    const ledgers = await Promise.all([openLedger({ file }), openLedger({ file })]);
    const counts = Array.from({ length: 40 }, (_, i) => ledgers[i % 2]!.countFault('a.b', NOW));
    assert.deepEqual(
      [...(await Promise.all(counts))].sort((a, b) => a - b),
      range(40),
    );
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('whose cloud died with a frame in its hand has it sent by the next one at once, in its place', async () => {
    const file = join(folder, 'ledger.db');
    const say = { type: 'say', at: NOW / 1_000, exp: NOW / 1_000 + 10, text: 'Closed' } as const;
    const dead = await openLedger({ file });
    await dead.takeFrames(NOW, 5_000, 50);
    await dead.command('123', say, NOW);
    const next = await openLedger({ file });
    await next.command('123', say, NOW + 1);
    const seqs = (await next.takeFrames(NOW + 2, 5_000, 50)).map(({ payload }) => payload.seq);
    assert.deepEqual(seqs, [1, 2]);
    assert.deepEqual(await next.takeFrames(NOW + 3, 5_000, 50), []);
    await Promise.all([dead, next].map((ledger) => ledger.close()));
  });

  it('that another program locks for too long is a fault, and works again after it', async () => {
    const file = join(folder, 'ledger.db');
    const ledger = await openLedger({ file });
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    await assertRejects(ledger.countFault('a.b', NOW), 'ledger.unavailable');
    other.exec('rollback');
    other.close();
    assert.equal(await ledger.countFault('a.b', NOW), 1);
    await ledger.close();
  });

  for (const [title, breaks, mends] of [
    ['whose disk is full', 'pragma max_page_count = 1', 'pragma max_page_count = 1000000'],
    ['whose disk takes nothing any more', 'pragma query_only = on', 'pragma query_only = off'],
  ] as const) {
    it(`${title} is unavailable for what writes, and works again when that is over`, async () => {
      const file = join(folder, 'ledger.db');
      const { ledger, database } = await openedWithDatabase(file);
      await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
      database.exec(breaks);
      // In a transaction and alone, more each time than a page that is there can take.
      const label = 'x'.repeat(20_000);
      const session = (id: string) => ({
        ...({ id, tokenHash: id, kind: 'staff', subject: 'ann', label } as const),
        ...{ createdAtMs: NOW, seenAtMs: NOW, expiresAtMs: NOW + 1 },
      });
      for (const _ of ['first', 'again']) {
        await assertRejects(ledger.startSession(session('s1')), 'ledger.unavailable');
        await assertRejects(ledger.countTry(label, { windowMs: 1, max: 1 }, NOW), 'ledger.unavailable');
        await assertRejects(ledger.setCard('ann', { ...CARD, paymentMethod: label }, NOW), 'ledger.unavailable');
      }
      assert.equal((await ledger.customer('ann'))?.card, null);
      database.exec(mends);
      await ledger.startSession(session('s1'));
      await ledger.setCard('ann', CARD, NOW);
      assert.deepEqual((await ledger.customer('ann'))?.card, CARD);
      await ledger.close();
    });
  }

  it('has every commit that was reported when the process is killed', async () => {
    const file = join(folder, 'ledger.db');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'ledger-writer.ts'), file]);
    const reported: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      reported.push(Number(line));
      if (reported.length === COMMITS) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.ok(reported.length >= COMMITS);
    const ledger = await openLedger({ file });
    const [row] = await ledger.faultCounts();
    assert.ok(row!.count >= reported.at(-1)!, `${row!.count} kept, ${reported.at(-1)} reported`);
    await ledger.close();
    const database = new DatabaseSync(file);
    assert.deepEqual({ ...database.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' });
    database.close();
  });
});

/** With the ledger's own connection: what a full disk does to it no other can play. */
async function openedWithDatabase(file: string): Promise<{ ledger: Ledger; database: DatabaseSync }> {
  const { exec } = DatabaseSync.prototype;
  let database: DatabaseSync | undefined;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    database = this;
    exec.call(this, sql);
  };
  try {
    return { ledger: await openLedger({ file }), database: database! };
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
}

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1);
}

async function assertRejects(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (thrown) => thrown instanceof Fault && thrown.code === code);
}
