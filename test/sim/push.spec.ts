// The stand-in push service, as a sender and as a test that looks at what came.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pushService } from '@tapcase/sim/push/push-service';
import express from 'express';

// The encoding of a real push message, which no HTTP reader may try to undo.
const HEADERS = {
  authorization: 'vapid t=token, k=key',
  'content-encoding': 'aes128gcm',
  ttl: '60',
  topic: 'receipt',
};

describe('The push service stand-in', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = express()
      .use(pushService(() => 1_000))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const push = async (token: string, headers: Record<string, string> = HEADERS, body: BodyInit = 'secret') => {
    const response = await fetch(`${url}/push/${token}`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  };
  const delivered = async (token: string) => (await fetch(`${url}/sim/push/${token}`)).json();

  it('takes a message and shows when it came, its headers and its sealed body', async () => {
    assert.equal(await push('phone-one'), 201);
    assert.deepEqual(await delivered('phone-one'), [
      {
        atMs: 1_000,
        ttlSeconds: 60,
        topic: 'receipt',
        urgency: null,
        body: Buffer.from('secret').toString('base64url'),
      },
    ]);
    assert.deepEqual(await delivered('phone-two'), []);
  });

  it('refuses what a real service refuses: no key, no TTL, too long, a token that cannot be', async () => {
    assert.equal(await push('phone-one', { ttl: '60' }), 401);
    assert.equal(await push('phone-one', { authorization: HEADERS.authorization }), 400);
    assert.equal(await push('phone-one', { ...HEADERS, ttl: '-1' }), 400);
    assert.equal(await push('phone-one', HEADERS, 'x'.repeat(4_097)), 413);
    assert.equal(await push('short'), 404);
    assert.equal(await push('a'.repeat(65)), 404);
    assert.deepEqual(await delivered('phone-one'), []);
  });

  it('answers "gone" for a phone that was thrown away', async () => {
    await push('phone-one');
    assert.equal((await fetch(`${url}/sim/push/phone-one`, { method: 'DELETE' })).status, 204);
    assert.equal(await push('phone-one'), 410);
    assert.deepEqual(await delivered('phone-one'), []);
  });

  it('keeps the newest fifty messages of a phone and the newest hundred phones', async () => {
    for (let n = 0; n < 55; n++) await push('phone-one', { ...HEADERS, topic: `n${n}` });
    const kept = await delivered('phone-one');
    assert.equal(kept.length, 50);
    assert.equal(kept.at(-1).topic, 'n54');
    for (let n = 0; n < 100; n++) await push(`other-phone-${n}`);
    assert.deepEqual(await delivered('phone-one'), []);
    assert.equal((await delivered('other-phone-99')).length, 1);
  });
});
