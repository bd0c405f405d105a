// The storm of odd requests (test/fuzz/) itself: each route has a good one to begin with, the same seed makes the same, and what must
// never be is told.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { shopApp } from '../../host/http.ts';
import { createReadiness } from '../../host/readiness.ts';
import { ROUTES, routesOf } from '../../host/routes.ts';
import { type RouteName, STAFF_ROUTES } from '../../host/staff/routes.ts';
import { bytesOf, draftOf } from '../fuzz/draft.ts';
import { type Cast, customerExamples, staffExamples } from '../fuzz/examples.ts';
import { MUTATORS, shotOf } from '../fuzz/mutators.ts';
import { letsIn } from '../fuzz/staff-side.ts';
import { type StormOptions, storm } from '../fuzz/storm.ts';
import { routeName, staffValidOf, validOf } from '../fuzz/valid.ts';
import { Line } from '../fuzz/wire.ts';
import { skip } from '../needs.ts';
import { within } from '../patience.ts';

const CAST: Cast = { caseId: '123', guestCookie: 'a=guest', buyerCookie: 'a=buyer', visitId: 'abcdefabcdef' };
const SEED = Number(process.env.TAPCASE_SEED ?? 1);

describe('the storm of odd requests', () => {
  before(function () {
    if (process.platform !== 'linux')
      skip(this, 'strangers need addresses of their own: only Linux has all of 127.0.0.0/8');
  });

  async function served<T>(listener: RequestListener, ask: (url: string) => Promise<T>): Promise<T> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('begins with a good request for every route of the table', async () => {
    for (const route of ROUTES) assert.ok(validOf(route), routeName(route));
    for (const [name, { schema }] of Object.entries(STAFF_ROUTES)) {
      const good = staffValidOf(name as RouteName);
      if (STAFF_ROUTES[name as RouteName].needs === 'nobody') assert.ok(v.is(schema, good), name);
    }
    const reached: string[] = [];
    const app = shopApp({
      ...{ publicUrl: 'http://shop.test', pwaFolder: 'pwa/dist', picturesFolder: 'pictures' },
      readiness: createReadiness({ ledgers: [], brokers: [] }),
    });
    app.use((request, response) => {
      reached.push(`${request.method} ${request.path}`);
      response.sendStatus(204);
    });
    await served(app, async (url) => {
      const { hostname, port } = new URL(url);
      const line = new Line({ host: hostname, port: Number(port), address: '127.8.0.1' });
      for (const example of customerExamples(CAST).filter(({ route }) => route !== undefined)) {
        const { status, text } = await within('an answer', line.send(draftOf(example)));
        assert.equal(status, 204, `${example.name}: ${text}`);
      }
      line.close();
    });
    assert.equal(reached.length, routesOf('customer').length);
  });

  it('is the same for the same seed, and another for another', () => {
    const examples = [...customerExamples(CAST), ...staffExamples(CAST)];
    const bytes = (seed: number) =>
      Buffer.concat(Array.from({ length: 500 }, (_, index) => bytesOf(shotOf(seed, index, examples).draft)));
    assert.ok(bytes(SEED).equals(bytes(SEED)));
    assert.ok(!bytes(SEED).equals(bytes(SEED + 1)));
  });

  it('knows some hundred ways to be odd, and uses all of them', () => {
    const examples = customerExamples(CAST);
    const used = new Set(Array.from({ length: 5_000 }, (_, index) => shotOf(SEED, index, examples).mutators).flat());
    assert.deepEqual(
      Object.keys(MUTATORS).filter((name) => !used.has(name)),
      [],
    );
    assert.ok(used.size > 80);
  });

  const told = (listener: RequestListener, more: Partial<StormOptions> = {}): Promise<string> =>
    served(listener, async (url) => {
      const options = {
        url,
        seed: SEED,
        count: 100,
        examples: customerExamples(CAST),
        secrets: ['/a/folder'],
        mayLeadTo: [],
      };
      return within('the storm', storm({ ...options, ...more })).then(
        ({ statuses }) => JSON.stringify(statuses),
        (thrown: Error) => thrown.message,
      );
    });

  for (const [what, listener, pattern] of [
    ['a fault of ours', (_, response) => response.writeHead(500).end('{}'), /^answered 500/],
    ['that is there, and knows no address', (_, response) => response.writeHead(503).end('{}'), /^answered 503/],
    ['a stack', (_, response) => response.end('Error: x\n    at f (/srv/x.js:1:2)'), /^the answer tells /],
    ['a folder of this machine', (_, response) => response.end('in /a/folder'), /^the answer tells "\/a\/folder"/],
    [
      'a way to somebody else',
      (_, response) => response.writeHead(302, { location: '/\\x.example/' }).end(),
      /^leads to /,
    ],
  ] as const satisfies readonly (readonly [string, RequestListener, RegExp])[]) {
    it(`tells of ${what}, with what repeats it`, async () => {
      const message = await told(listener as RequestListener);
      assert.match(message, pattern);
      assert.match(
        message,
        new RegExp(
          `request \\d+ of seed ${SEED}: .*\n.*\n.*again: node test/fuzz/again.ts --seed ${SEED} --index \\d+`,
        ),
      );
    });
  }

  it('tells of a shop that ends, with what it was asked then', async () => {
    const message = await served(
      () => {},
      (url) => {
        const options = { seed: SEED, count: 100, examples: customerExamples(CAST), secrets: [], mayLeadTo: [] };
        // Port 1 is nobody's.
        return storm({ ...options, url: url.replace(/\d+$/, '1') }).then(String, (thrown: Error) => thrown.message);
      },
    );
    assert.match(message, /^nobody listens any more .*\nrequest \d+ of seed/s);
  });

  it('tells of a door of the staff’s that lets somebody in', async () => {
    const examples = staffExamples(CAST);
    const data: RequestListener = (_, response) =>
      response.setHeader('content-type', 'application/json').end('[{"id":1}]');
    assert.match(await told(data, { examples, wrong: letsIn }), /^lets in /);
    const refuses: RequestListener = (_, response) => response.writeHead(302, { location: '/sign-in' }).end();
    assert.match(await told(refuses, { examples, wrong: letsIn }), /^\{.*"302":/);
  });
});
