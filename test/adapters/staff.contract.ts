// What every ledger must do with the staff: people, what lets them in, invitations and the audit; run on each implementation.
import assert from 'node:assert/strict';
import { type Act, type ActName, Fault, type StaffRole } from '@tapcase/domain';
import type { Ledger } from '../../ledger/src/port.ts';
import type { InvitationRow, Joining, PasskeyRow, StaffRow, Way } from '../../ledger/src/staff-port.ts';
import type { LedgerPlace } from './ledger.contract.ts';

const NOW = 1_763_678_400_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function staffContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`the staff in the ledger on ${name}`, () => {
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

    const act = (named: ActName, part: Partial<Act> = {}): Act => {
      const by = { staffId: null, name: 'test', role: null, subject: null, detail: {}, address: null };
      return { atMs: NOW, act: named, ...by, ...part };
    };
    const key = (id: string): Way => ({
      kind: 'passkey',
      passkey: { id, publicKey: `public ${id}`, counter: 0, transports: ['internal'], name: 'Phone', addedAtMs: NOW },
    });
    const password: Way = {
      kind: 'password',
      password: { hash: 'scrypt$…', sealedTotp: 'sealed', totpStep: 100, setAtMs: NOW },
    };
    const invite = (id: string, part: Partial<InvitationRow> = {}, alone = false) => {
      const row = { id, role: 'technician' as StaffRole, name: '', email: null, staffId: null, isFirstOwner: false };
      const made = { madeBy: 'Ann', madeById: null, expiresAtMs: NOW + 72 * HOUR_MS };
      return ledger.invite({ ...row, ...made, ...part, tokenHash: `hash of ${id}` }, act('invited'), { alone });
    };
    const accept = (id: string, person: Partial<Joining['person']>, way: Way, part: Partial<Joining> = {}) =>
      ledger.acceptInvitation(`hash of ${id}`, {
        person: { id: `id of ${person.name}`, name: 'Nobody', email: null, ...person },
        ...{ way, atMs: NOW, address: '192.0.2.1', ...part },
      });
    const joined = async (role: StaffRole, named: string, way: Way = key(`key of ${named}`), email?: string) => {
      await orThrow(invite(`invites ${named}`, { role }));
      return (await orThrow(accept(`invites ${named}`, { name: named, email: email ?? null }, way))) as StaffRow;
    };
    const open = async (nowMs = NOW) => (await ledger.invitations(nowMs)).map(({ id }) => id).sort();
    const told = async () => (await ledger.acts({ limit: 100 })).map((row) => `${row.name} ${row.act}`).reverse();

    describe('people', () => {
      it('are there once they have joined, with what lets them in', async () => {
        assert.equal(await ledger.hasOwner(), false);
        const ann = await joined('owner', 'Ann', key('k1'), 'ann@example.com');
        const bob = await joined('restocker', 'Bob', password);
        assert.equal(await ledger.hasOwner(), true);
        const both = { createdAtMs: NOW, disabledAtMs: null };
        assert.deepEqual(ann, { id: 'id of Ann', name: 'Ann', email: 'ann@example.com', role: 'owner', ...both });
        assert.deepEqual(await ledger.staff(), [
          { ...ann, passkeys: 1, hasPassword: false },
          { ...bob, passkeys: 0, hasPassword: true },
        ]);
        assert.deepEqual(await ledger.staffMember(bob.id), bob);
        assert.equal(await ledger.staffMember('nobody'), undefined);
      });

      it('are found by name or address, however it is written', async () => {
        const ann = await joined('owner', 'Ann Lee', key('k1'), 'ann@example.com');
        for (const login of ['Ann Lee', ' ann  LEE ', 'ANN@example.com']) {
          assert.deepEqual(await ledger.staffByLogin(login), ann, login);
        }
        for (const login of ['ann', 'lee@example.com', '', '%']) {
          assert.equal(await ledger.staffByLogin(login), undefined, login);
        }
      });

      it('share no name and no address; whoever has left takes none with them, nor comes back over another', async () => {
        const ann = await joined('owner', 'Ann', key('k1'), 'ann@example.com');
        const bob = await joined('technician', 'Bob', key('k2'), 'bob@example.com');
        await isFault(invite('i1', { name: 'BOB' }), 'staff.name-taken');
        await isFault(invite('i1', { name: 'Robert', email: 'bob@example.com' }), 'staff.name-taken');
        await invite('i2');
        await isFault(accept('i2', { id: 'b2', name: 'bob' }, key('k3')), 'staff.name-taken');
        await isFault(accept('i2', { id: 'b2', name: 'B0b' }, key('k3')), 'staff.name-taken');
        await isFault(invite('i1', { name: 'ΒΟΒ' }), 'staff.name-taken');
        await isFault(accept('i2', { id: 'b2', name: 'Bo', email: 'bob@example.com' }, key('k3')), 'staff.name-taken');
        await ledger.changeStaff(bob.id, { disabledAtMs: NOW }, act('disabled'));
        await orThrow(accept('i2', { id: 'b2', name: 'bob' }, key('k3')));
        await isFault(ledger.changeStaff(bob.id, { disabledAtMs: null }, act('enabled')), 'staff.name-taken');
        assert.deepEqual(
          (await ledger.staff()).map(({ id }) => id),
          [ann.id, 'b2', bob.id],
        );
      });

      it('who are disabled are signed out, found no more, and what they invited to is over', async () => {
        await joined('owner', 'Ann');
        const bob = await joined('owner', 'Bob', key('k2'));
        await invite('by Bob', { madeById: bob.id });
        await invite('for Bob', { staffId: bob.id, role: 'owner' });
        await invite('other');
        await startSession('s1', bob.id);
        await ledger.rememberBrowser(bob.id, 'browser', NOW);
        const gone = await orThrow(ledger.changeStaff(bob.id, { disabledAtMs: NOW + 5 }, act('disabled')));
        assert.equal((gone as StaffRow).disabledAtMs, NOW + 5);
        assert.deepEqual(await ledger.sessionsOf('staff', bob.id, NOW), []);
        assert.equal(await ledger.knowsBrowser(bob.id, 'browser', NOW), false);
        assert.equal(await ledger.staffByLogin('Bob'), undefined);
        assert.equal(await ledger.passkey('k2'), undefined);
        assert.deepEqual(await open(), ['other']);
        await isFault(invite('again', { staffId: bob.id, role: 'owner' }), 'staff.unknown');
        await orThrow(ledger.changeStaff(bob.id, { disabledAtMs: null }, act('enabled')));
        assert.equal((await ledger.passkey('k2'))?.staffId, bob.id);
      });

      it('who are owners no more have nobody invited', async () => {
        await joined('owner', 'Ann');
        const bob = await joined('owner', 'Bob');
        await invite('by Bob', { madeById: bob.id });
        await orThrow(ledger.changeStaff(bob.id, { role: 'operator' }, act('role-changed')));
        assert.deepEqual(await open(), []);
      });

      it('have an owner left, also when two end each other at once', async () => {
        const ann = await joined('owner', 'Ann');
        await isFault(ledger.changeStaff(ann.id, { role: 'operator' }, act('role-changed')), 'staff.last-owner');
        await isFault(ledger.changeStaff(ann.id, { disabledAtMs: NOW }, act('disabled')), 'staff.last-owner');
        const bob = await joined('owner', 'Bob');
        const both = await Promise.all([
          ledger.changeStaff(ann.id, { role: 'operator' }, act('role-changed')),
          ledger.changeStaff(bob.id, { disabledAtMs: NOW }, act('disabled')),
        ]);
        assert.equal(both.filter((result) => result instanceof Fault && result.code === 'staff.last-owner').length, 1);
        assert.equal(await ledger.hasOwner(), true);
        await isFault(ledger.changeStaff('nobody', { role: 'owner' }, act('role-changed')), 'staff.unknown');
      });
    });

    describe('passkeys', () => {
      const row = (id: string, staffId: string): Omit<PasskeyRow, 'usedAtMs'> => {
        const { passkey } = key(id) as Extract<Way, { kind: 'passkey' }>;
        return { ...passkey, staffId };
      };

      it('are of one person each, ten at most, and the last way in stays', async () => {
        const ann = await joined('owner', 'Ann', key('k0'));
        const bob = await joined('technician', 'Bob', key('b0'));
        await isFault(ledger.removePasskey(ann.id, 'k0', act('passkey-removed')), 'staff.last-way');
        for (let i = 1; i < 10; i += 1) {
          assert.equal(await ledger.addPasskey(row(`k${i}`, ann.id), act('passkey-added')), undefined);
        }
        await isFault(ledger.addPasskey(row('k10', ann.id), act('passkey-added')), 'staff.too-many-passkeys');
        await isFault(ledger.addPasskey(row('k1', bob.id), act('passkey-added')), 'staff.passkey-known');
        await isFault(ledger.removePasskey(bob.id, 'k1', act('passkey-removed')), 'staff.passkey-unknown');
        assert.equal((await ledger.passkeysOf(ann.id)).length, 10);
        assert.equal(await ledger.removePasskey(ann.id, 'k3', act('passkey-removed')), undefined);
        assert.equal(await ledger.passkey('k3'), undefined);
        assert.deepEqual(await ledger.passkey('k1'), { ...row('k1', ann.id), usedAtMs: null });
        await ledger.setPassword(bob.id, passwordRow(), act('password-set'));
        assert.equal(await ledger.removePasskey(bob.id, 'b0', act('passkey-removed')), undefined);
      });

      it('count onward from where they were: of two uses at once one is a copy’s', async () => {
        await joined('owner', 'Ann', key('k1'));
        const use = { from: 0, to: 7, atMs: NOW + 1 };
        const uses = await Promise.all([ledger.usePasskey('k1', use), ledger.usePasskey('k1', use)]);
        assert.deepEqual(uses.sort(), [false, true]);
        const { counter, usedAtMs } = (await ledger.passkey('k1'))!;
        assert.deepEqual([counter, usedAtMs], [7, NOW + 1]);
      });
    });

    describe('passwords', () => {
      it('are replaced, and each step’s code is good once', async () => {
        const bob = await joined('owner', 'Bob', password);
        assert.deepEqual(await ledger.password(bob.id), passwordRow());
        assert.equal(await ledger.useTotp(bob.id, 100), false);
        const tries = await Promise.all([ledger.useTotp(bob.id, 102), ledger.useTotp(bob.id, 102)]);
        assert.deepEqual(tries.sort(), [false, true]);
        assert.equal(await ledger.useTotp(bob.id, 101), false);
        assert.equal(await ledger.useTotp('nobody', 103), false);
        await ledger.setPassword(bob.id, { ...passwordRow(), hash: 'other', totpStep: 3 }, act('password-set'));
        assert.deepEqual(await ledger.password(bob.id), { ...passwordRow(), hash: 'other', totpStep: 3 });
      });

      it('are given in browsers that are known for a season, twenty of a person', async () => {
        const bob = await joined('owner', 'Bob', password);
        const ann = await joined('owner', 'Ann');
        for (let i = 0; i < 21; i += 1) await ledger.rememberBrowser(bob.id, `b${i}`, NOW + i);
        assert.equal(await ledger.knowsBrowser(bob.id, 'b0', NOW), false);
        assert.equal(await ledger.knowsBrowser(bob.id, 'b1', NOW), true);
        assert.equal(await ledger.knowsBrowser(ann.id, 'b1', NOW), false);
        assert.equal(await ledger.knowsBrowser(bob.id, 'b1', NOW + 91 * DAY_MS), false);
        await ledger.rememberBrowser(ann.id, 'b1', NOW);
        assert.equal(await ledger.knowsBrowser(bob.id, 'b1', NOW), false);
      });
    });

    describe('invitations', () => {
      it('are found by the hash of their token, until they end', async () => {
        const expiresAtMs = NOW + 72 * HOUR_MS;
        await invite('i1', { name: 'Bob', email: 'bob@example.com' });
        const made = { isFirstOwner: false, madeBy: 'Ann', madeById: null, expiresAtMs };
        const expected = {
          id: 'i1',
          role: 'technician',
          name: 'Bob',
          email: 'bob@example.com',
          staffId: null,
          ...made,
        };
        assert.deepEqual(await ledger.invitation('hash of i1', NOW), expected);
        assert.equal(await ledger.invitation('i1', NOW), undefined);
        assert.equal((await ledger.invitation('hash of i1', expiresAtMs - 1))?.id, 'i1');
        assert.equal(await ledger.invitation('hash of i1', expiresAtMs), undefined);
        assert.deepEqual(await open(expiresAtMs), []);
        await isFault(accept('i1', { name: 'Bob' }, key('k1'), { atMs: expiresAtMs }), 'staff.invitation-over');
      });

      it('are used once, also by two at once, and revoked ones never', async () => {
        await invite('i1');
        await invite('i2');
        assert.equal(await ledger.revokeInvitation('i2', act('invitation-revoked')), true);
        assert.equal(await ledger.revokeInvitation('i2', act('invitation-revoked')), false);
        await isFault(accept('i2', { name: 'Eve' }, key('k0')), 'staff.invitation-over');
        const both = await Promise.all([
          accept('i1', { name: 'Bob' }, key('k1')),
          accept('i1', { name: 'Bo' }, key('k2')),
        ]);
        assert.equal(both.filter((result) => result instanceof Fault).length, 1);
        assert.equal((await ledger.staff()).length, 1);
        await isFault(accept('i1', { name: 'Eve' }, key('k3')), 'staff.invitation-over');
        await isFault(accept('forged', { name: 'Eve' }, key('k3')), 'staff.invitation-over');
      });

      it('whose passkey is somebody’s already leave nothing of the new person', async () => {
        await joined('owner', 'Ann', key('k1'));
        await invite('i1');
        await isFault(accept('i1', { name: 'Bob' }, key('k1')), 'staff.passkey-known');
        assert.equal((await ledger.staff()).length, 1);
        assert.deepEqual(await open(), ['i1']);
        await orThrow(accept('i1', { name: 'Bob' }, key('k2')));
      });

      it('of a first owner are good while there is none: of two at once one makes the owner', async () => {
        await invite('first', { role: 'owner', isFirstOwner: true });
        await invite('second', { role: 'owner', isFirstOwner: true });
        const both = await Promise.all([
          accept('first', { name: 'Ann' }, key('k1')),
          accept('second', { name: 'Eve' }, key('k2')),
        ]);
        assert.equal(both.filter((result) => result instanceof Fault).length, 1);
        assert.equal((await ledger.staff()).length, 1);
        await invite('third', { role: 'owner', isFirstOwner: true });
        await isFault(accept('third', { name: 'Eve' }, key('k3')), 'staff.invitation-over');
      });

      it('do not pile up: twenty for a first owner, fifty others', async () => {
        for (let i = 0; i < 25; i += 1)
          await orThrow(invite(`f${i}`, { isFirstOwner: true, expiresAtMs: NOW + 1 + i }));
        assert.equal((await open()).length, 20);
        assert.ok((await open()).includes('f24'));
        for (let i = 20; i < 50; i += 1) await orThrow(invite(`i${i}`));
        await isFault(invite('i50'), 'staff.too-many-invitations');
      });

      it('make the team no larger than two hundred, those who have left included', async () => {
        const row = (i: number) => `('p${i}', 'P${i}', 'p${i}', null, 'restocker', ${NOW}, ${NOW})`;
        const columns = 'id, name, name_key, email, role, created_at_ms, disabled_at_ms';
        const rows = Array.from({ length: 200 }, (_, i) => row(i));
        await place.run(`insert into staff (${columns}) values ${rows.join(', ')}`);
        await invite('i1');
        await isFault(accept('i1', { name: 'Bob' }, key('k1')), 'staff.too-many');
      });

      it('made alone leave no other way to an owner’s place', async () => {
        await invite('old', { role: 'owner', isFirstOwner: true });
        await invite('owner', { role: 'owner' });
        await invite('bob', { role: 'technician' });
        await invite('new', { role: 'owner', isFirstOwner: true }, true);
        assert.deepEqual(await open(), ['bob', 'new']);
      });

      it('let somebody in again who lost their key: nothing of before lets anybody in', async () => {
        const ann = await joined('owner', 'Ann', key('stolen'), 'ann@example.com');
        await ledger.setPassword(ann.id, passwordRow(), act('password-set'));
        await startSession('s1', ann.id);
        await invite('earlier', { staffId: ann.id, role: 'owner' });
        await invite('back', { staffId: ann.id, role: 'owner' });
        assert.deepEqual(await open(), ['back']);
        const back = await orThrow(accept('back', { id: 'other', name: 'Eve', email: null }, key('new')));
        assert.deepEqual(back, ann);
        assert.deepEqual(
          (await ledger.passkeysOf(ann.id)).map(({ id }) => id),
          ['new'],
        );
        assert.equal(await ledger.password(ann.id), undefined);
        assert.deepEqual(await ledger.sessionsOf('staff', ann.id, NOW), []);
        assert.equal((await ledger.staff()).length, 1);
        await isFault(invite('i9', { staffId: 'nobody' }), 'staff.unknown');
      });
    });

    it('asks a browser one thing of a kind, and takes one answer', async () => {
      const ask = (browserHash: string, purpose: string, body: string) =>
        ledger.putChallenge({ browserHash, purpose, body, expiresAtMs: NOW + 1000 }, NOW);
      await ask('b1', 'sign-in', 'one');
      await ask('b1', 'sign-in', 'two');
      await ask('b1', 'register', 'three');
      assert.equal(await ledger.takeChallenge('b2', 'sign-in', NOW), undefined);
      const both = await Promise.all([1, 2].map(() => ledger.takeChallenge('b1', 'sign-in', NOW)));
      assert.deepEqual(
        both.filter((body) => body !== undefined),
        ['two'],
      );
      assert.equal(await ledger.takeChallenge('b1', 'register', NOW + 1000), undefined);
    });

    it('ends a session that nobody has used for the idle time', async () => {
      const ann = await joined('owner', 'Ann');
      await startSession('s1', ann.id);
      const seen = (atMs: number) => ledger.session('staff', 'hash of s1', atMs, 12 * HOUR_MS);
      assert.equal((await seen(NOW + 11 * HOUR_MS))?.id, 's1');
      assert.equal((await seen(NOW + 23 * HOUR_MS - 1))?.id, 's1');
      assert.equal(await seen(NOW + 35 * HOUR_MS), undefined);
    });

    it('keeps what they did with the change itself, the newest first, a page at a time', async () => {
      const ann = await joined('owner', 'Ann');
      const by = { staffId: ann.id, name: 'Ann', role: 'owner' as const, address: '192.0.2.7' };
      await ledger.recordAct(act('refund', { ...by, subject: 'visit01', detail: { amountMinor: 250 } }));
      await isFault(ledger.changeStaff(ann.id, { role: 'operator' }, act('role-changed', by)), 'staff.last-owner');
      assert.deepEqual(await told(), ['test invited', 'Ann joined', 'Ann refund']);
      const [newest] = await ledger.acts({ limit: 1 });
      const expected = { atMs: NOW, act: 'refund', subject: 'visit01', detail: { amountMinor: 250 }, ...by };
      assert.deepEqual(newest, { id: newest!.id, ...expected });
      const rest = await ledger.acts({ limit: 10, before: newest!.id });
      assert.deepEqual(
        rest.map((row) => row.act),
        ['joined', 'invited'],
      );
      assert.deepEqual(
        (await ledger.acts({ limit: 10, staffId: ann.id })).map((row) => row.act),
        ['refund', 'joined'],
      );
      await ledger.recordAct(act('tare', { subject: 'x'.repeat(900), detail: { long: 'y'.repeat(9_000) } }));
      const [cut] = await ledger.acts({ limit: 1 });
      assert.deepEqual([cut!.subject!.length, cut!.detail], [200, { tooLong: true }]);
    });

    const startSession = (id: string, subject: string) =>
      ledger.startSession({
        ...{ id, kind: 'staff', subject, label: 'Firefox', tokenHash: `hash of ${id}` },
        ...{ createdAtMs: NOW, seenAtMs: NOW, expiresAtMs: NOW + 7 * DAY_MS },
      });
    const passwordRow = () => (password as Extract<Way, { kind: 'password' }>).password;
  });
}

async function orThrow<T>(promise: Promise<T | Fault>): Promise<T> {
  const result = await promise;
  if (result instanceof Fault) throw result;
  return result;
}

async function isFault(promise: Promise<unknown>, code: string): Promise<void> {
  const result = await promise;
  assert.equal(result instanceof Fault ? result.code : result, code);
}
