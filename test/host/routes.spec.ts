// The table of what may be asked holds what the shop's flows answer, no less and no more, and is kept to; and what the bodies of an
// operator's own requests may be.
import assert from 'node:assert/strict';
import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Fault } from '@tapcase/domain';
import express from 'express';
import { readEnvironment } from '../../host/environment.ts';
import { readFlows } from '../../host/flows/read-folder.ts';
import { shopApp, untaken } from '../../host/http.ts';
import { createReadiness } from '../../host/readiness.ts';
import { BODY_BYTES_MAX, ROUTES, type Route, routesOf } from '../../host/routes.ts';
import { SESSION_COOKIE } from '../../nodes/node-red-contrib-tapcase/src/shop/sessions/cookie.ts';
import { within } from '../patience.ts';

const options = () => ({
  publicUrl: 'http://shop.test',
  pwaFolder: 'pwa/dist',
  picturesFolder: 'pictures',
  readiness: createReadiness({ ledgers: [], brokers: [] }),
});

describe('the table of routes', () => {
  it('has every request that the shop’s flows wait for', () => {
    const { core } = readFlows(join(import.meta.dirname, '..', '..', 'flows'));
    const waiting = core.filter(({ type }) => type === 'http in').map(({ method, url }) => `${method} ${url}`);
    assert.ok(waiting.length > 15);
    assert.deepEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort(), waiting.sort());
  });

  it('is what customers reach', async () => {
    const reached: string[] = [];
    const app = shopApp(options());
    app.use((request, response) => {
      reached.push(request.path);
      response.sendStatus(204);
    });
    const { server, port } = await listening(createServer(app));
    try {
      const asked = async ({ method, path, body }: Route) => {
        const signed = { 'x-tapcase-at': '1', 'x-tapcase-mac': 'a'.repeat(64) };
        const given = body === undefined ? {} : { body: '{}', headers: { 'content-type': body.types[0]!, ...signed } };
        const response = await fetch(`http://127.0.0.1:${port}${path.replaceAll(':', '')}`, { method, ...given });
        await response.text();
        return response.status;
      };
      for (const route of routesOf('customer')) {
        // What the schema wants and `{}` lacks is the only thing that is wrong with it.
        assert.ok([204, 400].includes(await asked(route)), `${route.method} ${route.path}`);
      }
      const before = reached.length;
      assert.ok(before > 10);
      for (const route of routesOf('staff')) assert.equal(await asked(route), 404, route.path);
      for (const path of ['/editor/', '/dashboard/money', '/why/abcdef', '/ui', '/icon.svg/x', '/OWN/mine', '/own']) {
        assert.equal(await asked({ ...ROUTES[0]!, path }), 404, path);
      }
      assert.equal(reached.length, before);
    } finally {
      server.close();
    }
  });
});

describe('a path of the table', () => {
  it('is one as it is written, for the method that is written: nothing else reaches a flow', async () => {
    const reached: string[] = [];
    const app = shopApp(options());
    app.use((request, response) => {
      reached.push(`${request.method} ${request.path}`);
      response.sendStatus(204);
    });
    const { server, port } = await listening(createServer(app));
    try {
      // Node-RED finds by the letters of a path that the webhook's bytes are left alone.
      for (const path of ['/API/stripe/webhook', '/api/stripe/webhook/', '/api/Stripe/webhook']) {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: '{}' });
        assert.equal(response.status, 404, path);
      }
      // Of a live page there would be no end to wait for.
      for (const path of ['/api/me', '/api/visits/abcdef/live']) {
        assert.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })).status, 404, path);
      }
      assert.deepEqual(reached, []);
      assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`, { method: 'HEAD' })).status, 200);
    } finally {
      server.close();
    }
  });
});

describe('a request whose connection is gone', () => {
  it('is counted like any other, and is no mistake of ours', async () => {
    const app = shopApp(options());
    app.use((_request, response) => void response.sendStatus(204));
    const { server, port } = await listening(
      createServer((request, response) => {
        // As Node has it once the other side has reset the connection.
        Object.defineProperty(request.socket, 'remoteAddress', { value: undefined });
        app(request, response);
      }),
    );
    try {
      assert.equal((await fetch(`http://127.0.0.1:${port}/api/me`)).status, 204);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('an address of folders', () => {
  it('leads nowhere: what somebody wrote is not written back as a way', async () => {
    const { server, port } = await listening(createServer(shopApp(options())));
    try {
      for (const path of ['/\\evil.example/..', '//evil.example/..', '/assets', '/pictures/..']) {
        const socket = connect(port, '127.0.0.1');
        const heard: Buffer[] = [];
        socket.on('data', (data) => heard.push(data));
        socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
        await within('the end', new Promise((resolve) => socket.once('close', resolve)));
        assert.match(Buffer.concat(heard).toString(), /^HTTP\/1\.1 40[34] /, path);
      }
    } finally {
      server.close();
    }
  });
});

