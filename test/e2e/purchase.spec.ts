// The whole shop as a new user starts it: launcher, world, firmware, cameras, cloud, edge and Stripe's stand-in.
import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WhyView } from '@tapcase/domain';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

const OWNER_PASSWORD = 'a-long-owner-password';

interface DemoResult {
  readonly outcome: string;
  readonly items: readonly { sku: string; count: number }[];
  readonly total: number;
  readonly currency: string;
  readonly phases: readonly { name: string; atMs: number }[];
  readonly stripe: { intent: string; status: string; amountReceived: number } | null;
  readonly pushDelivered: boolean;
  readonly why: { readonly customer: string; readonly email: string; readonly staff: string } | null;
}

describe('a purchase, from tap to receipt', () => {
  let shop: DemoShop;
  before(async function () {
    this.timeout(90_000);
    shop = await startOwnShop({ EDITOR_PASSWORD: OWNER_PASSWORD });
  });
  after(async function () {
    this.timeout(20_000);
    await shop?.stop();
  });

  const demo = async (...args: string[]): Promise<DemoResult> => {
    const { stdout } = await run(
      process.execPath,
      ['scripts/demo.ts', '--json', '--state', shop.stateFolder, ...args],
      {
        cwd: ROOT,
      },
    );
    return JSON.parse(stdout) as DemoResult;
  };

  it('two colas are charged as two colas, received exactly once, and the receipt is pushed', async () => {
    const { outcome, items, total, currency, stripe, pushDelivered, phases } = await demo('--take', 'cola=2');
    assert.equal(outcome, 'charged');
    assert.deepEqual(items, [{ sku: 'cola', count: 2 }]);
    assert.equal(total, 400);
    assert.equal(currency, 'usd');
    assert.equal(stripe?.status, 'succeeded');
    assert.equal(stripe?.amountReceived, 400);
    assert.equal(pushDelivered, true);
    const names = phases.map(({ name }) => name);
    for (const name of ['unlocking', 'unlocked', 'open', 'closed', 'done']) assert.ok(names.includes(name), name);
  }).timeout(60_000);

  it('who takes nothing pays nothing, and the hold is cancelled at once', async () => {
    const { outcome, items, total, stripe } = await demo('--nothing');
    assert.equal(outcome, 'released');
    assert.deepEqual(items, []);
    assert.equal(total, 0);
    assert.equal(stripe?.status, 'canceled');
    assert.equal(stripe?.amountReceived, 0);
  }).timeout(60_000);

  it('who takes two and puts one back pays one', async () => {
    const { outcome, items, stripe } = await demo('--take', 'juice=2', '--put-back', 'juice=1');
    assert.equal(outcome, 'charged');
    assert.deepEqual(items, [{ sku: 'juice', count: 1 }]);
    assert.equal(stripe?.amountReceived, 220);
  }).timeout(60_000);

  it('who holds the door open past its time still pays for the chips', async () => {
    const { outcome, items, stripe } = await demo('--hold-door', '12', '--take', 'chips=1');
    assert.equal(outcome, 'charged');
    assert.deepEqual(items, [{ sku: 'chips', count: 1 }]);
    assert.equal(stripe?.amountReceived, 150);
  }).timeout(60_000);

  it('a can that nobody can be sure of is not charged, waits for a person, and is explained', async () => {
    const { outcome, items, total, stripe, why } = await demo('--ambiguous');
    assert.deepEqual([outcome, items, total], ['in_review', [], 0]);
    assert.deepEqual([stripe?.status, stripe?.amountReceived], ['canceled', 0]);
    const id = new URL(why!.staff).pathname.split('/').at(-1)!;
    assert.equal(why!.customer, `${shop.shop.shopUrl}/visit/${id}/why`);
    const authorization = `Basic ${btoa(`owner:${OWNER_PASSWORD}`)}`;
    assert.equal((await fetch(why!.staff, { headers: { authorization } })).status, 200);
    const told = await fetch(`${shop.shop.shopUrl}/api/staff/visits/${id}/why`, { headers: { authorization } });
    const { evidence, review } = (await told.json()) as WhyView;
    const { verdict, scale, candidates } = evidence!;
    assert.equal(verdict, 'disputed');
    assert.equal(review?.state, 'open');
    assert.ok(Math.abs(scale!.removedGrams - 353) < 10);
    const named = candidates.slice(0, 2).map(({ lines }) => lines.map(({ sku }) => sku).join());
    assert.deepEqual(named.sort(), ['cola', 'soda']);
    // The coat is off the cameras again: the next visit is sure.
    assert.equal((await demo('--take', 'chips=1')).outcome, 'charged');
  }).timeout(60_000);

  it('a declined card opens no door', async () => {
    const { outcome, stripe } = await demo('--card', 'insufficient-funds');
    assert.equal(outcome, 'stripe.declined');
    assert.equal(stripe, null);
  }).timeout(60_000);

  it('who is not signed in, or asks for a case that is not there, is told so', async () => {
    const ask = async (id: string) => {
      const response = await fetch(`${shop.shop.shopUrl}/api/cases/${id}/unlock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ requestId: 'abcdefgh', language: 'en' }),
      });
      return { status: response.status, body: (await response.json()) as { error: { code: string } } };
    };
    assert.equal((await ask('123')).body.error.code, 'session.missing');
    const missing = await fetch(`${shop.shop.shopUrl}/api/cases/999`);
    assert.equal(missing.status, 404);
  });

  it('a foreign page cannot post for a customer, and a huge request is refused', async () => {
    const url = `${shop.shop.shopUrl}/api/sign-out`;
    const foreign = await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403);
    const huge = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x'.repeat(100_000) }),
    });
    assert.equal(huge.status, 413);
  });

  it('an unsigned webhook is refused', async () => {
    const response = await fetch(`${shop.shop.shopUrl}/api/stripe/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"checkout.session.completed"}',
    });
    assert.equal(response.status, 400);
  });

  it('why a visit ended as it did is told to staff and, without a password, to nobody', async () => {
    const ask = (path: string, password?: string) => {
      const authorization = `Basic ${btoa(`owner:${password}`)}`;
      return fetch(`${shop.shop.shopUrl}${path}`, password === undefined ? {} : { headers: { authorization } });
    };
    for (const path of ['/api/staff/visits/abcdef/why', '/API/Staff/visits/abcdef/why', '/why/abcdef']) {
      assert.equal((await ask(path)).status, 401, path);
      assert.equal((await ask(path, 'guess')).status, 401, path);
    }
    assert.match((await ask('/why/abcdef')).headers.get('www-authenticate') ?? '', /^Basic /);
    assert.equal((await ask('/why/abcdef', OWNER_PASSWORD)).status, 200);
    const missing = await ask('/api/staff/visits/abcdef/why', OWNER_PASSWORD);
    assert.equal(missing.status, 404);
    assert.equal(((await missing.json()) as { error: { code: string } }).error.code, 'visit.unknown');
  });

  it('the editor asks for a password', async () => {
    const response = await fetch(`${shop.shop.shopUrl}/editor/flows`);
    assert.equal(response.status, 401);
  });
});

