// One of the cloud's staff opens a Pi: the cloud's answer lets in the browser that asked, at that Pi, for a minute, and nobody else.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault, type StaffRole } from '@tapcase/domain';
import { deriveDeviceKey } from '@tapcase/node-red-contrib-hmac';
import express, { type Express } from 'express';
import { edgeSignIn } from '../../host/edge-sign-in.ts';
import { edgeSignOn, isOfAPi } from '../../host/edge-sign-on.ts';
import { EDGE_TOKEN_MS, edgeTokens } from '../../host/edge-token.ts';
import { editorPass } from '../../host/editor-pass.ts';
import type { Member } from '../../host/member.ts';
import { staffDoor } from '../../host/staff-door.ts';
import { staffGuard } from '../../host/staff-guard.ts';
import { cloudAsks, edgeNeeds, staffNeeds } from '../../host/staff-http.ts';

const MASTER = Buffer.alloc(32, 7);
const HOUR_MS = 3_600_000;
const keyOf = (caseId: string, device: 'pi' | 'controller' = 'pi') => deriveDeviceKey(MASTER, caseId, device);
const owner: Member = { id: 'p1', name: 'Olga', role: 'owner', sessionId: 's1' };

describe('a Pi that the cloud’s staff open', () => {
  const servers: Server[] = [];
  let clockMs: number;
  let cloud: string;
  let edge: string;
  let other: string;
  /** Whoever has signed in at the cloud. */
  let member: Member | undefined;
  let told: string[];
  const now = () => clockMs;

  const listening = async (app: Express): Promise<string> => {
    const server = createServer(app);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const pi = (caseId: string, staffUrl = cloud) => {
    const guard = staffGuard({ owner: 'the owner of this Pi', technician: '' });
    const { pages, ...signIn } = edgeSignIn({ caseId, deviceKey: keyOf(caseId), staffUrl, guard, now });
    const door = staffDoor({ ...signIn, pass: editorPass(), origin: '', needs: edgeNeeds, costs: () => 1 });
    door.stop();
    const app = express();
    app.use(pages, door.middleware);
    app.use((_request, response) => void response.json(response.locals.staff));
    return listening(app);
  };

  beforeEach(async () => {
    [clockMs, member, told] = [1_763_678_400_000, owner, []];
    const app = express();
    const identity = { who: async () => member, stillIs: async () => true };
    const door = staffDoor({
      identity,
      pass: editorPass(),
      origin: '',
      needs: staffNeeds,
      costs: () => 1,
      ...cloudAsks,
    });
    door.stop();
    const caseProblem = (caseId: string) => (caseId === '999' ? new Fault('case.unknown', 'no such case') : undefined);
    const signedOn = async ({ name }: Member, caseId: string) => void told.push(`${name} ${caseId}`);
    app.use(door.middleware, edgeSignOn({ masterKey: MASTER, edgeUrls: [], caseProblem, signedOn, now }));
    cloud = await listening(app);
    edge = await pi('123');
    other = await pi('124');
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** Follows nothing by itself; keeps cookies by name. */
  function browser() {
    const cookies = new Map<string, string>();
    const get = async (url: string, headers: Record<string, string> = { accept: 'text/html' }) => {
      const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie, ...headers } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      return {
        status: answer.status,
        location: location ?? '',
        text: await answer.text(),
        set: answer.headers.getSetCookie(),
      };
    };
    /** From the Pi to the cloud and back to its answer. */
    const asked = async (at: string) => {
      const to = await get(`${at}/sign-in/cloud?next=${encodeURIComponent('/editor/?x=1')}`);
      return (await get(to.location)).location;
    };
    return { cookies, get, asked };
  }

  it('is led to a page that names both ways, and by the cloud back to where it was', async () => {
    const { get, asked, cookies } = browser();
    const first = await get(`${edge}/editor/?x=1`);
    assert.deepEqual([first.status, first.location], [302, '/sign-in?next=%2Feditor%2F%3Fx%3D1']);
    const page = await get(`${edge}${first.location}`);
    assert.match(page.text, /\/sign-in\/cloud\?next=%2Feditor/);
    assert.match(page.text, /\/sign-in\/here\?next=%2Feditor/);
    const back = await get(await asked(edge));
    assert.deepEqual([back.status, back.location], [302, '/editor/?x=1']);
    assert.match(back.set.join(), /tapcase_edge_123=[^;]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax/);
    assert.deepEqual([...cookies.keys()], ['tapcase_edge_123']);
    const { id, name, role } = JSON.parse((await get(`${edge}/editor/flows`)).text) as Member;
    assert.deepEqual([id, name, role], ['p1', 'Olga', 'owner']);
    assert.deepEqual(told, ['Olga 123']);
  });

  it('ends by itself after an hour, and the cloud is asked again: it has ended there, or it has not', async () => {
    const { get, asked } = browser();
    await get(await asked(edge));
    clockMs += HOUR_MS - 1;
    assert.equal((await get(`${edge}/editor/flows`)).status, 200);
    clockMs += 1;
    assert.equal((await get(`${edge}/editor/flows`)).status, 302);
    await get(await asked(edge));
    assert.equal((await get(`${edge}/editor/flows`)).status, 200);
    clockMs += HOUR_MS;
    member = undefined;
    assert.match(await asked(edge), /^\/sign-in/);
    assert.equal((await get(`${edge}/editor/flows`)).status, 302);
  });

  it('is told nothing of a case that there is not, and nothing is written down', async () => {
    const { get } = browser();
    const asked = new URLSearchParams({ case: '999', nonce: 'n'.repeat(43), at: 'http://localhost:1880' });
    const answer = await get(`${cloud}/staff/edge?${asked}`);
    assert.equal(answer.status, 404);
    assert.match(answer.text, /case\.unknown/);
    assert.deepEqual(told, []);
  });

  it('asks nobody in who has not signed in at the cloud, nor whose role sees no device', async () => {
    member = undefined;
    const { get, asked } = browser();
    assert.match(await asked(edge), /^\/sign-in\?next=%2Fstaff%2Fedge%3Fcase%3D123%26nonce%3D/);
    member = { ...owner, role: 'restocker' };
    const to = await get(`${edge}/sign-in/cloud`);
    assert.equal((await get(to.location)).status, 403);
    assert.deepEqual(told, []);
  });

  it('takes an answer once, within a minute, in the browser that asked, at the Pi that asked', async () => {
    const { get, asked, cookies } = browser();
    const answer = await asked(edge);
    const another = browser();
    assert.equal((await another.get(answer)).status, 410);
    await another.asked(edge);
    assert.equal((await another.get(answer)).status, 410);
    assert.equal((await get(answer.replace(edge, other))).status, 410);

    const question = cookies.get('tapcase_edge_asks_123')!;
    assert.equal((await get(answer)).status, 302);
    cookies.set('tapcase_edge_asks_123', question);
    assert.equal((await get(answer)).status, 410);

    const late = await asked(edge);
    clockMs += EDGE_TOKEN_MS;
    assert.equal((await get(late)).status, 410);
  });

  it('takes none that the cloud did not make for it', async () => {
    const { get, asked, cookies } = browser();
    const answer = await asked(edge);
    const [, nonce = ''] = /"nonce":"([^"]+)"/.exec(
      Buffer.from(cookies.get('tapcase_edge_asks_123')!.split('.')[0]!, 'base64url').toString(),
    )!;
    const words = { caseId: '123', nonce, id: 'p1', name: 'Olga', role: 'owner' as StaffRole };
    const until = clockMs + EDGE_TOKEN_MS;
    const [body = '', mac = ''] = new URL(answer).searchParams.get('token')!.split('.');
    const richer = Buffer.from(JSON.stringify({ words: { ...words, name: 'Eve' }, untilMs: until })).toString(
      'base64url',
    );
    for (const token of [
      '',
      'x',
      `${body}.`,
      `${body}.${mac}.${mac}`,
      `${richer}.${mac}`,
      edgeTokens(keyOf('124')).make(words, until),
      edgeTokens(keyOf('123', 'controller')).make(words, until),
      edgeTokens(keyOf('123')).make({ ...words, caseId: '124' }, until),
      edgeTokens(keyOf('123')).make({ ...words, nonce: 'another' }, until),
      'a'.repeat(3_000),
    ]) {
      assert.equal((await get(`${edge}/sign-in/cloud/back?token=${token}`)).status, 410, token);
    }
    // A session is no answer, and an answer no session.
    cookies.set('tapcase_edge_123', edgeTokens(keyOf('123')).make(words, until));
    assert.equal((await get(`${edge}/editor/flows`)).status, 302);
    assert.equal((await get(answer)).status, 302);
  });

  it('is told nothing at an address that is no Pi’s: not localhost, not of EDGE_URLS', async () => {
    const { get } = browser();
    const nonce = 'n'.repeat(43);
    for (const at of [
      'https://evil.example',
      'http://localhost@evil.example',
      'javascript:0',
      'http://localhost/x',
      '//x',
    ]) {
      const asked = new URLSearchParams({ case: '123', nonce, at });
      const answer = await get(`${cloud}/staff/edge?${asked}`);
      assert.deepEqual([answer.status, answer.location], [403, ''], at);
    }
    for (const query of ['', `case=../x&nonce=${nonce}&at=${edge}`, `case=123&nonce=short&at=${edge}`]) {
      assert.equal((await get(`${cloud}/staff/edge?${query}`)).status, 400, query);
    }
    assert.ok(isOfAPi('http://pi.lan:1880', ['http://pi.lan:1880']));
    assert.ok(isOfAPi('http://[::1]:1880', []));
    assert.ok(!isOfAPi('http://pi.lan:1880', ['http://pi.lan:1881']));
    assert.deepEqual(told, []);
  });

  it('without network lets its own owner in by the password, and keeps them in', async () => {
    const { get } = browser();
    const authorization = `Basic ${btoa('owner:the owner of this Pi')}`;
    const refused = await get(`${edge}/sign-in/here`);
    assert.deepEqual(refused.status, 401);
    assert.equal((await get(`${edge}/sign-in/here`, { authorization: `Basic ${btoa('technician:')}` })).status, 401);
    const inside = await get(`${edge}/sign-in/here?next=//evil.example`, { authorization });
    assert.deepEqual([inside.status, inside.location], [302, '/']);
    assert.equal((JSON.parse((await get(`${edge}/editor/flows`)).text) as Member).name, 'owner');
  });

  it('who guesses its passwords is not told of the right one either, until a minute has passed', () => {
    let nowMs = 0;
    const guard = staffGuard({ owner: 'the owner of this Pi', technician: '' }, () => nowMs);
    const tried = (password: string, remoteAddress = '10.0.0.1') => {
      const authorization = `Basic ${btoa(`owner:${password}`)}`;
      return guard.memberOf({ headers: { authorization }, socket: { remoteAddress } } as never)?.role;
    };
    for (let time = 0; time < 10; time += 1) assert.equal(tried(`guess ${time}`), undefined);
    assert.equal(tried('the owner of this Pi'), undefined);
    assert.equal(tried('the owner of this Pi', '10.0.0.2'), 'owner');
    nowMs = 60_000;
    assert.equal(tried('the owner of this Pi'), 'owner');
  });

  it('without a cloud (STAFF_URL) asks for its own password at once', async () => {
    const alone = await pi('125', '');
    const { get } = browser();
    assert.equal((await get(`${alone}/editor/`)).status, 401);
    const authorization = `Basic ${btoa('owner:the owner of this Pi')}`;
    assert.equal((await get(`${alone}/editor/`, { authorization })).status, 200);
  });

  it('a link on another site leads in all the same: the cookie comes with the second step', async () => {
    member = undefined;
    const { get } = browser();
    const foreign = { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' };
    const { status, text } = await get(`${cloud}/why/abc?a=1&b=2`, foreign);
    assert.deepEqual([status, /content="0;url=\/why\/abc\?a=1&amp;b=2"/.test(text)], [200, true]);
    const own = { ...foreign, 'sec-fetch-site': 'same-origin' };
    assert.equal((await get(`${cloud}/why/abc?a=1&b=2`, own)).location, '/sign-in?next=%2Fwhy%2Fabc%3Fa%3D1%26b%3D2');
  });
});
