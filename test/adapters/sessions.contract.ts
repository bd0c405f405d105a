// What every ledger must do with sessions and with whoever tries too often: one suite, run on each implementation.
import assert from 'node:assert/strict';
import type { Ledger, SessionRow } from '../../ledger/src/port.ts';
import type { LedgerPlace } from './ledger.contract.ts';

const NOW = 1_763_678_400_000;
const HOUR_MS = 3_600_000;
const LIFE_MS = 180 * 24 * HOUR_MS;

export function sessionsContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`sessions in the ledger on ${name}`, () => {
    let place: LedgerPlace;
    let ledger: Ledger;

    beforeEach(async () => {
      place = await makePlace();
      ledger = await place.open();
    });
    afterEach(async () => {
      await ledger.close();
      await place.remove();
    });

    const row = (id: string, part: Partial<SessionRow> = {}): SessionRow => ({
      id,
      kind: 'customer',
      subject: 'ann',
      label: 'Firefox on Android',
      createdAtMs: NOW,
      seenAtMs: part.createdAtMs ?? NOW,
      expiresAtMs: NOW + LIFE_MS,
      ...part,
    });
    const start = async (id: string, part: Partial<SessionRow> = {}): Promise<SessionRow> => {
      const session = row(id, part);
      await ledger.startSession({ ...session, tokenHash: `hash of ${id}` });
      return session;
    };
    const find = (id: string, atMs = NOW) => ledger.session('customer', `hash of ${id}`, atMs);
    const idsOf = async (subject = 'ann', atMs = NOW) =>
      (await ledger.sessionsOf('customer', subject, atMs)).map(({ id }) => id);

    it('are found by the hash of their secret, until their last millisecond', async () => {
      const session = await start('s1');
      assert.deepEqual(await find('s1'), session);
      assert.equal(await find('s2'), undefined);
      assert.equal((await find('s1', NOW + LIFE_MS - 1))?.id, 's1');
      assert.equal(await find('s1', NOW + LIFE_MS), undefined);
      assert.deepEqual(await idsOf('ann', NOW + LIFE_MS), []);
    });

    it('of a customer open nothing to staff, and the other way round', async () => {
      await start('s1');
      await start('s2', { kind: 'staff' });
      assert.equal(await ledger.session('staff', 'hash of s1', NOW), undefined);
      assert.equal(await ledger.session('customer', 'hash of s2', NOW), undefined);
      assert.equal((await ledger.session('staff', 'hash of s2', NOW))?.kind, 'staff');
      assert.deepEqual(await idsOf(), ['s1']);
      assert.equal(await ledger.endSession('staff', 'ann', 's1'), false);
      assert.equal(await ledger.endSessions('staff', 'ann'), 1);
      assert.deepEqual(await idsOf(), ['s1']);
    });

    it('remember when they were last seen, written once an hour', async () => {
      await start('s1');
      assert.equal((await find('s1', NOW + HOUR_MS - 1))?.seenAtMs, NOW);
      assert.equal((await find('s1', NOW + HOUR_MS))?.seenAtMs, NOW + HOUR_MS);
      assert.equal((await find('s1', NOW + HOUR_MS + 1))?.seenAtMs, NOW + HOUR_MS);
      assert.equal((await ledger.sessionsOf('customer', 'ann', NOW))[0]?.seenAtMs, NOW + HOUR_MS);
      // A clock that was set back takes nothing back.
      assert.equal((await find('s1', NOW))?.seenAtMs, NOW + HOUR_MS);
    });

    it('are listed to whom they belong, the last seen first', async () => {
      await start('s1', { createdAtMs: NOW - 2 });
      await start('s2', { createdAtMs: NOW });
      await start('s3', { createdAtMs: NOW - 1 });
      await start('b1', { subject: 'bob' });
      assert.deepEqual(await idsOf(), ['s2', 's3', 's1']);
      assert.deepEqual(await idsOf('bob'), ['b1']);
      assert.deepEqual(await idsOf('cyd'), []);
    });

    it('end one by one, by nobody but whose they are, and once', async () => {
      await start('s1');
      await start('s2');
      assert.equal(await ledger.endSession('customer', 'bob', 's1'), false);
      assert.equal(await ledger.endSession('customer', 'ann', 's1'), true);
      assert.equal(await ledger.endSession('customer', 'ann', 's1'), false);
      assert.equal(await find('s1'), undefined);
      assert.equal((await find('s2'))?.id, 's2');
    });

    it('end all together, or all but one', async () => {
      for (const id of ['s1', 's2', 's3']) await start(id);
      await start('b1', { subject: 'bob' });
      assert.equal(await ledger.endSessions('customer', 'ann', 's2'), 2);
      assert.deepEqual(await idsOf(), ['s2']);
      assert.equal(await ledger.endSessions('customer', 'ann'), 1);
      assert.equal(await ledger.endSessions('customer', 'ann'), 0);
      assert.deepEqual(await idsOf('bob'), ['b1']);
    });

    it('are at most twenty of one person: the one that was seen longest ago ends', async () => {
      for (let i = 1; i <= 20; i += 1) await start(`s${i}`, { createdAtMs: NOW + i });
      await find('s1', NOW + HOUR_MS + 1);
      await start('b1', { subject: 'bob' });
      await start('s21', { createdAtMs: NOW + 21 });
      assert.equal((await idsOf()).length, 20);
      assert.equal(await find('s2'), undefined);
      for (const id of ['s1', 's3', 's21', 'b1']) assert.equal((await find(id))?.id, id);
      // Its clock behind all others': a session that was just started is not the one that ends.
      await start('s22', { createdAtMs: NOW - 1 });
      assert.equal((await find('s22'))?.id, 's22');
    });

    it('that have expired take no place, and are forgotten', async () => {
      for (let i = 1; i <= 20; i += 1) await start(`s${i}`, { createdAtMs: NOW + i });
      await start('old', { subject: 'bob', expiresAtMs: NOW + 1 });
      for (let i = 1; i <= 5; i += 1) await start(`t${i}`, { subject: 'bob', createdAtMs: NOW + 2 });
      assert.equal((await idsOf('bob')).length, 5);
      assert.equal(await ledger.prune(NOW + LIFE_MS - 1, 100), 0);
      assert.equal(await ledger.prune(NOW + LIFE_MS, 10), 10);
      assert.equal(await ledger.prune(NOW + LIFE_MS, 100), 15);
    });

    describe('what is tried', () => {
      const RULE = { windowMs: 1_000, max: 3 };
      const tryAt = (atMs: number, key = 'a', rule = RULE) => ledger.countTry(key, rule, atMs);

      it('is allowed so often in a window, and again from its end on', async () => {
        for (const atMs of [NOW, NOW, NOW + 500]) assert.equal(await tryAt(atMs), true);
        assert.equal(await tryAt(NOW + 500), false);
        assert.equal(await tryAt(NOW + 999), false);
        for (let i = 0; i < 3; i += 1) assert.equal(await tryAt(NOW + 1_000), true);
        assert.equal(await tryAt(NOW + 1_001), false);
        assert.equal(await tryAt(NOW + 2_000), true);
      });

      it('is counted for each key alone', async () => {
        for (let i = 0; i < 4; i += 1) await tryAt(NOW, 'a');
        assert.equal(await tryAt(NOW, 'b'), true);
      });

      it('is not drawn out by tries that were refused, and a rule that allows nothing allows nothing', async () => {
        for (let i = 0; i < 50; i += 1) await tryAt(NOW + 10 * i);
        assert.equal(await tryAt(NOW + 1_000), true);
        assert.equal(await tryAt(NOW, 'never', { windowMs: 1_000, max: 0 }), false);
      });

      it('a hundred times at once is allowed as often as one after the other', async () => {
        const tries = await Promise.all(Array.from({ length: 100 }, () => tryAt(NOW)));
        assert.equal(tries.filter((isAllowed) => isAllowed).length, 3);
      });

      it('is counted by two instances together', async () => {
        const other = await place.open();
        const answers = [];
        for (const each of [ledger, other, ledger, other, ledger]) answers.push(await each.countTry('a', RULE, NOW));
        assert.deepEqual(answers, [true, true, true, false, false]);
        await other.close();
      });

      it('is forgotten when its window is over', async () => {
        for (const key of ['a', 'b', 'c']) await tryAt(NOW, key);
        assert.equal(await ledger.prune(NOW + 999, 100), 0);
        assert.equal(await ledger.prune(NOW + 1_000, 2), 2);
        assert.equal(await ledger.prune(NOW + 1_000, 100), 1);
      });
    });
  });
}
