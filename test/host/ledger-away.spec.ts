// A cloud whose PostgreSQL is not there, comes late, and is started again under load: it says so to whoever asks, lives on, and
// works as soon as the database does.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { ROUTES } from '../../host/routes.ts';
import { openPostgresLedger } from '../../ledger/src/postgres.ts';
import { deriveDeviceKey } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { phoneAddress } from '../../prove/phones.ts';
import { type Running, start } from '../../prove/process.ts';
import { freePorts, type ProvedShop, planShop } from '../../prove/shop.ts';
import { putAsPi } from '../e2e/pi-upload.ts';
import { needs } from '../needs.ts';
import { until, within } from '../patience.ts';
import { query, type RunningPostgres, startPostgres } from '../postgres.ts';
import { signedIn } from '../signed-in.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CASE = '123';
const PHONES = 20;
/** Of the form that the shop gives out, and of nobody: who that is only the ledger could say. */
const COOKIE = `tapcase_session=${randomBytes(32).toString('base64url')}; tapcase_code=${randomBytes(32).toString('base64url')}`;

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string;
  /** Each phone has an address of its own, or the shop would take them all for one that asks too often. */
  readonly phone?: number;
}
interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | undefined;
}

/** One of each route of the table that asks the ledger; staff's stand behind a door of their own (test/flows/refusals.spec.ts). */
const ASKS: Readonly<Record<string, object>> = {
  'get /api/me': {},
  'get /api/me/sessions': {},
  'post /api/me/sessions/:session/end': {},
  'post /api/sign-in/code': { email: 'ann@example.com', language: 'en' },
  'post /api/sign-in': { email: 'ann@example.com', code: '123456' },
  'post /api/sign-out': {},
  'post /api/cards': { caseId: CASE },
  'get /api/cards/return': {},
  'get /api/cases/:case': {},
  'post /api/cases/:case/unlock': { requestId: 'tap-00000001', language: 'en' },
  'get /api/visits': {},
  'get /api/visits/:visit': {},
  'get /api/visits/:visit/live': {},
  'get /api/visits/:visit/pictures': {},
  'get /api/visits/:visit/pictures/:name': {},
  'post /api/visits/:visit/pay': {},
  'get /api/visits/:visit/paid': {},
  'post /api/push': {
    subscription: { endpoint: 'https://fcm.googleapis.com/fcm/send/a', keys: { p256dh: 'x', auth: 'y' } },
    language: 'en',
  },
};
/** Asked in a way of their own below. */
const OTHERS = ['put /api/evidence/:case/:visit/:name', 'post /api/stripe/webhook'];

