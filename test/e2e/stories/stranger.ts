// Somebody without an account at the front door: whatever they send is answered, and the shop sells on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { closed, within } from '../../patience.ts';
import type { ShopBench } from '../shop-bench.ts';

/** The Pi's own. */
export const EDGE_PASSWORD = 'a-long-owner-password';

/** Deep enough for any recursion over it to run out of stack, and small. */
const DEPTH = 6_000;
const deep = (depth = DEPTH) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

export function stranger({ shop, staff }: ShopBench): void {
  const owner = staff('owner');
  const edgeOwner = () => ({ authorization: `Basic ${btoa(`owner:${EDGE_PASSWORD}`)}` });
  const at = (path: string) => `${shop().shop.shopUrl}${path}`;
  const staffAt = (path: string) => `${shop().shop.staffUrl}${path}`;
  const edgeAt = (path: string) => `${shop().shop.edgeUrl}${path}`;
  const sends = async (method: string, path: string, body: string, type = 'application/json') => {
    const headers = { 'content-type': type };
    const response = await within(path, fetch(at(path), { method, headers, body, redirect: 'manual' }));
    const { error } = (await response.json().catch(() => ({}))) as { error?: { code: string } };
    return [response.status, error?.code] as const;
  };
  /** Signing out asks nobody: as long as it is answered the shop is there. */
  afterEach(async () => {
    const { status } = await within('the shop', fetch(at('/api/sign-out'), { method: 'POST' }));
    assert.equal(status, 204);
    assert.equal((await within('the edge', fetch(edgeAt('/editor/'), { headers: edgeOwner() }))).status, 200);
  });

  for (const [method, path] of [
    ['POST', '/api/sign-in'],
    ['POST', '/api/sign-in/code'],
    ['POST', '/api/sign-out'],
    ['POST', '/api/cards'],
    ['POST', '/api/cases/123/unlock'],
    ['POST', '/api/push'],
    ['POST', '/api/visits/abcdefabcdef/pay'],
  ] as const) {
    it(`${method} ${path}, as deep as a stack: refused`, async () => {
      assert.deepEqual(await sends(method, path, deep()), [400, 'request.invalid']);
      assert.deepEqual(await sends(method, path, `{"email":${deep()}}`), [400, 'request.invalid']);
      assert.deepEqual(await sends(method, path, '{"email":'), [400, 'request.not-json']);
    });
  }

  it('a tap with one field more: refused', async () => {
    const tap = { requestId: 'aaaaaaaa-1', language: 'en' };
    const path = '/api/cases/123/unlock';
    assert.deepEqual(await sends('POST', path, `${JSON.stringify(tap).slice(0, -1)},"more":${deep()}}`), [
      400,
      'request.invalid',
    ]);
    // Well-formed, and from nobody.
    assert.deepEqual(await sends('POST', path, JSON.stringify(tap)), [401, 'session.missing']);
  });

  it('a picture that is deep JSON: no picture', async () => {
    const path = '/api/evidence/123/abcdefabcdef/before-0.json';
    assert.deepEqual(await sends('PUT', path, deep(), 'application/octet-stream'), [403, 'picture.bad-signature']);
    assert.deepEqual(await sends('PUT', path, deep()), [415, 'request.wrong-type']);
  });

  it('what no route of the shop’s is: not found before any flow hears of it', async () => {
    for (const path of ['/api/nothing', '/api/sign-in/code/more', '/firmware/']) {
      assert.deepEqual(await sends('POST', path, deep()), [404, 'api.unknown']);
    }
  });

  it('a body to a path of an operator’s own: no deeper than a person writes', async () => {
    assert.deepEqual(await sends('POST', '/own/mine', deep()), [400, 'request.invalid']);
    const form = 'application/x-www-form-urlencoded';
    assert.deepEqual(await sends('POST', '/own/mine', `a${'[b]'.repeat(DEPTH)}=1`, form), [400, 'request.invalid']);
  });

  it('a form, a text or a body where none belongs: refused', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      assert.deepEqual(await sends('POST', '/api/sign-out', 'a=1', type), [415, 'request.wrong-type']);
    }
    const { hostname, port } = new URL(at('/'));
    const socket = connect(Number(port), hostname);
    const heard: Buffer[] = [];
    socket.on('data', (data) => heard.push(data));
    socket.write('GET /api/me HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
    await within('the end', closed(socket));
    assert.match(Buffer.concat(heard).toString(), /^HTTP\/1\.1 413 /);
  });

  it('a query in brackets: no deeper than a list', async () => {
    assert.equal((await fetch(at(`/api/me?a${'[b]'.repeat(2_000)}=1&__proto__[x]=1`))).status, 200);
  });

  it('what is staff’s: not there at all', async () => {
    for (const path of [
      ...['/editor', '/editor/', '/EDITOR/', '/editor/flows', '/editor/settings', '/dashboard', '/dashboard/money'],
      ...['/Dashboard/money', '/dashboard/socket.io/?EIO=4&transport=polling', '/why/abcdef', '/Why/abcdef'],
      ...[
        '/api/staff/reviews.jsonl',
        '/api/staff/visits/abcdef/why',
        '/API/Staff/visits/abcdef/why',
        '/ui',
        '/auth/token',
      ],
    ]) {
      const answer = await within(path, fetch(at(path), { headers: owner(), redirect: 'manual' }));
      assert.equal(answer.status, 404, path);
    }
    for (const path of [
      '/editor/comms',
      '/dashboard/socket.io/?EIO=4&transport=websocket',
      '/own/../editor/comms',
      '/',
    ]) {
      const { hostname, port } = new URL(at('/'));
      const socket = connect(Number(port), hostname);
      const heard: Buffer[] = [];
      socket.on('data', (data) => heard.push(data));
      const head = [`GET ${path} HTTP/1.1`, 'host: x', 'connection: upgrade', 'upgrade: websocket'];
      const key = ['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='];
      socket.write(`${[...head, ...key].join('\r\n')}\r\n\r\n`);
      await within('the end', closed(socket));
      assert.match(Buffer.concat(heard).toString(), /^HTTP\/1\.1 404 /, path);
    }
  });

  it('what is the customers’: not on the staff’s listener, and nothing there for nobody', async () => {
    for (const path of ['/api/me', '/case/123', '/firmware/123/manifest', '/own/mine', '/sw.js', '/healthz']) {
      assert.equal((await fetch(staffAt(path))).status, 401, path);
      assert.equal((await fetch(staffAt(path), { headers: owner() })).status, 404, path);
    }
  });

  it('a foreign page with what its visitor’s browser has for us: turned away', async () => {
    for (const origin of ['https://evil.example', new URL(at('/')).origin, 'null']) {
      const headers = { ...owner(), ...edgeOwner(), origin, 'content-type': 'text/plain' };
      const path = '/dashboard/socket.io/?EIO=4&transport=polling';
      for (const url of [staffAt(path), edgeAt(path)]) {
        const answer = await fetch(url, { method: 'POST', headers, body: '40' });
        assert.equal(answer.status, 403, `${url} from ${origin}`);
      }
    }
  });

  it('whether the shop is alive, and ready: told to everybody', async () => {
    const alive = await fetch(at('/healthz'));
    assert.deepEqual([alive.status, await alive.text()], [200, 'ok']);
    const ready = await fetch(at('/readyz'));
    const all = { ready: true, ledger: true, broker: true, flows: true };
    assert.deepEqual([ready.status, await ready.json()], [200, all]);
  });

  for (const where of ['cloud', 'edge'] as const) {
    const editor = (path: string) => (where === 'cloud' ? staffAt(path) : edgeAt(path));

    it(`a password that is no text, at the ${where}’s editor: refused`, async () => {
      const client = { client_id: 'node-red-editor', grant_type: 'password', scope: '' };
      for (const wrong of [{ password: { a: 1 } }, { password: ['x'] }, { password: 1 }, { password: null }, {}]) {
        const body = JSON.stringify({ ...client, username: 'owner', ...wrong });
        const headers = { 'content-type': 'application/json' };
        const tried = fetch(editor('/editor/auth/token'), { method: 'POST', headers, body });
        const { status } = await within('an answer', tried);
        assert.ok(status >= 400 && status < 500, `${body}: ${status}`);
      }
    });

    for (const [what, frame] of [
      ['null', 'null'],
      ['a deep sign-in', `{"auth":${deep(20_000)}}`],
    ] as const) {
      it(`${what} on the socket of the ${where}’s editor: not let in`, async () => {
        const socket = new WebSocket(editor('/editor/comms').replace('http', 'ws'));
        const refused = once(socket, 'error');
        socket.addEventListener('open', () => socket.send(frame));
        await within('a refusal', refused);
      });
    }

    it(`sockets of the ${where} that are reset as they open`, async () => {
      const { hostname, port } = new URL(editor('/'));
      const paths = ['/editor/comms', 'http://x/editor/comms', '//editor/comms', '/nothing', '/dashboard/socket.io/'];
      for (const path of paths.flatMap((each) => Array.from({ length: 8 }, () => each))) {
        const socket = connect(Number(port), hostname);
        const head = [`GET ${path} HTTP/1.1`, 'host: x', 'connection: upgrade', 'upgrade: websocket'];
        const key = ['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='];
        const gone = closed(socket);
        socket.write(`${[...head, ...key].join('\r\n')}\r\n\r\n`, () => socket.resetAndDestroy());
        await within('the end of it', gone);
      }
    });

    it(`broken JSON at the ${where}’s editor: a code, and no word of how it is made`, async () => {
      const headers = { 'content-type': 'application/json', accept: 'text/html' };
      const send = (who: Record<string, string>) =>
        fetch(editor('/editor/flows'), { method: 'POST', headers: { ...headers, ...who }, body: '{"a":' });
      assert.equal((await send({})).status, 401);
      const answer = await send(where === 'cloud' ? owner() : edgeOwner());
      assert.equal(answer.status, 400);
      const text = await answer.text();
      assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, 'api.bad-request');
    });

    it(`no session of the ${where}’s dashboard without a password`, async () => {
      const answer = await fetch(editor('/dashboard/socket.io/?EIO=4&transport=polling'));
      assert.equal(answer.status, 401);
    });

    it(`nor on that of the ${where}’s dashboard`, async () => {
      const socket = new WebSocket(editor('/dashboard/socket.io/?EIO=4&transport=websocket').replace('http', 'ws'));
      await within('a refusal', once(socket, 'error'));
    });
  }
}
