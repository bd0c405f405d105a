// The ledger on PostgreSQL: the contract of every ledger, and what only several instances on one database can do wrong.
import assert from 'node:assert/strict';
import { Fault } from '@tapcase/domain';
import pg from 'pg';
import { deferred } from '../../ledger/src/deferred.ts';
import type { Ledger } from '../../ledger/src/port.ts';
import { openPostgresLedger } from '../../ledger/src/postgres.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { needs } from '../needs.ts';
import { until } from '../patience.ts';
import { query, type RunningPostgres, startPostgres } from '../postgres.ts';
import { A_LATER_MIGRATION, assertUpgraded, FORGET_REVIEWS, fillEarlier } from './earlier-ledger.ts';
import { learningContract } from './learning.contract.ts';
import { type LedgerPlace, ledgerContract } from './ledger.contract.ts';
import { moneyContract } from './money.contract.ts';
import { reviewContract } from './review.contract.ts';
import { sessionsContract } from './sessions.contract.ts';
import { staffContract } from './staff.contract.ts';

describe('on PostgreSQL', () => {
  let postgres: RunningPostgres;
  let url: string;
  /** Opened once for all: a connection is a process that must first learn every table. */
  let warm: Ledger;
  let janitor: pg.Client;
  let sweep: string;
  before(async function () {
    postgres = await startPostgres(needs(this, 'postgres'));
    url = await postgres.database();
    warm = await openPostgresLedger({ url });
    janitor = new pg.Client({ connectionString: url });
    await janitor.connect();
    sweep = await sweepOf(janitor);
  });
  after(async () => {
    await janitor?.end();
    await warm?.close();
    await postgres?.stop();
  });

  // One database for all: making one takes longer than emptying it. Whoever opens the ledger again, or another beside it,
  // gets one of its own.
  const place = async (): Promise<LedgerPlace> => {
    let isHanded = false;
    return {
      open: async () => {
        if (isHanded) return openPostgresLedger({ url });
        isHanded = true;
        return { ...warm, close: async () => {} };
      },
      run: async (sql) => void (await janitor.query(sql)),
      remove: async () => {
        await forgetMoment(warm);
        await janitor.query(sweep);
      },
    };
  };
  ledgerContract('PostgreSQL', place);
  moneyContract('PostgreSQL', place);
  reviewContract('PostgreSQL', place);
  learningContract('PostgreSQL', place);
  sessionsContract('PostgreSQL', place);
  staffContract('PostgreSQL', place);

  describe('the server', () => {
    it('is made ready by two instances that start at once', async () => {
      const fresh = await postgres.database();
      const ledgers = await Promise.all([openPostgresLedger({ url: fresh }), openPostgresLedger({ url: fresh })]);
      assert.equal(await ledgers[0]!.countFault('a.b', 1), 1);
      assert.equal(await ledgers[1]!.countFault('a.b', 1), 2);
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    });

    it('that is there later than the cloud is used from then on, without a new start', async () => {
      const later = (await postgres.database()).replace(/[^/]+$/, 'later');
      const ledger = deferred(() => openPostgresLedger({ url: later }));
      const early = [ledger.countFault('a.b', 1), ledger.faultCounts()];
      for (const call of early) await assert.rejects(call, { code: 'ledger.cannot-open' });
      await query(url, 'create database later');
      const counts = [ledger.countFault('a.b', 1), ledger.countFault('a.b', 1)];
      assert.deepEqual((await Promise.all(counts)).sort(), [1, 2]);
      await ledger.close();
      const never = deferred(() => openPostgresLedger({ url: later.replace(/[^/]+$/, 'never') }));
      await assert.rejects(never.faultCounts(), { code: 'ledger.cannot-open' });
      await never.close();
    });

    it('that does not let us in is a clear fault without the password', async () => {
      const wrong = (await postgres.database()).replace(/:[0-9a-f]{32}@/, ':wrong-secret@');
      await assert.rejects(openPostgresLedger({ url: wrong }), (thrown) => {
        assert.ok(thrown instanceof Fault);
        assert.equal(thrown.code, 'ledger.cannot-open');
        assert.doesNotMatch(thrown.message, /wrong-secret/);
        return true;
      });
    });

    it('that the release before reviews wrote to gets a review for each doubtful visit', async () => {
      const url = await postgres.database();
      const earlier = await openPostgresLedger({ url });
      await fillEarlier(earlier);
      await earlier.close();
      for (const statement of FORGET_REVIEWS) await query(url, statement);
      const ledger = await openPostgresLedger({ url });
      await assertUpgraded(ledger);
      await ledger.close();
    });

    it('whose schema a later release has written is refused', async () => {
      const later = await postgres.database();
      await (await openPostgresLedger({ url: later })).close();
      await query(later, A_LATER_MIGRATION);
      await assert.rejects(openPostgresLedger({ url: later }), { code: 'ledger.newer-schema' });
    });

    it('that drops our connections is unavailable for a moment, and then works again', async () => {
      const dropped = await postgres.database();
      const ledger = await openPostgresLedger({ url: dropped, poolMax: 1 });
      await ledger.countFault('a.b', 1);
      const others = 'from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()';
      await query(dropped, `select pg_terminate_backend(pid) ${others}`);
      // It says so before the other has ended.
      await until(
        'our connection to be dropped',
        async () => (await query(dropped, `select 1 ${others}`)).length === 0,
      );
      const counted = await ledger.countFault('a.b', 1).catch((thrown: unknown) => thrown);
      assert.ok(counted === 2 || (counted instanceof Fault && counted.code === 'ledger.unavailable'), String(counted));
      assert.ok((await ledger.countFault('a.b', 1)) >= 2);
      await ledger.close();
    });

    it('tells an instance what the others have done with a visit, and not what it has done itself', async () => {
      const shared = await postgres.database();
      const [one, two] = [await openPostgresLedger({ url: shared }), await openPostgresLedger({ url: shared })];
      const heard: (string | null)[] = [];
      const end = await one.watchVisits((visitId) => heard.push(visitId));
      const heardToo: (string | null)[] = [];
      await two.watchVisits((visitId) => heardToo.push(visitId));
      await open(one, 'visit01');
      await one.advanceVisit('visit01', { event: 'hold_made', ...AT });
      await until('the other to hear of it', () => heardToo.length > 0);
      await two.advanceVisit('visit01', { event: 'unlock_sent', ...AT });
      await until('the first to hear of it', () => heard.length > 0);
      assert.deepEqual([heard, heardToo], [['visit01'], ['visit01']]);
      // A connection that was dropped comes back, and says that something may have been missed.
      const watching =
        "from pg_stat_activity where application_name = 'tapcase-watch' and datname = current_database()";
      await query(shared, `select pg_terminate_backend(pid) ${watching}`);
      await until('both to be there again', () => heard.includes(null) && heardToo.includes(null));
      await two.advanceVisit('visit01', { event: 'door_closed', ...AT });
      await until('the first to hear again', () => heard.length > 2);
      assert.deepEqual(heard, ['visit01', null, 'visit01']);
      end();
      await two.close();
      await one.close();
      assert.deepEqual(await query(shared, `select 1 ${watching}`), []);
    });

    it('that breaks a connection in use ends nothing but what waited for it', async () => {
      const broken = await postgres.database();
      const ledger = await openPostgresLedger({ url: broken, poolMax: 1 });
      const other = new pg.Client({ connectionString: broken });
      await other.connect();
      await other.query('begin');
      await other.query('lock table fault_counts in access exclusive mode');
      const counted = ledger.countFault('a.b', 1).catch((thrown: unknown) => thrown);
      const cut = 'select pg_terminate_backend(pid) from pg_locks where not granted';
      await until('the ledger to wait for the lock', async () => (await other.query(cut)).rows.length > 0);
      const thrown = await counted;
      assert.ok(thrown instanceof Fault && thrown.code === 'ledger.unavailable', String(thrown));
      await other.query('rollback');
      await other.end();
      assert.equal(await ledger.countFault('a.b', 1), 1);
      await ledger.close();
    });
  });
});

