// What every ledger must do with sessions, sign-in codes and whoever tries too often: one suite, run on each implementation.
import assert from 'node:assert/strict';
import { CODE_GAP_MS, CODE_LIFE_MS, SHARED_FOR_MS, SHORT_CODES_MAX, SHORT_CODES_WINDOW_MS } from '@tapcase/domain';
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

    describe('a sign-in code', () => {
      const EMAIL = 'ann@example.com';
      let codes = 0;
      /** The code that the browser gets, as the mail tells it; none where the last mail stays the one. */
      const ask = async (request: string, atMs = NOW, email = EMAIL) => {
        codes += 1;
        const made = { short: `short ${codes}`, long: `long ${codes}` };
        const answer = await ledger.wishForCode(email, { request, ...made, atMs });
        return { answer, code: answer === 'short' || answer === 'long' ? made[answer] : undefined };
      };
      const check = (request: string, hash: string | undefined, atMs = NOW) =>
        ledger.checkSignInCode(EMAIL, { request, hash: hash ?? '', atMs, attemptsMax: 3 });
      /** Uses up the day's short codes of the address. */
      const besiege = async (atMs = NOW) => {
        for (let i = 0; i < SHORT_CODES_MAX; i += 1) assert.equal((await ask(`stranger ${i}`, atMs)).answer, 'short');
      };

      it('is right once, and then used up', async () => {
        const { code } = await ask('mine');
        assert.equal(await check('mine', code), 'right');
        assert.equal(await check('mine', code), 'expired');
      });

      it('lives until its last millisecond', async () => {
        const { code } = await ask('mine');
        assert.equal(await check('mine', code, NOW + CODE_LIFE_MS), 'expired');
        assert.equal(await check('mine', code, NOW + CODE_LIFE_MS - 1), 'right');
      });

      it('cannot be guessed: after three wrong tries the right one is refused too, until a new one is sent', async () => {
        const { code } = await ask('mine');
        for (let i = 0; i < 3; i += 1) assert.equal(await check('mine', `wrong ${i}`), 'wrong');
        assert.equal(await check('mine', code), 'too_many');
        const again = await ask('mine', NOW + CODE_GAP_MS);
        assert.equal(await check('mine', again.code, NOW + CODE_GAP_MS), 'right');
      });

      it('tried a hundred times at once is still tried three times', async () => {
        await ask('mine');
        const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => check('mine', `wrong ${i}`)));
        assert.equal(answers.filter((answer) => answer === 'wrong').length, 3);
      });

      it('is good in the browser that asked, and guesses from elsewhere cost it nothing', async () => {
        const { code } = await ask('mine');
        await ask('stranger');
        for (let i = 0; i < 6; i += 1) {
          assert.equal(await check('nobody', `wrong ${i}`), 'expired');
          assert.equal(await check('stranger', `wrong ${i}`), i < 3 ? 'wrong' : 'too_many');
        }
        assert.equal(await check('nobody', code), 'expired');
        assert.equal(await check('stranger', code), 'too_many');
        assert.equal(await check('mine', code), 'right');
      });

      it('is not replaced by one that a stranger asks for, nor by a second tap', async () => {
        const { code } = await ask('mine');
        for (let i = 0; i < 10; i += 1) await ask(`stranger ${i}`);
        assert.deepEqual(await ask('mine', NOW + CODE_GAP_MS - 1), { answer: 'too-soon', code: undefined });
        assert.equal(await check('mine', code), 'right');
      });

      it('comes at once after ten that a stranger asked for', async () => {
        for (let i = 0; i < 10; i += 1) await ask(`stranger ${i}`);
        const { code } = await ask('mine');
        assert.equal(await check('mine', code), 'right');
      });

      it('of an address that is besieged is a long one, mailed or in the mailbox already, and always lets in', async () => {
        await besiege();
        const mailed = await ask('stranger');
        assert.equal(mailed.answer, 'long');
        for (const atMs of [NOW, NOW + SHARED_FOR_MS - 1]) {
          assert.equal((await ask(`mine at ${atMs}`, atMs)).answer, 'shared');
          assert.equal(await check(`mine at ${atMs}`, 'wrong', atMs), 'wrong');
        }
        assert.equal((await ask('mine later', NOW + SHARED_FOR_MS)).answer, 'long');
        // In all browsers that share it, it is used up with its first use.
        assert.equal(await check(`mine at ${NOW}`, mailed.code), 'right');
        assert.equal(await check(`mine at ${NOW + SHARED_FOR_MS - 1}`, mailed.code), 'expired');
        assert.equal(await check('stranger', mailed.code), 'expired');
      });

      it('that is shared is guessed at no more often by whoever asks again', async () => {
        await besiege();
        const { code } = await ask('first');
        await ask('stranger');
        for (let i = 0; i < 3; i += 1) assert.equal(await check('stranger', `wrong ${i}`), 'wrong');
        assert.equal((await ask('stranger', NOW + CODE_GAP_MS)).answer, 'shared');
        assert.equal(await check('stranger', code, NOW + CODE_GAP_MS), 'too_many');
      });

      it('is short again when the day is over, and always was for other addresses', async () => {
        await besiege();
        assert.equal((await ask('mine', NOW, 'bob@example.com')).answer, 'short');
        assert.equal((await ask('mine', NOW + SHORT_CODES_WINDOW_MS - 1)).answer, 'long');
        assert.equal((await ask('mine', NOW + SHORT_CODES_WINDOW_MS + CODE_GAP_MS)).answer, 'short');
      });

      it('is mailed short or once long however many ask in the same moment', async () => {
        const asked = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(`stranger ${i}`)));
        const count = (answer: string) => asked.filter((each) => each.answer === answer).length;
        assert.deepEqual(
          [count('short'), count('long'), count('shared')],
          [SHORT_CODES_MAX, 1, 60 - 1 - SHORT_CODES_MAX],
        );
      });

      it('is forgotten when it is over', async () => {
        await ask('mine');
        assert.equal(await ledger.prune(NOW + CODE_LIFE_MS - 1, 100), 0);
        assert.equal(await ledger.prune(NOW + CODE_LIFE_MS, 100), 1);
      });
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
