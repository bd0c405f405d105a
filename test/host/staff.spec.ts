// Who gets into the staff's pages, by what, and who does not: the staff's server over real HTTP.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import {
  FRESH_MS_MAX,
  INVITATION_MS,
  PASSWORD_LENGTH_MAX,
  STAFF_IDLE_MS_MAX,
  STAFF_SESSION_MS_MAX,
} from '@tapcase/domain';
import express from 'express';
import { staffIdentity } from '../../host/staff/app.ts';
import { recordAct } from '../../host/staff/asked.ts';
import { RATES, STAFF_ROUTES } from '../../host/staff/routes.ts';
import { type Authenticator, authenticator } from './authenticator.ts';
import { type Answer, codeAt, ORIGIN, type StaffBench, startStaff, type TestBrowser } from './staff-bench.ts';

const PASSWORD = 'seven grey kitchens';
/** Nobody's, and so not even hashed: a hundred guesses would cost a minute. */
const TOO_LONG = 'x'.repeat(PASSWORD_LENGTH_MAX + 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const STEP_MS = 30_000;

describe('the staff’s server', () => {
  let bench: StaffBench;
  beforeEach(async () => {
    bench = await startStaff();
  });
  afterEach(() => bench.stop());

  const owner = async (): Promise<{ browser: TestBrowser; key: Authenticator }> => {
    const browser = bench.browser();
    const { answer, key } = await browser.join(await bench.ownerToken(), 'Ann');
    assert.equal(answer.status, 204, JSON.stringify(answer.body));
    return { browser, key };
  };
  const byPassword = async (): Promise<{ browser: TestBrowser; secret: string }> => {
    const browser = bench.browser();
    const { answer, secret } = await browser.joinByPassword(await bench.ownerToken(), 'Ann', PASSWORD);
    assert.equal(answer.status, 204, JSON.stringify(answer.body));
    return { browser, secret };
  };
  const who = async (browser: TestBrowser) => (await browser.get('/staff/api/me')).body.person?.name ?? null;
  const told = async () => (await bench.ledger.acts({ limit: 200 })).map(({ name, act }) => `${name} ${act}`).reverse();
  const pass = (browser: TestBrowser, login: string, password: string, code: string) =>
    browser.post('/staff/api/sign-in/password', { login, password, code });

  describe('a link', () => {
    it('makes the first owner, once; they are signed in by their passkey from then on', async () => {
      const token = await bench.ownerToken();
      const browser = bench.browser();
      const invitation = await browser.post('/staff/api/invitation', { token });
      const expiresAtMs = bench.now() + INVITATION_MS;
      assert.deepEqual(invitation.body, { role: 'owner', name: '', isReturn: false, expiresAtMs });
      const { answer, key } = await browser.join(token, ' Ann  Lee ');
      assert.equal(answer.status, 204);
      const { body } = await browser.get('/staff/api/me');
      assert.deepEqual([body.person.name, body.person.role, body.passkeysWork], ['Ann Lee', 'owner', true]);
      const other = bench.browser({ agent: 'Mozilla/5.0 (iPhone) Safari/600' });
      assert.equal(await who(other), null);
      assert.equal((await other.signIn(key)).status, 204);
      assert.equal(await who(other), 'Ann Lee');
      refused(await bench.browser().post('/staff/api/invitation', { token }), 410, 'staff.invitation-over');
      refused((await bench.browser().join(token, 'Eve')).answer, 410, 'staff.invitation-over');
      assert.deepEqual(await told(), [
        'the first start link-made',
        'Ann Lee joined',
        'Ann Lee signed-in',
        'Ann Lee signed-in',
      ]);
    });

    it('that is forged or too old opens nothing', async () => {
      const token = await bench.ownerToken();
      const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
      refused((await bench.browser().join(forged, 'Eve')).answer, 410, 'staff.invitation-over');
      refused(await bench.browser().post('/staff/api/invitation', { token: 'short' }), 400, 'request.invalid');
      bench.pass(INVITATION_MS);
      refused((await bench.browser().join(token, 'Ann')).answer, 410, 'staff.invitation-over');
      refused((await bench.browser().joinByPassword(token, 'Ann', PASSWORD)).answer, 410, 'staff.invitation-over');
    });

    it('of one person does not take the answer that was made for another’s', async () => {
      const [first, second] = [await bench.ownerToken(), await bench.ownerToken()];
      const browser = bench.browser();
      const person = { name: 'Ann', email: '' };
      const { body } = await browser.post('/staff/api/invitation/passkey/options', { token: first, ...person });
      const response = authenticator(ORIGIN).create(body);
      const crossed = await browser.post('/staff/api/invitation/passkey', { token: second, ...person, response });
      refused(crossed, 410, 'staff.challenge-over');
    });

    it('takes a good name, a good password and the code of the app that it showed', async () => {
      const token = await bench.ownerToken();
      const browser = bench.browser();
      const setup = { token, name: 'Ann', email: '' };
      refused(
        await browser.post('/staff/api/invitation/totp', { ...setup, name: 'a@b.example' }),
        409,
        'staff.bad-name',
      );
      refused(await browser.post('/staff/api/invitation/totp', { ...setup, email: 'x' }), 409, 'staff.bad-email');
      const { body } = await browser.post('/staff/api/invitation/totp', setup);
      assert.match(body.uri, /^otpauth:\/\/totp\/Tapcase:Ann\?.*secret=[A-Z2-7]{32}/);
      assert.match(body.qr.path, /^M\d+ \d+h1v1h-1zM/);
      const code = codeAt(body.secret, bench.now());
      const send = (part: object, from = browser) =>
        from.post('/staff/api/invitation/password', { ...setup, password: PASSWORD, code, ...part });
      refused(await send({ password: 'short' }), 409, 'staff.password-short');
      refused(await send({ password: 'p'.repeat(300) }), 409, 'staff.password-long');
      refused(await send({ password: 'annannannann' }), 409, 'staff.password-weak');
      refused(await send({ code: codeAt(body.secret, bench.now() - 10 * STEP_MS) }), 409, 'staff.code-wrong');
      refused(await send({}, bench.browser()), 410, 'staff.challenge-over');
      assert.equal((await send({})).status, 204);
      assert.equal(await who(browser), 'Ann');
      const rows = JSON.stringify([await bench.ledger.password((await bench.ledger.staff())[0]!.id), await told()]);
      assert.ok(!rows.includes(body.secret) && !rows.includes(PASSWORD));
    });
  });

  describe('a passkey', () => {
    it('answers one question of this browser, once', async () => {
      const { key } = await owner();
      const [browser, other] = [bench.browser(), bench.browser()];
      const { body } = await browser.post('/staff/api/sign-in/passkey/options');
      const response = key.get(body);
      refused(await other.post('/staff/api/sign-in/passkey', { response }), 410, 'staff.challenge-over');
      await other.post('/staff/api/sign-in/passkey/options');
      refused(await other.post('/staff/api/sign-in/passkey', { response }), 401, 'staff.passkey-refused');
      assert.equal((await browser.post('/staff/api/sign-in/passkey', { response })).status, 204);
      refused(await browser.post('/staff/api/sign-in/passkey', { response }), 410, 'staff.challenge-over');
      const again = await browser.post('/staff/api/sign-in/passkey/options');
      assert.notEqual(again.body.challenge, body.challenge);
      refused(await browser.post('/staff/api/sign-in/passkey', { response }), 401, 'staff.passkey-refused');
    });

    it('has five minutes for its answer', async () => {
      const { key } = await owner();
      const browser = bench.browser();
      const { body } = await browser.post('/staff/api/sign-in/passkey/options');
      bench.pass(5 * MINUTE_MS);
      const answer = await browser.post('/staff/api/sign-in/passkey', { response: key.get(body) });
      refused(answer, 410, 'staff.challenge-over');
    });

    const lies = {
      'for another page': { origin: 'https://staff.example.com.evil.example' },
      'for another port': { origin: `${ORIGIN}:8443` },
      'without TLS': { origin: 'http://staff.example.com' },
      'of another site': { rpId: 'example.com' },
      'that nobody unlocked': { unverified: true },
      'that counts backwards': { counter: 1 },
      'of somebody else': { userHandle: 'bm9ib2R5' },
      'that is a registration': { type: 'webauthn.create' },
      'signed by another key': { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
    };
    for (const [what, lie] of Object.entries(lies)) {
      it(`${what} is refused, and a right one after it is not`, async () => {
        const { key } = await owner();
        const browser = bench.browser();
        assert.equal((await browser.signIn(key)).status, 204);
        const stranger = bench.browser();
        refused(await stranger.signIn(key, lie), 401, 'staff.passkey-refused');
        assert.equal(await who(stranger), null);
        assert.equal((await stranger.signIn(key)).status, 204);
      });
    }

    it('that nobody has registered is refused', async () => {
      await owner();
      const stranger = authenticator(ORIGIN);
      stranger.create({ challenge: 'x', user: { id: 'eA' } });
      refused(await bench.browser().signIn(stranger), 401, 'staff.passkey-refused');
    });

    for (const [what, lie] of Object.entries({
      'for another page': { origin: 'https://evil.example' },
      'of another site': { rpId: 'evil.example' },
      'that nobody unlocked': { unverified: true },
      'with another challenge': { challenge: 'AAAA' },
    })) {
      it(`is not registered with an answer ${what}, and the link is still good`, async () => {
        const token = await bench.ownerToken();
        refused((await bench.browser().join(token, 'Ann', lie)).answer, 401, 'staff.passkey-refused');
        assert.equal((await bench.browser().join(token, 'Ann')).answer.status, 204);
      });
    }

    it('beside the first is added by whoever has just signed in, and taken away; the last one stays', async () => {
      const { browser, key } = await owner();
      const second = authenticator(ORIGIN);
      const add = async (from: TestBrowser) => {
        const { body, status } = await from.post('/staff/api/account/passkey/options');
        if (status !== 200) return from.post('/staff/api/account/passkey/options');
        return from.post('/staff/api/account/passkey', { name: ' Blue key ', response: second.create(body) });
      };
      assert.equal((await add(browser)).status, 204);
      refused(await add(browser), 409, 'staff.passkey-known');
      const { body } = await browser.get('/staff/api/account');
      assert.deepEqual(body.passkeys.map(({ name }: { name: string }) => name).sort(), ['Blue key', 'Firefox · Linux']);
      assert.equal((await bench.browser().signIn(second)).status, 204);
      assert.equal((await browser.post('/staff/api/account/passkey/remove', { id: key.id })).status, 204);
      refused(await bench.browser().signIn(key), 401, 'staff.passkey-refused');
      refused(await browser.post('/staff/api/account/passkey/remove', { id: second.id }), 409, 'staff.last-way');
      refused(await browser.post('/staff/api/account/passkey/remove', { id: key.id }), 409, 'staff.passkey-unknown');
      bench.pass(FRESH_MS_MAX);
      refused(await add(browser), 403, 'staff.sign-in-again');
      assert.equal((await browser.signIn(second)).status, 204);
      assert.equal((await browser.post('/staff/api/account/passkey/options')).status, 200);
    });
  });

  describe('a password', () => {
    it('lets in with a code, by name or address, and neither without the other', async () => {
      const { secret } = await byPassword();
      bench.pass(STEP_MS);
      const code = codeAt(secret, bench.now());
      refused(await pass(bench.browser(), 'Ann', 'another password', code), 401, 'staff.wrong');
      refused(await pass(bench.browser(), 'Ann', PASSWORD, wrongCode(code)), 401, 'staff.wrong');
      refused(await pass(bench.browser(), 'Eve', PASSWORD, code), 401, 'staff.wrong');
      refused(await pass(bench.browser(), 'Ann', PASSWORD, ''), 400, 'request.invalid');
      const browser = bench.browser();
      assert.equal((await pass(browser, 'ANN', PASSWORD, code)).status, 204);
      assert.equal(await who(browser), 'Ann');
    });

    it('takes no code twice, nor one that is older than the last', async () => {
      const { secret } = await byPassword();
      const used = codeAt(secret, bench.now());
      refused(await pass(bench.browser(), 'Ann', PASSWORD, used), 401, 'staff.wrong');
      const next = codeAt(secret, bench.now() + STEP_MS);
      const both = await Promise.all([1, 2].map(() => pass(bench.browser(), 'Ann', PASSWORD, next)));
      assert.deepEqual(both.map(({ status }) => status).sort(), [204, 401]);
      refused(await pass(bench.browser(), 'Ann', PASSWORD, used), 401, 'staff.wrong');
      bench.pass(5 * STEP_MS);
      refused(await pass(bench.browser(), 'Ann', PASSWORD, next), 401, 'staff.wrong');
    });

    it('that is guessed locks out strangers, not its owner: neither their passkey nor the browsers that they use', async () => {
      const { browser, secret } = await byPassword();
      const { body } = await browser.post('/staff/api/account/passkey/options');
      const key = authenticator(ORIGIN);
      await browser.post('/staff/api/account/passkey', { name: '', response: key.create(body) });
      // From everywhere, so that only the account's own limit is met.
      const guess = (i: number) => pass(bench.browser({ address: `198.51.100.${i}` }), 'Ann', TOO_LONG, '000000');
      const guesses = await Promise.all(Array.from({ length: 14 }, (_, i) => guess(i)));
      const statuses = guesses.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [...Array(10).fill(401), ...Array(4).fill(429)]);
      bench.pass(STEP_MS);
      const code = () => codeAt(secret, bench.now());
      const stranger = bench.browser({ address: '203.0.113.9' });
      refused(await pass(stranger, 'Ann', PASSWORD, code()), 429, 'staff.too-many-tries');
      assert.equal((await bench.browser({ address: '203.0.113.9' }).signIn(key)).status, 204);
      assert.equal((await pass(browser, 'Ann', PASSWORD, code())).status, 204);
      assert.deepEqual(
        (await told()).filter((row) => row.includes('guessed')),
        [' guessed'],
      );
      for (let hour = 0; hour < 4; hour += 1) {
        bench.pass(HOUR_MS);
        await Promise.all(Array.from({ length: 11 }, (_, i) => guess(100 + i)));
      }
      bench.pass(HOUR_MS);
      refused(await guess(200), 429, 'staff.too-many-tries');
      assert.equal((await pass(browser, 'Ann', PASSWORD, code())).status, 204);
      bench.pass(24 * HOUR_MS);
      refused(await guess(200), 401, 'staff.wrong');
    });

    it('of nobody is refused just like a wrong one, and as seldom', async () => {
      await byPassword();
      const answers = [];
      for (let i = 0; i < 11; i += 1) {
        answers.push(await pass(bench.browser({ address: `198.51.100.${i}` }), 'Nobody', TOO_LONG, '000000'));
      }
      assert.deepEqual(
        answers.map(({ status }) => status),
        [...Array(10).fill(401), 429],
      );
    });

    it('is tried thirty times from one address, whoever’s it is', async () => {
      const tries = [];
      for (let i = 0; i <= RATES.guess.max; i += 1) {
        tries.push((await pass(bench.browser(), `Somebody ${i}`, TOO_LONG, '000000')).status);
      }
      assert.deepEqual([new Set(tries.slice(0, -1)), tries.at(-1)], [new Set([401]), 429]);
      bench.pass(RATES.guess.windowMs);
      refused(await pass(bench.browser(), 'Somebody', PASSWORD, '000000'), 401, 'staff.wrong');
    });

    it('is changed by whoever has just signed in, and all others who knew it are signed out', async () => {
      const { browser, secret } = await byPassword();
      const other = bench.browser();
      bench.pass(STEP_MS);
      await pass(other, 'Ann', PASSWORD, codeAt(secret, bench.now()));
      const { body } = await browser.post('/staff/api/account/totp');
      const change = { password: 'eight blue corridors', code: codeAt(body.secret, bench.now()) };
      assert.equal((await browser.post('/staff/api/account/password', change)).status, 204);
      assert.equal(await who(other), null);
      assert.equal(await who(browser), 'Ann');
      bench.pass(STEP_MS);
      refused(await pass(other, 'Ann', PASSWORD, codeAt(secret, bench.now())), 401, 'staff.wrong');
      assert.equal((await pass(other, 'Ann', change.password, codeAt(body.secret, bench.now()))).status, 204);
      bench.pass(FRESH_MS_MAX);
      refused(await browser.post('/staff/api/account/totp'), 403, 'staff.sign-in-again');
    });
  });

  describe('a session', () => {
    it('is a cookie that no script reads and no other site sends, and only its hash is kept', async () => {
      const { key } = await owner();
      const browser = bench.browser();
      const { headers } = await browser.signIn(key);
      const set = headers.getSetCookie().find((cookie) => cookie.startsWith('tapcase_staff='))!;
      assert.match(set, /^tapcase_staff=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure$/);
      const token = browser.cookies.get('tapcase_staff')!;
      const [session] = await bench.ledger.sessionsOf('staff', (await bench.ledger.staff())[0]!.id, bench.now());
      assert.equal(session!.label, 'Firefox · Linux');
      assert.equal(await bench.ledger.session('staff', token, bench.now()), undefined);
    });

    it('ends when its person signs out, and its cookie is worth nothing then', async () => {
      const { browser } = await owner();
      const kept = new Map(browser.cookies);
      assert.equal((await browser.post('/staff/api/sign-out')).status, 204);
      assert.equal(await who(browser), null);
      const thief = bench.browser();
      for (const [name, value] of kept) thief.cookies.set(name, value);
      assert.equal(await who(thief), null);
      refused(await thief.get('/staff/api/team'), 401, 'staff.signed-out');
    });

    it('ends after half a day without use, and after a week whatever happens', async () => {
      const { browser, key } = await owner();
      const idle = bench.browser();
      await idle.signIn(key);
      for (let passedMs = 0; passedMs < STAFF_SESSION_MS_MAX - 6 * HOUR_MS; passedMs += 6 * HOUR_MS) {
        assert.equal(await who(browser), 'Ann');
        bench.pass(6 * HOUR_MS);
      }
      assert.equal(await who(idle), null);
      bench.pass(6 * HOUR_MS);
      assert.equal(await who(browser), null);
      const fresh = bench.browser();
      await fresh.signIn(key);
      bench.pass(STAFF_IDLE_MS_MAX);
      assert.equal(await who(fresh), null);
    });

    it('is not kept awake by sockets that come back by themselves', async () => {
      const { browser } = await owner();
      const cookie = Array.from(browser.cookies, ([name, value]) => `${name}=${value}`).join('; ');
      const request = { headers: { cookie } } as IncomingMessage;
      for (let passedMs = 0; passedMs < STAFF_IDLE_MS_MAX; passedMs += HOUR_MS) {
        assert.equal((await bench.whoIs(request, false))?.name, 'Ann');
        bench.pass(HOUR_MS);
      }
      assert.equal(await bench.whoIs(request, false), undefined);
      assert.equal(await who(browser), null);
    });

    it('is replaced by the next one in the same browser, and ended from another one', async () => {
      const { browser, key } = await owner();
      const kept = browser.cookies.get('tapcase_staff')!;
      await browser.signIn(key);
      const thief = bench.browser();
      thief.cookies.set('tapcase_staff', kept);
      assert.equal(await who(thief), null);
      const phone = bench.browser({ agent: 'Mozilla/5.0 (Linux; Android 16) Chrome/150 Mobile' });
      await phone.signIn(key);
      const { body } = await browser.get('/staff/api/account');
      assert.deepEqual(body.sessions.map((row: { label: string; isThis: boolean }) => [row.label, row.isThis]).sort(), [
        ['Chrome · Android', false],
        ['Firefox · Linux', true],
      ]);
      const { id } = body.sessions.find((row: { isThis: boolean }) => !row.isThis);
      assert.equal((await browser.post('/staff/api/account/session/end', { id })).status, 204);
      assert.equal(await who(phone), null);
      refused(await browser.post('/staff/api/account/session/end', { id }), 404, 'staff.unknown');
      await phone.signIn(key);
      assert.equal((await browser.post('/staff/api/account/sessions/end')).status, 204);
      assert.deepEqual([await who(phone), await who(browser)], [null, 'Ann']);
    });

    it('tells the editor and the dashboards who somebody is, and stops telling when it ends', async () => {
      const { browser } = await owner();
      const request = new IncomingMessage(new Socket());
      request.headers.cookie = `a=b; tapcase_staff=${browser.cookies.get('tapcase_staff')}; c=d`;
      const member = (await bench.whoIs(request))!;
      assert.deepEqual([member.name, member.role, member.signedInAtMs], ['Ann', 'owner', bench.now()]);
      await recordAct(bench.ledger, { person: member, address: '192.0.2.1', atMs: bench.now() }, 'refund', 'visit01', {
        amountMinor: 250,
      });
      assert.equal((await told()).at(-1), 'Ann refund');
      await bench.ledger.endSessions('staff', member.id);
      assert.equal((await bench.whoIs(request))?.name, 'Ann');
      bench.pass(2_000);
      assert.equal(await bench.whoIs(request), undefined);
      request.headers.cookie = `tapcase_staff=${'A'.repeat(43)}; tapcase_staff=${'B'.repeat(43)}`;
      assert.equal(await bench.whoIs(request), undefined);
    });
  });

  describe('a request', () => {
    it('that another page makes is refused, whatever its cookies', async () => {
      const { browser } = await owner();
      const from = (headers: Record<string, string>) => browser.post('/staff/api/account/sessions/end', {}, headers);
      const site = 'sec-fetch-site';
      refused(await from({ origin: 'https://evil.example', [site]: 'cross-site' }), 403, 'staff.foreign');
      refused(await from({ origin: 'https://evil.example' }), 403, 'staff.foreign');
      refused(await from({ origin: 'http://staff.example.com:8080', [site]: 'same-site' }), 403, 'staff.foreign');
      refused(await from({ [site]: 'same-site' }), 403, 'staff.foreign');
      refused(await from({ origin: 'null', [site]: 'same-origin' }), 403, 'staff.foreign');
      refused(await from({ 'content-type': 'text/plain' }), 403, 'staff.foreign');
      const bare = { method: 'POST', headers: { cookie: `tapcase_staff=${browser.cookies.get('tapcase_staff')}` } };
      const response = await fetch(`http://127.0.0.1:${bench.port}/staff/api/account/sessions/end`, bare);
      assert.equal(response.status, 403);
      assert.equal((await from({})).status, 204);
    });

    it('that is deep, large, no JSON or has more than belongs into it is refused and harms nothing', async () => {
      const { browser, key } = await owner();
      const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
      for (const path of ['/staff/api/sign-in/password', '/staff/api/sign-out', '/staff/api/invitation']) {
        refused(await browser.post(path, deep), 400, 'request.invalid');
      }
      refused(await browser.post('/staff/api/sign-out', `"${'x'.repeat(40_000)}"`), 413, 'request.too-large');
      refused(await browser.post('/staff/api/sign-out', '{"a":'), 400, 'request.not-json');
      refused(await browser.post('/staff/api/sign-out', '{"__proto__":{"x":1}}'), 400, 'request.invalid');
      for (const bad of [{}, { login: { a: 1 }, password: PASSWORD, code: '000000' }]) {
        refused(await browser.post('/staff/api/sign-in/password', bad), 400, 'request.invalid');
      }
      refused(await browser.get('/staff/api/me?x=1'), 400, 'request.invalid');
      refused(await browser.get('/staff/api/audit?before=-1'), 400, 'request.invalid');
      refused(await browser.get('/staff/api/nothing'), 404, 'staff.not-found');
      refused(await browser.get('/staff/api/sign-out'), 404, 'staff.not-found');
      // A browser's extensions may be anything: nothing of them is read.
      const { body } = await browser.post('/staff/api/sign-in/passkey/options');
      const clientExtensionResults = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`);
      const response = { ...key.get(body), clientExtensionResults };
      assert.equal((await browser.post('/staff/api/sign-in/passkey', { response })).status, 204);
      assert.deepEqual(bench.log, []);
    });

    it('for anything but what is open to nobody wants a session', async () => {
      for (const [name, { needs }] of Object.entries(STAFF_ROUTES)) {
        const [method, path = ''] = name.split(' ');
        const browser = bench.browser();
        const answer = method === 'GET' ? await browser.get(path) : await browser.post(path, SAMPLES[path] ?? {});
        if (needs === 'nobody') assert.notEqual(answer.body?.error?.code, 'staff.signed-out', name);
        else refused(answer, 401, 'staff.signed-out');
      }
    });

    it('while the ledger cannot be used is answered so, and nobody is taken for somebody', async () => {
      const { browser } = await owner();
      await bench.ledger.close();
      bench.whoIs.forget();
      const answer = await browser.get('/staff/api/team');
      refused(answer, 503, 'ledger.unavailable');
      assert.equal(answer.headers.get('retry-after'), '1');
      refused(await browser.post('/staff/api/sign-in/passkey/options'), 503, 'ledger.unavailable');
    });

    it('that meets a mistake of ours is told so, without a word about it', async () => {
      const { browser } = await owner();
      const fails = async () => Promise.reject(new TypeError('secret cause'));
      const broken = new Proxy(bench.ledger, {
        get: (ledger, name) => (name === 'staff' ? fails : ledger[name as keyof typeof ledger]),
      });
      const app = express();
      const log: string[] = [];
      const options = { ledger: broken, origin: ORIGIN, pagesFolder: '.', now: bench.now };
      app.use(staffIdentity({ ...options, log: (line) => log.push(line) }));
      const server = app.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const cookie = `tapcase_staff=${browser.cookies.get('tapcase_staff')}`;
      const response = await fetch(`http://127.0.0.1:${port}/staff/api/team`, { headers: { cookie } });
      const answer = await response.text();
      server.close();
      assert.equal(response.status, 500);
      assert.match(answer, /"code":"staff\.failed"/);
      assert.doesNotMatch(answer, /secret cause/);
      assert.match(log.join(), /secret cause/);
    });

    it('for a page gets it without a session and with a policy; what is not of the staff goes on', async () => {
      const browser = bench.browser();
      for (const path of ['/', '/sign-in', '/invite/abc', '/team', '/audit', '/account', '/restock']) {
        const { status, body, headers } = await browser.get(path);
        assert.equal(status, 200, path);
        assert.match(body, /<div id="app">/);
        assert.match(headers.get('content-security-policy') ?? '', /default-src 'self';.*frame-ancestors 'none'/);
        assert.equal(headers.get('referrer-policy'), 'no-referrer');
        assert.equal(headers.get('cache-control'), 'no-cache');
      }
      assert.equal((await browser.get('/staff/api/me')).headers.get('cache-control'), 'no-store');
      for (const path of ['/editor', '/dashboard/money', '/api/me']) {
        assert.equal((await browser.get(path)).status, 418);
      }
    });
  });
});

/** Bodies that their schema takes, so that the session is what is asked for. */
const ID = 'a'.repeat(22);
const RESPONSE = authenticator(ORIGIN).create({ challenge: 'x', user: { id: 'eA' } });
const SAMPLES: Readonly<Record<string, object>> = {
  '/staff/api/account/session/end': { id: ID },
  '/staff/api/account/passkey': { name: '', response: RESPONSE },
  '/staff/api/account/passkey/remove': { id: ID },
  '/staff/api/account/password': { password: PASSWORD, code: '000000' },
  '/staff/api/team/invite': { name: 'Bob', role: 'technician' },
  '/staff/api/team/revoke': { id: ID },
  '/staff/api/team/link': { id: ID },
  '/staff/api/team/role': { id: ID, role: 'owner' },
  '/staff/api/team/disabled': { id: ID, disabled: true },
  '/staff/api/team/session/end': { id: ID, sessionId: ID },
  '/staff/api/team/sessions/end': { id: ID },
};

function wrongCode(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

function refused({ status, body }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, body?.error?.code], [expected, code]);
}