const AT = { atMs: 1_763_678_400_000, visionWaitMs: 2_000 };

async function open(ledger: Ledger, id: string): Promise<void> {
  await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: AT.atMs });
  const card = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
  const visit = { id, caseId: '123', customerId: 'ann', requestId: 'tap-0001', language: 'en' } as const;
  await ledger.openVisit({ ...visit, catalog: DEMO, card, holdMinor: 1_000, atMs: AT.atMs });
}

/** Empties every table and starts their numbers over, without new files on the disk as `truncate` makes them. */
async function sweepOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    // The guard of the money is made with the ledger, and each has one.
    "select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' and tablename <> 'money_guard'",
  );
  const { rows: sequences } = await client.query('select sequencename from pg_sequences');
  return [
    // The keys of other tables are not looked after: all are emptied.
    'set session_replication_role = replica',
    ...rows.map(({ tablename }) => `delete from ${tablename}`),
    'update money_guard set stopped_at_ms = null, accepted_until_ms = 0',
    ...sequences.map(({ sequencename }) => `select setval('${sequencename}', 1, false)`),
  ].join('; ');
}

/** A day later nothing of the last test is at hand any more, and what was just said is news. */
async function forgetMoment(ledger: Ledger): Promise<void> {
  const atMs = 1_763_678_400_000 + 86_400_000;
  const report = { type: 'forced', seq: 1, at: atMs / 1_000, mass: 0 } as const;
  await ledger.recordReport('any', { channel: 'door', report }, { atMs, visionWaitMs: 0 });
  await ledger.takeFrames(atMs, 1, 1_000);
  await ledger.takePushes(atMs, 1, 1_000);
}