describe('a request of the shop’s while no flow takes it, as during a Deploy', () => {
  it('is to be asked again, and what is none of its own is not', async () => {
    const app = shopApp(options());
    untaken(app);
    const { server, port } = await listening(createServer(app));
    try {
      const asked = async (path: string) => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        const { error } = (await response.json()) as { error: { code: string } };
        return [response.status, error.code, response.headers.get('retry-after')];
      };
      assert.deepEqual(await asked('/api/me'), [503, 'shop.starting', '1']);
      assert.deepEqual(await asked('/api/visits/abcdef'), [503, 'shop.starting', '1']);
      assert.deepEqual(await asked('/api/nothing'), [404, 'api.unknown', null]);
      assert.deepEqual(await asked('/own/nothing'), [404, 'api.unknown', null]);
    } finally {
      server.close();
    }
  });
});

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

describe('who asks', () => {
  /** A call for each of many phones, if their proxy is believed; what each was answered. */
  async function calls(trustProxy: string): Promise<number[]> {
    const app = shopApp({ ...options(), trustProxy });
    app.use((request, response) => void response.status(request.ip === '127.0.0.1' ? 401 : 403).end());
    const { server, port } = await listening(createServer(app));
    try {
      const statuses: number[] = [];
      for (let phone = 0; phone < 302; phone += 1) {
        const headers = { 'x-forwarded-for': `203.0.${phone >> 7}.${phone & 127}` };
        statuses.push((await fetch(`http://127.0.0.1:${port}/api/me`, { headers })).status);
      }
      return statuses;
    } finally {
      server.close();
    }
  }

  it('is counted for the phone that a trusted proxy names: nobody is locked out by another', async () => {
    assert.deepEqual([...new Set(await calls('loopback'))], [403]);
  });

  it('is counted for whoever connects where no proxy is trusted, whatever its headers say', async () => {
    for (const trust of ['', '203.0.113.0/24']) {
      const statuses = await calls(trust);
      assert.deepEqual([[...new Set(statuses.slice(0, 300))], statuses[300]], [[401], 429]);
    }
  });

  it('is bounded for everybody but Stripe, and a case that fetches firmware is not counted among the phones', async () => {
    const app = shopApp({ ...options(), trustProxy: '' });
    app.use((_request, response) => void response.end());
    const { server, port } = await listening(createServer(app));
    const limitOf = async (path: string, method: string, more: Record<string, string> = {}) => {
      const { headers } = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: more });
      return [
        headers.get('ratelimit-policy')?.split(';')[1]?.trim(),
        /r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1],
      ];
    };
    try {
      assert.deepEqual(await limitOf('/api/me', 'GET'), ['q=300', '299']);
      assert.deepEqual(await limitOf('/firmware/123/manifest.json', 'GET'), ['q=3000', '2999']);
      // An operator's own flows are asked by machines as well.
      assert.deepEqual(await limitOf('/own/mine', 'GET'), ['q=3000', '2999']);
      assert.deepEqual(await limitOf('/own/mine', 'POST'), ['q=3000', '2998']);
      assert.deepEqual(await limitOf('/firmware/123/7/image.bin', 'GET'), ['q=3000', '2998']);
      assert.deepEqual(await limitOf('/api/me', 'GET'), ['q=300', '298']);
      // A guest of the shop's network who has signed in, and a Pi that brings pictures, are not those who use it up.
      const guest = { cookie: `a=b; ${SESSION_COOKIE}=of-somebody-who-has-signed-in` };
      assert.deepEqual(await limitOf('/api/me', 'GET', guest), ['q=300', '299']);
      assert.deepEqual(await limitOf('/api/me', 'GET'), ['q=300', '297']);
      assert.deepEqual(await limitOf('/api/evidence/123/visit01/left.jpg', 'PUT'), ['q=3000', '2997']);
      assert.deepEqual(await limitOf('/api/stripe/webhook', 'POST'), [undefined, undefined]);
      const unlimited = ROUTES.filter(({ rate }) => rate === 'unlimited').map(({ path }) => path);
      assert.deepEqual(unlimited, ['/api/stripe/webhook']);
    } finally {
      server.close();
    }
  });

  it('may be asked by addresses and networks only', () => {
    const wrong = (value: string) => {
      const read = readEnvironment('cloud', { TRUST_PROXY: value });
      return read instanceof Fault && read.message.includes('TRUST_PROXY is malformed');
    };
    for (const good of ['', 'loopback', '10.0.0.0/8', 'loopback, 10.1.2.3,fd00::/8', 'uniquelocal', '::1']) {
      assert.equal(wrong(good), false, good);
    }
    for (const bad of [
      'true',
      '1',
      'proxy.example',
      '10.0.0.0/33',
      '10.0.0',
      '::1/129',
      '10.0.0.1/',
      ',',
      'loopback,',
    ]) {
      assert.equal(wrong(bad), true, bad);
    }
  });
});