describe('starting', () => {
  it('says in one sentence which port is in use', async () => {
    const { createServer } = await import('node:net');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const failed = await run(process.execPath, ['start.ts'], {
      cwd: ROOT,
      env: { ...process.env, PORT: String(port), STATE_DIR: join(ROOT, '.tapcase', 'never') },
    }).catch((error: { stderr: string; code: number }) => error);
    taken.close();
    assert.match(String((failed as { stderr: string }).stderr), new RegExp(`Port ${port} \\(shop\\) is in use`));
  });

  it('the cloud alone lists everything that is missing', async () => {
    const failed = await run(process.execPath, ['start.ts', 'cloud'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH! },
    }).catch((error: { stderr: string }) => error);
    const { stderr } = failed as { stderr: string };
    for (const name of ['STRIPE_SECRET_KEY', 'CASE_MASTER_KEY', 'SESSION_KEY', 'BROKER_URL', 'SMTP_HOST']) {
      assert.match(stderr, new RegExp(`${name} is missing`));
    }
  });

  it('an edge says 503 on its first page until its flows run: systemd hears no sooner that it is ready', async () => {
    const { createServer } = await import('node:net');
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-edge-'));
    const edge = fork(join(ROOT, 'start.ts'), ['edge'], {
      cwd: ROOT,
      stdio: 'ignore',
      env: {
        ...{ PATH: process.env.PATH!, PORT: String(port), CASE_ID: '123', DEVICE_KEY: '07'.repeat(32) },
        ...{ BROKER_URL: 'mqtt://127.0.0.1:1', BROKER_USER: 'pi', BROKER_PASSWORD: 'pi' },
        ...{ EDITOR_PASSWORD: OWNER_PASSWORD, CREDENTIAL_SECRET: 'c'.repeat(32), USER_DIR: folder },
        ...{ DEVICE_STATE_DIR: folder, SNAPSHOTS_DIR: folder, SIGNAL_LINE: 'none' },
        ...{ CAMERA_0: 'http://127.0.0.1:1/0', CAMERA_1: 'http://127.0.0.1:1/1' },
      },
    });
    try {
      const ready = once(edge, 'message');
      const firstPage = () => fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' });
      const answers: number[] = [];
      let isReady = false;
      void ready.then(() => {
        isReady = true;
      });
      while (!isReady)
        answers.push(
          await firstPage().then(
            ({ status }) => status,
            () => 0,
          ),
        );
      const early = answers.filter((status) => status !== 0);
      assert.equal(early[0], 503);
      assert.deepEqual(
        [...new Set(early)].filter((status) => status !== 503 && status !== 302),
        [],
      );
      const { status, headers } = await firstPage();
      assert.deepEqual([status, headers.get('location')], [302, '/dashboard/technician']);
    } finally {
      edge.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});
