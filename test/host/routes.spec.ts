// The table of what strangers may ask holds what the shop's flows answer, no less and no more; and what the bodies of an
// operator's own requests may be.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { readBodies } from '../../host/bodies.ts';
import { readFlows } from '../../host/flows/storage.ts';
import { shopApp, untaken } from '../../host/http.ts';
import { BODY_BYTES_MAX, ROUTES, SHOP_ROOTS } from '../../host/routes.ts';
import { within } from '../patience.ts';

describe('the table of routes', () => {
  it('has every request that the shop’s flows wait for', () => {
    const { core } = readFlows(join(import.meta.dirname, '..', '..', 'flows'));
    const waiting = core.filter(({ type }) => type === 'http in').map(({ method, url }) => `${method} ${url}`);
    assert.ok(waiting.length > 15);
    assert.deepEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort(), waiting.sort());
  });
});

describe('a request of the shop’s while no flow takes it, as during a Deploy', () => {
  it('is to be asked again, and what is none of its own is not', async () => {
    const [pwaFolder, picturesFolder] = ['pwa/dist', 'pictures'];
    const options = {
      publicUrl: 'http://shop.test',
      pwaFolder,
      picturesFolder,
      staff: (_: unknown, __: unknown, next: () => void) => next(),
    };
    const app = shopApp(options);
    untaken(app, options);
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const asked = async (path: string) => {
        const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
        const { error } = (await response.json()) as { error: { code: string } };
        return [response.status, error.code, response.headers.get('retry-after')];
      };
      assert.deepEqual(await asked('/api/me'), [503, 'shop.starting', '1']);
      assert.deepEqual(await asked('/api/visits/abcdef'), [503, 'shop.starting', '1']);
      assert.deepEqual(await asked('/api/nothing'), [404, 'api.unknown', null]);
    } finally {
      server.close();
    }
  });
});

describe('bodies of strangers', () => {
  let server: Server;
  let port: number;
  before(async () => {
    const app = express();
    app.use(readBodies({ routes: ROUTES, roots: SHOP_ROOTS }));
    // As a node reads that hands on the bytes as they came.
    app.use(express.raw({ type: () => true, limit: BODY_BYTES_MAX }));
    app.use((request, response) => {
      const { body } = request as { body: unknown };
      response.json(Buffer.isBuffer(body) ? { bytes: body.toString() } : { body });
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());

  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await within('an answer', fetch(`http://127.0.0.1:${port}${path}`, options));
    return [response.status, await response.json()] as const;
  };
  const refused = async (...given: Parameters<typeof post>) => {
    const [status, answer] = await post(...given);
    return [status, (answer as { error?: { code: string } }).error?.code];
  };

  it('come as the schema has them: no field more, no prototype', async () => {
    const given = { email: 'a@b.example', code: '123456' };
    assert.deepEqual(await post('/api/sign-in', JSON.stringify(given)), [200, { body: given }]);
    for (const more of ['"more":1', '"__proto__":{"admin":true}', '"constructor":{}']) {
      const [status, answer] = await post('/api/sign-in', `${JSON.stringify(given).slice(0, -1)},${more}}`);
      if (status === 200) assert.deepEqual(answer, { body: given });
      else assert.equal(status, 400, more);
    }
  });

  it('of an operator’s own request: as they came, to the byte', async () => {
    const body = `{ "a" : [1, 2,   {"b": "ü${'x'.repeat(20_000)}"}] }`;
    assert.deepEqual(await post('/mine', body), [200, { bytes: body }]);
    assert.deepEqual(await post('/mine', ''), [200, { bytes: '' }]);
    assert.deepEqual(await post('/mine', 'as it is', { 'content-type': 'text/plain' }), [200, { bytes: 'as it is' }]);
  });

  it('of an operator’s own request, in pieces', async () => {
    const socket = connect(port, '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (data) => heard.push(data));
    const body = `{"list":[${Array.from({ length: 2_000 }, (_, i) => i).join(',')}]}`;
    const head = ['POST /mine HTTP/1.1', 'host: x', 'content-type: application/json', `content-length: ${body.length}`];
    socket.write(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n`);
    for (let at = 0; at < body.length; at += 1_000) {
      const piece = body.slice(at, at + 1_000);
      await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())));
    }
    await within('the end', new Promise((resolve) => socket.once('close', resolve)));
    assert.ok(Buffer.concat(heard).toString().includes(JSON.stringify(body)), `${Buffer.concat(heard)}`.slice(0, 300));
  });

  it('of an operator’s own request: not deep, not squeezed, not large, not endless', async () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    assert.equal((await post('/mine', nested(20)))[0], 200);
    assert.deepEqual(await refused('/mine', nested(21)), [400, 'request.invalid']);
    assert.deepEqual(await refused('/mine', nested(6_000)), [400, 'request.invalid']);
    const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.equal((await post('/mine', lists(20)))[0], 200);
    assert.deepEqual(await refused('/mine', lists(21)), [400, 'request.invalid']);
    assert.deepEqual(await refused('/mine', '{"a":'), [400, 'request.not-json']);
    assert.deepEqual(await refused('/mine', '{}', { 'content-encoding': 'gzip' }), [415, 'api.bad-request']);
    assert.deepEqual(await refused('/mine', `"${'x'.repeat(BODY_BYTES_MAX)}"`), [413, 'api.too-large']);
    assert.deepEqual(await refused('/mine', nested(21), { 'content-type': 'application/problem+json' }), [
      400,
      'request.invalid',
    ]);
  });
});
