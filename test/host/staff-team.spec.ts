// What an owner does with the team, what each role is refused, and what is written down of it: the staff's server over real HTTP.
import assert from 'node:assert/strict';
import { FRESH_MS_MAX, type Permission, ROLES, type StaffRole } from '@tapcase/domain';
import { firstOwnerLink, ownerLink } from '../../host/staff/owner-link.ts';
import type { Authenticator } from './authenticator.ts';
import { type Answer, ORIGIN, type StaffBench, startStaff, type TestBrowser, tokenOf } from './staff-bench.ts';

interface Member {
  readonly browser: TestBrowser;
  readonly key: Authenticator;
  readonly id: string;
}

describe('the team', () => {
  let bench: StaffBench;
  let ann: Member;
  beforeEach(async () => {
    bench = await startStaff();
    ann = await member(await bench.ownerToken(), 'Ann');
  });
  afterEach(() => bench.stop());

  const member = async (token: string, name: string): Promise<Member> => {
    const browser = bench.browser();
    const { answer, key } = await browser.join(token, name);
    assert.equal(answer.status, 204, JSON.stringify(answer.body));
    return { browser, key, id: (await browser.get('/staff/api/me')).body.person.id };
  };
  const invite = (name: string, role: StaffRole, email = '') =>
    ann.browser.post('/staff/api/team/invite', { name, role, email });
  const joined = async (name: string, role: StaffRole): Promise<Member> => {
    const { body } = await invite(name, role);
    return member(tokenOf(body.url), name);
  };
  const team = async () => (await ann.browser.get('/staff/api/team')).body;
  const told = async () => (await bench.ledger.acts({ limit: 200 })).map(({ name, act }) => `${name} ${act}`).reverse();

  it('is invited by link: what it says stands in the list until it is used or revoked', async () => {
    const { body } = await invite('Bob', 'technician', 'bob@example.com');
    assert.equal(body.name, 'Bob');
    await invite('Cat', 'operator');
    const [cat] = (await team()).invitations.filter(({ name }: { name: string }) => name === 'Cat');
    assert.deepEqual([cat.role, cat.madeBy, cat.isReturn], ['operator', 'Ann', false]);
    assert.ok(!JSON.stringify(await team()).includes(tokenOf(body.url)));
    assert.equal((await ann.browser.post('/staff/api/team/revoke', { id: cat.id })).status, 204);
    refused(await ann.browser.post('/staff/api/team/revoke', { id: cat.id }), 404, 'staff.unknown');
    const bob = await member(tokenOf(body.url), '');
    assert.deepEqual((await team()).invitations, []);
    const [, listed] = (await team()).people;
    assert.deepEqual(
      [listed.id, listed.name, listed.email, listed.role, listed.passkeys, listed.sessions.length],
      [bob.id, 'Bob', 'bob@example.com', 'technician', 1, 1],
    );
    refused(await invite('BOB', 'technician'), 409, 'staff.name-taken');
    refused(await invite('Rob', 'technician', 'BOB@example.com'), 409, 'staff.name-taken');
    // Whoever sees the team is told who it is; whoever only has a link is not.
    assert.equal((await invite('B0b', 'technician')).body.error.like, 'Bob');
    const { body: open } = await invite('Zoe', 'technician');
    const { answer } = await bench.browser().join(tokenOf(open.url), 'B0b');
    refused(answer, 409, 'staff.name-taken');
    assert.equal(answer.body.error.like, undefined);
    refused(await invite('Βob', 'technician'), 409, 'staff.name-letters');
    refused(await invite('', 'technician'), 409, 'staff.bad-name');
    refused(await ann.browser.post('/staff/api/team/invite', { name: 'X', role: 'admin' }), 400, 'request.invalid');
  });

  it('is let in, given another role or another link only by an owner who has just signed in', async () => {
    const bob = await joined('Bob', 'technician');
    bench.pass(FRESH_MS_MAX);
    const { browser } = ann;
    for (const [path, body] of [
      ['invite', { name: 'Mallory', role: 'owner', email: '' }],
      ['link', { id: bob.id }],
      ['role', { id: bob.id, role: 'owner' }],
    ] as const)
      refused(await browser.post(`/staff/api/team/${path}`, body), 403, 'staff.sign-in-again');
    // Shutting somebody out never waits.
    assert.equal((await browser.post('/staff/api/team/disabled', { id: bob.id, disabled: true })).status, 204);
    await browser.signIn(ann.key);
    assert.equal((await invite('Rob', 'technician')).status, 200);
  });

  it('has its sessions ended one by one or all, and the next click is refused', async () => {
    const bob = await joined('Bob', 'technician');
    const phone = bench.browser({ agent: 'Mozilla/5.0 (iPhone) Safari/600' });
    await phone.signIn(bob.key);
    const sessions = (await team()).people[1].sessions;
    const { id: sessionId } = sessions.find(({ label }: { label: string }) => label === 'Safari · iPhone');
    const end = () => ann.browser.post('/staff/api/team/session/end', { id: bob.id, sessionId });
    refused(await ann.browser.post('/staff/api/team/session/end', { id: ann.id, sessionId }), 404, 'staff.unknown');
    assert.equal((await end()).status, 204);
    refused(await end(), 404, 'staff.unknown');
    refused(await phone.get('/staff/api/account'), 401, 'staff.signed-out');
    assert.equal((await bob.browser.get('/staff/api/account')).status, 200);
    assert.equal((await ann.browser.post('/staff/api/team/sessions/end', { id: bob.id })).status, 204);
    refused(await bob.browser.get('/staff/api/account'), 401, 'staff.signed-out');
    assert.equal((await bob.browser.signIn(bob.key)).status, 204);
  });

  it('has another role from the next request on', async () => {
    const bob = await joined('Bob', 'operator');
    assert.equal((await bob.browser.get('/staff/api/audit')).status, 200);
    assert.equal((await ann.browser.post('/staff/api/team/role', { id: bob.id, role: 'restocker' })).status, 204);
    refused(await bob.browser.get('/staff/api/audit'), 403, 'staff.not-allowed');
    assert.deepEqual((await bob.browser.get('/staff/api/me')).body.person.may, ['restock']);
    refused(await ann.browser.post('/staff/api/team/role', { id: ann.id, role: 'operator' }), 409, 'staff.last-owner');
    refused(await ann.browser.post('/staff/api/team/role', { id: 'nobody', role: 'owner' }), 404, 'staff.unknown');
  });

  it('loses whoever is disabled at once, and gets them back with the key that they had', async () => {
    const bob = await joined('Bob', 'operator');
    assert.equal((await ann.browser.post('/staff/api/team/disabled', { id: bob.id, disabled: true })).status, 204);
    refused(await bob.browser.get('/staff/api/account'), 401, 'staff.signed-out');
    refused(await bob.browser.signIn(bob.key), 401, 'staff.passkey-refused');
    refused(await ann.browser.post('/staff/api/team/link', { id: bob.id }), 404, 'staff.unknown');
    assert.equal((await ann.browser.post('/staff/api/team/disabled', { id: bob.id, disabled: false })).status, 204);
    assert.equal((await bob.browser.signIn(bob.key)).status, 204);
    refused(
      await ann.browser.post('/staff/api/team/disabled', { id: ann.id, disabled: true }),
      409,
      'staff.last-owner',
    );
  });

  it('lets somebody in again who lost their key; whoever has it gets in no more', async () => {
    const bob = await joined('Bob', 'technician');
    const { body } = await ann.browser.post('/staff/api/team/link', { id: bob.id });
    assert.equal((await bob.browser.get('/staff/api/account')).status, 200);
    const { body: facts } = await bench.browser().post('/staff/api/invitation', { token: tokenOf(body.url) });
    assert.deepEqual([facts.name, facts.role, facts.isReturn], ['Bob', 'technician', true]);
    const back = await member(tokenOf(body.url), 'Somebody else');
    assert.equal(back.id, bob.id);
    assert.equal((await back.browser.get('/staff/api/me')).body.person.name, 'Bob');
    refused(await bob.browser.get('/staff/api/account'), 401, 'staff.signed-out');
    refused(await bob.browser.signIn(bob.key), 401, 'staff.passkey-refused');
  });

  const asks: readonly (readonly [Permission, (browser: TestBrowser) => Promise<Answer>])[] = [
    ['staff.manage', (browser) => browser.get('/staff/api/team')],
    ['staff.manage', (browser) => browser.post('/staff/api/team/invite', { name: 'Eve', role: 'owner' })],
    ['staff.manage', (browser) => browser.post('/staff/api/team/role', { id: ann.id, role: 'technician' })],
    ['staff.manage', (browser) => browser.post('/staff/api/team/link', { id: ann.id })],
    ['staff.manage', (browser) => browser.post('/staff/api/team/sessions/end', { id: ann.id })],
    ['staff.manage', (browser) => browser.post('/staff/api/team/disabled', { id: ann.id, disabled: true })],
    ['audit.see', (browser) => browser.get('/staff/api/audit')],
    ['restock', (browser) => browser.get('/staff/api/restock')],
  ];
  for (const role of ROLES.filter((each) => each !== 'owner')) {
    it(`refuses ${role} what the table does not give them`, async () => {
      const bob = await joined('Bob', role);
      const { may } = (await bob.browser.get('/staff/api/me')).body.person;
      for (const [permission, ask] of asks) {
        const answer = await ask(bob.browser);
        if (may.includes(permission)) assert.equal(answer.status, 200, permission);
        else refused(answer, 403, 'staff.not-allowed');
      }
      assert.equal((await ann.browser.get('/staff/api/team')).status, 200);
    });
  }

  it('finds nothing to restock yet', async () => {
    const bob = await joined('Bob', 'restocker');
    assert.deepEqual((await bob.browser.get('/staff/api/restock')).body, { tasks: [] });
  });

  it('reads what was done, the newest first, of all or of one person, a page at a time', async () => {
    const bob = await joined('Bob', 'technician');
    for (let i = 0; i < 60; i += 1) {
      const act = {
        atMs: bench.now(),
        staffId: bob.id,
        name: 'Bob',
        role: 'technician' as const,
        act: 'tare' as const,
      };
      await bench.ledger.recordAct({ ...act, subject: `case ${i}`, detail: {}, address: null });
    }
    const first = (await ann.browser.get('/staff/api/audit')).body;
    assert.equal(first.acts.length, 50);
    assert.equal(first.acts[0].subject, 'case 59');
    assert.deepEqual(
      first.people.map(({ name }: { name: string }) => name),
      ['Ann', 'Bob'],
    );
    const second = (await ann.browser.get(`/staff/api/audit?before=${first.before}`)).body;
    assert.equal(second.before, null);
    assert.equal(second.acts.at(-1).act, 'link-made');
    const all = [...first.acts, ...second.acts].map(({ id }: { id: number }) => id);
    assert.equal(new Set(all).size, all.length);
    const annsActs = (await ann.browser.get(`/staff/api/audit?person=${ann.id}`)).body.acts;
    assert.deepEqual(
      annsActs.map(({ act }: { act: string }) => act),
      ['invited', 'signed-in', 'joined'],
    );
    assert.deepEqual(
      [annsActs[0].subject, annsActs[0].detail, annsActs[0].address],
      ['Bob', { role: 'technician' }, '192.0.2.1'],
    );
  });

  describe('the owner’s link', () => {
    const wanted = () => ({ ledger: bench.ledger, origin: ORIGIN, nowMs: bench.now() });

    it('is made at a start without an owner only', async () => {
      assert.equal(await firstOwnerLink(wanted()), undefined);
    });

    it('lets the owner in again who lost everything, and nobody who found their key', async () => {
      const link = await ownerLink(wanted());
      assert.ok(typeof link === 'string');
      const back = await member(tokenOf(link), 'Whoever');
      assert.equal(back.id, ann.id);
      refused(await ann.browser.get('/staff/api/account'), 401, 'staff.signed-out');
      refused(await ann.browser.signIn(ann.key), 401, 'staff.passkey-refused');
      assert.deepEqual((await told()).slice(-3), ['the terminal link-made', 'Ann let-in-again', 'Ann signed-in']);
    });

    it('ends the one before, and wants a name where there are several', async () => {
      const [first, second] = [await ownerLink(wanted()), await ownerLink(wanted())];
      refused((await bench.browser().join(tokenOf(String(first)), '')).answer, 410, 'staff.invitation-over');
      await member(tokenOf(String(second)), '');
      await ann.browser.signIn(ann.key);
      ann = await member(tokenOf(String(await ownerLink(wanted(), 'Ann'))), '');
      await joined('Bob', 'owner');
      const unsaid = await ownerLink(wanted());
      assert.ok(unsaid instanceof Error && unsaid.code === 'staff.which-owner');
      const unknown = await ownerLink(wanted(), 'Eve');
      assert.ok(unknown instanceof Error && unknown.code === 'staff.unknown');
      assert.ok(typeof (await ownerLink(wanted(), 'Bob')) === 'string');
    });
  });
});

function refused({ status, body }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, body?.error?.code], [expected, code]);
}
