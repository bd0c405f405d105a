// The ledger on PostgreSQL: the contract of every ledger, and what only several instances on one database can do wrong.
import assert from 'node:assert/strict';
import { Fault } from '@tapcase/domain';
import { openPostgresLedger } from '../../nodes/node-red-contrib-tapcase/src/store/postgres.ts';
import { needs } from '../needs.ts';
import { query, type RunningPostgres, startPostgres } from '../postgres.ts';
import { assertUpgraded, FORGET_REVIEWS, fillEarlier } from './earlier-ledger.ts';
import { learningContract } from './learning.contract.ts';
import { ledgerContract } from './ledger.contract.ts';
import { moneyContract } from './money.contract.ts';
import { reviewContract } from './review.contract.ts';

const START_MS_MAX = 60_000;

describe('on PostgreSQL', () => {
  let postgres: RunningPostgres;
  before(async function () {
    this.timeout(START_MS_MAX);
    postgres = await startPostgres(needs(this, 'postgres'));
  });
  after(async function () {
    // A checkpoint of all that the tests wrote, on whatever disk.
    this.timeout(60_000);
    await postgres?.stop();
  });

  // One database for all: making one takes longer than emptying it.
  let url: string | undefined;
  const place = async () => {
    url ??= await postgres.database();
    const address = url;
    return { open: () => openPostgresLedger({ url: address }), remove: () => empty(address) };
  };
  ledgerContract('PostgreSQL', place);
  moneyContract('PostgreSQL', place);
  reviewContract('PostgreSQL', place);
  learningContract('PostgreSQL', place);

  describe('the server', () => {
    it('is made ready by two instances that start at once', async () => {
      const fresh = await postgres.database();
      const ledgers = await Promise.all([openPostgresLedger({ url: fresh }), openPostgresLedger({ url: fresh })]);
      assert.equal(await ledgers[0]!.countFault('a.b', 1), 1);
      assert.equal(await ledgers[1]!.countFault('a.b', 1), 2);
      await Promise.all(ledgers.map((ledger) => ledger.close()));
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
      await query(later, "insert into kysely_migration (name, timestamp) values ('999-later', '2030-01-01')");
      await assert.rejects(openPostgresLedger({ url: later }), { code: 'ledger.newer-schema' });
    });

    it('that drops our connections is unavailable for a moment, and then works again', async () => {
      const dropped = await postgres.database();
      const ledger = await openPostgresLedger({ url: dropped, poolMax: 1 });
      await ledger.countFault('a.b', 1);
      await query(
        dropped,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
      const counted = await ledger.countFault('a.b', 1).catch((thrown: unknown) => thrown);
      assert.ok(counted === 2 || (counted instanceof Fault && counted.code === 'ledger.unavailable'), String(counted));
      assert.ok((await ledger.countFault('a.b', 1)) >= 2);
      await ledger.close();
    });
  });
});

async function empty(url: string): Promise<void> {
  const tables = await query(
    url,
    "select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
  );
  const names = tables.map(({ tablename }) => String(tablename)).join(', ');
  if (names !== '') await query(url, `truncate ${names} restart identity cascade`);
}
