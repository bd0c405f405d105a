// Somebody without an account at the front door: whatever they send is answered, and the shop sells on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { within } from '../../patience.ts';
import type { ShopBench } from '../shop-bench.ts';

/** Deep enough for any recursion over it to run out of stack, and small. */
const DEPTH = 6_000;
const deep = (depth = DEPTH) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

export function stranger({ shop }: ShopBench): void {
  const at = (path: string) => `${shop().shop.shopUrl}${path}`;
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
    assert.equal((await within('the edge', fetch(edgeAt('/editor/')))).status, 200);
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
    const [status] = await sends('PUT', '/api/evidence/123/abcdefabcdef/before-0.json', deep());
    assert.equal(status, 403);
  });

  it('what no route of the shop’s is: not found before any flow hears of it', async () => {
    for (const path of ['/api/nothing', '/api/sign-in/code/more', '/firmware/']) {
      assert.deepEqual(await sends('POST', path, deep()), [404, 'api.unknown']);
    }
  });

  it('a body to a path of an operator’s own: no deeper than a person writes', async () => {
    assert.deepEqual(await sends('POST', '/mine', deep()), [400, 'request.invalid']);
  });

  for (const where of ['cloud', 'edge'] as const) {
    const editor = (path: string) => (where === 'cloud' ? at(path) : edgeAt(path));

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
        const closed = once(socket, 'close');
        socket.on('error', () => {});
        socket.write(`${[...head, ...key].join('\r\n')}\r\n\r\n`, () => socket.resetAndDestroy());
        await within('the end of it', closed);
      }
    });

    it(`broken JSON at the ${where}’s editor: a code, and no word of how it is made`, async () => {
      const headers = { 'content-type': 'application/json', accept: 'text/html' };
      const answer = await fetch(editor('/editor/auth/token'), { method: 'POST', headers, body: '{"a":' });
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
