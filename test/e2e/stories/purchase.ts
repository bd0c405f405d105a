// What is bought is paid, with npm run demo as a customer; and what nobody may do to a shop from outside.
import assert from 'node:assert/strict';
import type { WhyView } from '@tapcase/domain';
import { demo as demoIn, type ShopBench, taking } from '../shop-bench.ts';

export function purchases({ shop: running, world, staff, customer, visit }: ShopBench): void {
  const who = customer();
  const owner = staff('owner');
  const technician = staff('technician');
  const demo = (...args: string[]) => demoIn(running(), ...args);
  const url = (path: string) => `${running().shop.shopUrl}${path}`;
  const staffUrl = (path: string) => `${running().shop.staffUrl}${path}`;

  it('two colas are charged as two colas, received exactly once, and the receipt is pushed', async () => {
    const { outcome, items, total, currency, stripe, pushDelivered, phases } = await demo(
      '--take',
      'cola=2',
      '--hold-door',
      '1',
    );
    assert.equal(outcome, 'charged');
    assert.deepEqual(items, [{ sku: 'cola', count: 2 }]);
    assert.equal(total, 400);
    assert.equal(currency, 'usd');
    assert.equal(stripe?.status, 'succeeded');
    assert.equal(stripe?.amountReceived, 400);
    assert.equal(pushDelivered, true);
    const at = (phase: string) => phases.find(({ name }) => name === phase)!.atMs;
    assert.ok(at('door shut') - at('open') >= 1_000, 'the door was held open');
    const told = ['tap', 'unlocking', 'unlocked', 'open', 'door shut', 'done', 'receipt'];
    // What lies between the shut door and the receipt may be over before a phone hears of it.
    assert.deepEqual(
      phases.map(({ name }) => name).filter((name) => told.includes(name)),
      told,
    );
  });

  it('the phone hears that the door is shut while the cameras still look', async () => {
    const { outcome, items } = await visit(who(), async ({ atCase, mayTake, until }) => {
      await atCase('door', { open: true });
      await mayTake();
      await atCase('take', { sku: 'juice' });
      await world('cameras', { hanging: true });
      await atCase('door', { open: false });
      await until('the word that the door is shut', ({ phase }) => phase === 'closed');
      await world('cameras', { hanging: false });
    });
    assert.deepEqual([outcome, items], ['charged', [{ sku: 'juice', count: 1 }]]);
  });

  it('who takes nothing pays nothing, and the hold is cancelled at once', async () => {
    const { outcome, items, total, stripe } = await demo('--nothing');
    assert.equal(outcome, 'released');
    assert.deepEqual(items, []);
    assert.equal(total, 0);
    assert.equal(stripe?.status, 'canceled');
    assert.equal(stripe?.amountReceived, 0);
  });

  it('who takes two and puts one back pays one', async () => {
    const { outcome, items, stripe } = await demo('--take', 'juice=2', '--put-back', 'juice=1');
    assert.equal(outcome, 'charged');
    assert.deepEqual(items, [{ sku: 'juice', count: 1 }]);
    assert.equal(stripe?.amountReceived, 220);
  });

  it('who holds the door open past its time still pays for the chips', async () => {
    const { outcome, items, receivedMinor } = await visit(who(), async ({ atCase, mayTake, until }) => {
      await atCase('door', { open: true });
      await mayTake();
      await atCase('take', { sku: 'chips' });
      await until('the word that the door is open too long', ({ openTooLong }) => openTooLong);
      await atCase('door', { open: false });
    });
    assert.deepEqual([outcome, items, receivedMinor], ['charged', [{ sku: 'chips', count: 1 }], 150]);
  });

  it('a can that nobody can be sure of is not charged, waits for a person, and is explained', async () => {
    const { outcome, items, total, stripe, why } = await demo('--ambiguous');
    assert.deepEqual([outcome, items, total], ['in_review', [], 0]);
    assert.deepEqual([stripe?.status, stripe?.amountReceived], ['canceled', 0]);
    const id = new URL(why!.staff).pathname.split('/').at(-1)!;
    assert.equal(why!.customer, url(`/visit/${id}/why`));
    assert.equal((await fetch(why!.staff, { headers: owner() })).status, 200);
    const told = await fetch(staffUrl(`/api/staff/visits/${id}/why`), { headers: owner() });
    const { evidence, review } = (await told.json()) as WhyView;
    const { verdict, scale, candidates } = evidence!;
    assert.equal(verdict, 'disputed');
    assert.equal(review?.state, 'open');
    assert.ok(Math.abs(scale!.removedGrams - 353) < 10);
    const named = candidates.slice(0, 2).map(({ lines }) => lines.map(({ sku }) => sku).join());
    assert.deepEqual(named.sort(), ['cola', 'soda']);
    // The coat is off the cameras again: the next visit is sure.
    assert.equal((await visit(who(), taking('chips'))).outcome, 'charged');
  });

  it('a declined card opens no door', async () => {
    const { outcome, stripe } = await demo('--card', 'insufficient-funds');
    assert.equal(outcome, 'stripe.declined');
    assert.equal(stripe, null);
  });

  it('who is not signed in, or asks for a case that is not there, is told so', async () => {
    const ask = async (id: string) => {
      const response = await fetch(url(`/api/cases/${id}/unlock`), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ requestId: 'abcdefgh', language: 'en' }),
      });
      return { status: response.status, body: (await response.json()) as { error: { code: string } } };
    };
    assert.equal((await ask('123')).body.error.code, 'session.missing');
    const missing = await fetch(url('/api/cases/999'));
    assert.equal(missing.status, 404);
  });

  it('a foreign page cannot post for a customer, and a huge request is refused', async () => {
    const out = url('/api/sign-out');
    const foreign = await fetch(out, { method: 'POST', headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403);
    const huge = await fetch(out, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x'.repeat(100_000) }),
    });
    assert.equal(huge.status, 413);
  });

  it('an unsigned webhook is refused', async () => {
    const response = await fetch(url('/api/stripe/webhook'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"checkout.session.completed"}',
    });
    assert.equal(response.status, 400);
  });

  it('why a visit ended as it did is told to staff who may see money, and to nobody else', async () => {
    const ask = (path: string, headers: Record<string, string> = {}) =>
      fetch(staffUrl(path), { headers, redirect: 'manual' });
    const codeOf = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;
    for (const path of ['/api/staff/visits/abcdef/why', '/API/Staff/visits/abcdef/why', '/why/abcdef']) {
      const forged = { cookie: `tapcase_staff=${'a'.repeat(43)}`, authorization: `Basic ${btoa('owner:guess')}` };
      for (const headers of [{}, forged]) assert.equal((await ask(path, headers)).status, 401, path);
      const refused = await ask(path, technician());
      assert.deepEqual([refused.status, await codeOf(refused)], [403, 'staff.not-allowed'], path);
    }
    // A browser is led to where one signs in, and back.
    const led = await ask('/why/abcdef', { accept: 'text/html' });
    assert.deepEqual([led.status, led.headers.get('location')], [302, '/sign-in?next=%2Fwhy%2Fabcdef']);
    const elsewhere = await ask('/why/abcdef?next=https://evil.example/"<x>', { accept: 'text/html' });
    assert.deepEqual([elsewhere.status, elsewhere.headers.get('location')], [302, '/sign-in']);
    assert.equal((await ask('/why/abcdef', owner())).status, 200);
    const missing = await ask('/api/staff/visits/abcdef/why', owner());
    assert.deepEqual([missing.status, await codeOf(missing)], [404, 'visit.unknown']);
  });

  it('the editor asks who is there', async () => {
    const response = await fetch(staffUrl('/editor/flows'));
    assert.equal(response.status, 401);
  });
}