describe('what a phone receives', () => {
  let server: Server;
  let port: number;
  before(async () => {
    const app = shopApp({ ...options(), publicUrl: 'https://shop.test' });
    app.get('/api/visits/:visit/live', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.write(`data: ${'x'.repeat(5_000)}\n\n`);
    });
    app.get('/api/visits', (_request, response) => void response.json(Array.from({ length: 500 }, () => 'a visit')));
    ({ server, port } = await listening(createServer(app)));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** As it comes over the network. */
  const asked = (path: string, encodings: string) =>
    new Promise<{ headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const headers = { 'accept-encoding': encodings, accept: 'text/html,*/*' };
      get({ host: '127.0.0.1', port, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      }).on('error', reject);
    });

  it('of the app is under 50 kB, whichever way it is compressed, and the same app', async () => {
    const unpacked = { br: brotliDecompressSync, gzip: gunzipSync } as const;
    for (const [accepts, encoding] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip, deflate', 'gzip'],
    ] as const) {
      const page = await asked('/case/123', 'identity');
      const files = [...page.body.toString().matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
      assert.equal(files.length, 2);
      let bytes = page.body.length;
      for (const path of files) {
        const plain = await asked(path, 'identity');
        const packed = await asked(path, accepts);
        assert.equal(packed.headers['content-encoding'], encoding);
        assert.equal(packed.headers.vary, 'Accept-Encoding');
        const [type, plainType] = [packed, plain].map(({ headers }) => headers['content-type']?.toLowerCase());
        assert.equal(type, plainType);
        assert.match(String(packed.headers['cache-control']), /immutable/);
        assert.deepEqual(unpacked[encoding](packed.body), plain.body);
        bytes += packed.body.length;
      }
      assert.ok(bytes < 50_000, `${bytes} bytes`);
    }
  });

  it('of an answer is compressed, and nobody’s to keep', async () => {
    const { headers, body } = await asked('/api/visits', 'gzip, deflate, br');
    assert.equal(headers['content-encoding'], 'br');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal((JSON.parse(brotliDecompressSync(body).toString()) as string[]).length, 500);
  });

  it('of a live page comes as it happens', async () => {
    const heard = new Promise<string>((resolve, reject) => {
      const headers = { 'accept-encoding': 'gzip, br' };
      const request = get({ host: '127.0.0.1', port, path: '/api/visits/abc/live', headers }, (response) => {
        assert.equal(response.headers['content-encoding'], undefined);
        response.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
          request.destroy();
        });
      }).on('error', reject);
    });
    assert.match(await within('an event', heard), /^data: x/);
  });

  it('says that it is never to be asked for without TLS, where there is TLS', async () => {
    assert.match(String((await asked('/', 'identity')).headers['strict-transport-security']), /max-age=31536000/);
    const plain = shopApp(options());
    const { server: other, port: at } = await listening(createServer(plain));
    try {
      assert.equal((await fetch(`http://127.0.0.1:${at}/`)).headers.get('strict-transport-security'), null);
    } finally {
      other.close();
    }
  });
});