describe('a cloud whose PostgreSQL is away', () => {
  let postgres: RunningPostgres;
  let folder: string;
  let plan: ProvedShop;
  let cloud: Running;
  let later: string;
  const lines: string[] = [];

  before(async function () {
    postgres = await startPostgres(needs(this, 'postgres'));
    later = (await postgres.database()).replace(/[^/]+$/, 'later');
    folder = mkdtempSync(join(tmpdir(), 'tapcase-away-'));
    const [shop, broker, stripe, push] = (await freePorts(4)) as [number, number, number, number];
    plan = planShop({ folder, caseIds: [CASE], ports: { shop, broker, stripe, push }, databaseUrl: later }, ROOT);
    const onLine = (line: string) => lines.push(line);
    cloud = start({ script: join(ROOT, 'start.ts'), args: ['cloud'], env: plan.environment, onLine });
    assert.ok(await within('the cloud to be ready', cloud.ready), lines.join('\n'));
  });
  after(async () => {
    await cloud?.kill();
    await postgres?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const isAlive = () => cloud.child.exitCode === null && cloud.child.signalCode === null;

  const ask = ({ method = 'GET', path, body, headers = {}, cookie = COOKIE, phone = 0 }: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
      const bytes = Buffer.from(method === 'GET' ? '' : text);
      const all = { 'content-type': 'application/json', cookie, ...headers, 'content-length': bytes.length };
      const localAddress = phoneAddress(phone);
      const url = `${plan.environment.PUBLIC_URL!.replace('localhost', '127.0.0.1')}${path}`;
      const sent = request(url, { method, localAddress, agent: false, headers: all }, (response) => {
        let told = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          told += part;
          // A live stream goes on.
          if (response.headers['content-type']?.startsWith('text/event-stream')) response.destroy();
        });
        response.on('error', () => {});
        response.on('close', () => {
          const { code } = (/^\{/.test(told) ? JSON.parse(told) : {}).error ?? {};
          resolve({ status: response.statusCode!, code, retryAfter: response.headers['retry-after'] });
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });

  const away = (answer: Answer) =>
    assert.deepEqual(
      { ...answer, retryAfter: Number(answer.retryAfter) > 0 },
      { status: 503, code: 'ledger.cannot-open', retryAfter: true },
    );

  it('has every route of the table below', () => {
    const routes = ROUTES.map(({ method, path }) => `${method} ${path}`);
    const asked = routes.filter((route) => / \/api\//.test(route) && !/ \/api\/staff\//.test(route));
    assert.deepEqual(asked.sort(), [...Object.keys(ASKS), ...OTHERS].sort());
  });

  for (const [route, body] of Object.entries(ASKS)) {
    it(`answers ${route} that it is to be asked again`, async () => {
      const [method] = route.split(' ') as [string];
      away(await ask({ method: method.toUpperCase(), path: pathOf(route), body }));
    });
  }

  it('answers a Pi’s picture and Stripe’s word that they are to be sent again', async () => {
    const upload = { caseId: CASE, visit: 'visit1', moment: 'before', camera: '0', kind: 'jpg' } as const;
    const key = deriveDeviceKey(plan.masterKey, CASE, 'pi');
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100), Buffer.from([0xff, 0xd9])]);
    const put = await putAsPi(plan.environment.PUBLIC_URL!, upload, jpeg, { key });
    assert.deepEqual([put.status, Number(put.headers.get('retry-after')) > 0], [503, true], await put.text());
    const event = {
      id: 'evt_1',
      object: 'event',
      type: 'charge.refunded',
      data: { object: { id: 'ch_1', object: 'charge' } },
    };
    const payload = JSON.stringify(event);
    const signature = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
      payload,
      secret: plan.stripe.webhookSecret,
    });
    const told = await ask({
      ...{ method: 'POST', path: '/api/stripe/webhook', body: payload },
      headers: { 'stripe-signature': signature },
    });
    away(told);
  });

  it('works as soon as the database is there, without a new start', async () => {
    await query(later.replace(/[^/]+$/, 'postgres'), 'create database later');
    await until('the cloud to answer', async () => (await ask({ path: '/api/me' })).status === 200);
    assert.ok(isAlive());
  });

  it('tells nobody without a session of a mistake of its own', async () => {
    for (const [route, body] of Object.entries(ASKS)) {
      const [method] = route.split(' ') as [string];
      const { status, code } = await ask({ method: method.toUpperCase(), path: pathOf(route), body, cookie: '' });
      assert.ok(status < 500 || code === 'mail.unreachable', `${route}: ${status} ${code}`);
    }
    const ledger = await openPostgresLedger({ url: later });
    await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: Date.now() });
    const cookie = await signedIn(ledger, 'ann');
    await ledger.close();
    for (const query of ['', '?session=none', '?session=cs_1', '?session[a]=1&back=http://elsewhere.example']) {
      for (const shown of ['', cookie]) {
        const { status } = await ask({ path: `/api/cards/return${query}`, cookie: shown });
        assert.equal(status, 303, query);
      }
    }
    assert.deepEqual(await ask({ method: 'POST', path: '/api/cards', body: { caseId: 'elsewhere' }, cookie }), {
      ...{ status: 404, code: 'case.unknown', retryAfter: undefined },
    });
  });

  it('outlives three restarts of it under load, and nobody is told anything but to ask again', async () => {
    const ledger = await openPostgresLedger({ url: later });
    await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: Date.now() });
    const cookie = await signedIn(ledger, 'ann');
    await ledger.close();
    for (const round of [1, 2, 3]) {
      const told = new Map<string, number>();
      let isOver = false;
      const phones = Array.from({ length: PHONES }, async (_, phone) => {
        while (!isOver) {
          const { status, code } = await ask({ path: '/api/me/sessions', cookie, phone: round * PHONES + phone });
          const answer = `${status} ${code ?? ''}`;
          told.set(answer, (told.get(answer) ?? 0) + 1);
        }
      });
      const many = (answer: string, count: number) => () => (told.get(answer) ?? 0) >= count;
      await until('some answers', many('200 ', PHONES));
      await postgres.restart();
      const before = told.get('200 ') ?? 0;
      await until('answers again', many('200 ', before + PHONES));
      isOver = true;
      await Promise.all(phones);
      const others = [...told.keys()].filter(
        (answer) => !/^(200 |503 ledger\.unavailable|429 api\.too-many)$/.test(answer),
      );
      assert.deepEqual(others, [], `round ${round}`);
      assert.ok(isAlive(), lines.slice(-5).join('\n'));
    }
  });
});

function pathOf(route: string): string {
  const [, pattern] = route.split(' ') as [string, string];
  return pattern.replace(':case', CASE).replace(':name', 'before-0.jpg').replace(/:\w+/g, 'visit1');
}