describe('bodies of strangers', () => {
  let server: Server;
  let port: number;
  before(async () => {
    const app = shopApp(options());
    // As a node reads that hands on the bytes as they came.
    app.use(express.raw({ type: () => true, limit: BODY_BYTES_MAX }));
    app.use((request, response) => {
      const { body, _body: wasRead } = request as { body: unknown; _body?: boolean };
      if (request.method === 'PUT') assert.equal(wasRead, true, 'Node-RED would read it once more, as a text');
      response.json(Buffer.isBuffer(body) ? { bytes: body.toString() } : { body });
    });
    ({ server, port } = await listening(createServer(app)));
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
    assert.deepEqual(await post('/own/mine', body), [200, { bytes: body }]);
    assert.deepEqual(await post('/own/mine', ''), [200, { bytes: '' }]);
    assert.deepEqual(await post('/own/mine', 'as it is', { 'content-type': 'text/plain' }), [
      200,
      { bytes: 'as it is' },
    ]);
  });

  it('of an operator’s own request, in pieces', async () => {
    const socket = connect(port, '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (data) => heard.push(data));
    const body = `{"list":[${Array.from({ length: 2_000 }, (_, i) => i).join(',')}]}`;
    const head = [
      'POST /own/mine HTTP/1.1',
      'host: x',
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
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
    assert.equal((await post('/own/mine', nested(20)))[0], 200);
    assert.deepEqual(await refused('/own/mine', nested(21)), [400, 'request.invalid']);
    assert.deepEqual(await refused('/own/mine', nested(6_000)), [400, 'request.invalid']);
    const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.equal((await post('/own/mine', lists(20)))[0], 200);
    assert.deepEqual(await refused('/own/mine', lists(21)), [400, 'request.invalid']);
    assert.deepEqual(await refused('/own/mine', '{"a":'), [400, 'request.not-json']);
    assert.deepEqual(await refused('/own/mine', '{}', { 'content-encoding': 'gzip' }), [415, 'request.wrong-type']);
    assert.deepEqual(await refused('/own/mine', `"${'x'.repeat(BODY_BYTES_MAX)}"`), [413, 'api.too-large']);
    assert.deepEqual(await refused('/own/mine', nested(21), { 'content-type': 'application/problem+json' }), [
      400,
      'request.invalid',
    ]);
  });

  it('are of the type that the table says, or none', async () => {
    const given = JSON.stringify({ email: 'a@b.example', code: '123456' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/problem+json', '']) {
      assert.deepEqual(await refused('/api/sign-in', given, { 'content-type': type }), [415, 'request.wrong-type']);
    }
    assert.equal((await post('/api/sign-in', given, { 'content-type': 'application/json; charset=utf-8' }))[0], 200);
    assert.equal((await post('/api/stripe/webhook', '{}'))[0], 200);
    assert.deepEqual(await refused('/api/stripe/webhook', 'a', { 'content-type': 'text/plain' }), [
      415,
      'request.wrong-type',
    ]);
  });

  it('are in UTF-8 where they say in what: in other letters a flat text may unfold', async () => {
    const form = 'application/x-www-form-urlencoded';
    // UTF-7: `[[[…`, which is a text of no depth in UTF-8.
    const unfolds = `"${'+AFs-'.repeat(3_000)}"`;
    for (const charset of ['utf-7', 'UTF-16', 'utf-16le', '"utf-7"', '"utf\\-7"', 'utf-8; charset=utf-7', 'latin1']) {
      for (const type of ['application/json', 'application/problem+json', form]) {
        const headers = { 'content-type': `${type};charset=${charset}` };
        assert.deepEqual(await refused('/own/mine', unfolds, headers), [415, 'request.wrong-type'], charset);
      }
      const headers = { 'content-type': `application/json; charset=${charset}` };
      assert.deepEqual(await refused('/api/sign-in', '{}', headers), [415, 'request.wrong-type'], charset);
    }
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8']) {
      assert.equal((await post('/own/mine', '{}', { 'content-type': `application/json; charset=${charset}` }))[0], 200);
    }
    // What nobody unfolds may be in any.
    assert.equal((await post('/own/mine', 'ü', { 'content-type': 'text/plain; charset=latin1' }))[0], 200);
  });

  it('of an operator’s own request: a form of no more levels', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await post('/own/mine', `a${'[b]'.repeat(19)}=1&c=[[[[[[[[[[[[[[[[[[[[[[[[[[`, form))[0], 200);
    for (const bracket of ['[b]', '%5bb%5D', '%5Bb]']) {
      const deep = `x=1&a${bracket.repeat(21)}=1`;
      assert.deepEqual(await refused('/own/mine', deep, form), [400, 'request.invalid'], bracket);
    }
  });

  it('are bytes for a route of bytes, also where there are none', async () => {
    const signed = `x-tapcase-at: 1\r\nx-tapcase-mac: ${'a'.repeat(64)}`;
    const headers = `host: x\r\nconnection: close\r\n${signed}`;
    const heard: Buffer[] = [];
    // No HTTP client sends a PUT without saying how long its body is.
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (data) => heard.push(data));
    socket.write(`PUT /api/evidence/123/abcdefabcdef/before-0.jpg HTTP/1.1\r\n${headers}\r\n\r\n`);
    await within('the end', new Promise((resolve) => socket.once('close', resolve)));
    assert.match(Buffer.concat(heard).toString(), /\{"bytes":""\}$/);
  });

  it('are not taken from a foreign page', async () => {
    const given = JSON.stringify({ email: 'a@b.example', code: '123456' });
    for (const origin of ['https://evil.example', 'null', 'http://shop.test:8085']) {
      assert.deepEqual(await refused('/api/sign-in', given, { origin }), [403, 'api.foreign']);
    }
    assert.equal((await post('/api/sign-in', given, { origin: 'http://shop.test' }))[0], 200);
  });
});
