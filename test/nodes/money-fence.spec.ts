// Money's fence: a ledger that was put back, a process that slept and a clock that was set charge nobody a second time. The whole
// way from the ledger's journal to the stand-in, through Stripe's own SDK, each instance with a ledger and an account of its own.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type Basket,
  Fault,
  type Journal,
  type JournalNext,
  type MoneyMessage,
  orThrow,
  SEND_LEASE_MS,
  type Visit,
} from '@tapcase/domain';
import { type Ledger, openLedger } from '@tapcase/ledger';
import type { RunningStripe, StripeOptions } from '@tapcase/sim/stripe/start-stripe';
import { LEDGER, STANDIN_KEY_FILE } from '../../host/state-folder.ts';
import { type Adapter, createAdapter } from '../../nodes/node-red-contrib-stripe/src/stripe-account/adapter.ts';
import { climb } from '../../nodes/node-red-contrib-stripe/src/stripe-capture/climb.ts';
import { whyOf } from '../../nodes/node-red-contrib-tapcase/src/desk/desk/why.ts';
import { auditOf } from '../../nodes/node-red-contrib-tapcase/src/desk/job/day-audit.ts';
import { askedFor, movedIn } from '../../nodes/node-red-contrib-tapcase/src/desk/job/payments.ts';
import { recognise } from '../../nodes/node-red-contrib-tapcase/src/desk/job/restored.ts';
import { moneyJournal } from '../../nodes/node-red-contrib-tapcase/src/money/journal.ts';
import { event as stripeEvent } from '../../nodes/node-red-contrib-tapcase/src/money/stripe-event/event.ts';
import { restoreCheck } from '../../scripts/ledger/restore-check.ts';
import { basketOf, DEMO, linesOf } from '../domain/demo-catalog.ts';
import { intentFacts } from './intent-facts.ts';
import { cardHolder, SECRET_KEY, sdk, startStandin } from './stripe-bench.ts';

const HOUR_MS = 3_600_000;
const HOLD_MINOR = 200;
/** 6.00: the hold, and 4.00 charged apart. */
const BASKET = basketOf(linesOf({ cola: 3 }));

/** The journal, which is kept waiting where it would have this asked. */
function slowAt(act: string, journal: Journal, wait: () => Promise<void>): Journal {
  const slowly = async (next: Promise<JournalNext>) => {
    const found = await next;
    if (found.kind === 'ask' && found.act === act) await wait();
    return found;
  };
  return { ...journal, answered: (message) => slowly(journal.answered(message)) };
}

describe('money’s fence', () => {
  let standin: RunningStripe;
  let folder: string;
  let file: string;
  let nowMs: number;
  let onRequest: NonNullable<StripeOptions['onRequest']>;
  const open: { close(): unknown }[] = [];
  const restores: (() => void)[] = [];
  const { now } = Date;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
    file = join(folder, 'ledger.db');
    nowMs = now();
    Date.now = () => nowMs;
    onRequest = () => {};
    standin = await startStandin({ now: () => now(), onRequest: (stage, seen) => onRequest(stage, seen) });
  });
  afterEach(async () => {
    Date.now = now;
    for (const restore of restores.splice(0)) restore();
    for (const each of open.splice(0)) await each.close();
    await standin.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Instance {
    readonly ledger: Ledger;
    readonly account: Adapter;
    readonly journal: Journal;
    readonly faults: string[];
    settle(visit: Visit, basket?: Basket): Promise<Visit>;
  }
  /** A cloud: its own connection to the ledger, its own account. */
  async function instance(path = file): Promise<Instance> {
    const ledger = await openLedger({ file: path });
    const address = { protocol: 'http', host: '127.0.0.1', port: standin.port } as const;
    const account = createAdapter({ live: false, address }, { secretKey: SECRET_KEY, webhookSecret: () => '' });
    open.push(ledger, account);
    const journal = moneyJournal(ledger);
    const faults: string[] = [];
    const settle = async (visit: Visit, basket?: Basket) => {
      const message: MoneyMessage = { visit, ...(basket === undefined ? {} : { basket }) };
      await climb({ journal, account: () => account, failed: ({ code }) => faults.push(code) }, message);
      return (await ledger.visit(visit.id))!;
    };
    return { ledger, account, journal, faults, settle };
  }

  /** A customer has taken three colas: held, door closed, nothing settled. */
  async function closed(
    { ledger, account }: Instance,
    magic?: string,
    held: () => Promise<unknown> = async () => {},
    id = 'visit01',
  ) {
    const { customer, paymentMethod } = await cardHolder(standin.port, magic);
    const card = { stripeCustomer: customer, paymentMethod, brand: 'visa', last4: '4242' };
    const { id: customerId } = await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: nowMs });
    const fixed = { language: 'en', catalog: DEMO, card, holdMinor: HOLD_MINOR, atMs: nowMs } as const;
    await ledger.openVisit({ id, caseId: id, customerId, requestId: `tap-${id}`, ...fixed });
    await held();
    const metadata = { visit: id, case: id, step: 'hold', attempt: '1' };
    const order = { amountMinor: HOLD_MINOR, currency: 'usd', customer, paymentMethod, metadata };
    const made = await account.hold({ ...order, idempotencyKey: `${id}:hold:1` });
    await ledger.holdMade(id, intentFacts(made.intent!, 'hold'), { atMs: nowMs, visionWaitMs: 0, effects: [] });
    await ledger.advanceVisit(id, { event: 'door_closed', atMs: nowMs, visionWaitMs: 0 });
    return (await ledger.visit(id))!;
  }

  const pass = (ms: number) => {
    standin.advance(ms);
    nowMs += ms;
  };
  const payments = () => [...standin.books.paymentIntents.values()];
  const received = () => payments().reduce((sum, { amount_received }) => sum + amount_received, 0);
  const givenBack = () => [...standin.books.refunds.values()].reduce((sum, { amount }) => sum + amount, 0);
  /** As a backup is made: whole, while the shop runs. */
  function backUp(): string {
    const copy = join(folder, 'backup.db');
    const database = new DatabaseSync(file);
    rmSync(copy, { force: true });
    database.exec(`vacuum into '${copy}'`);
    database.close();
    return copy;
  }
  /** The shop stops, and goes on with yesterday's ledger. */
  async function putBack(copy: string): Promise<Instance> {
    for (const each of open.splice(0)) await each.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    copyFileSync(copy, file);
    return instance();
  }

  for (const [when, path] of [
    ['the hold is captured', /capture$/],
    ['the rest is charged', /payment_intents$/],
  ] as const) {
    it(`a ledger copied as ${when} and put back a day later charges nobody twice`, async () => {
      const first = await instance();
      const visit = await closed(first);
      let copy = '';
      onRequest = (stage, { method, path: asked }) => {
        if (stage === 'received' && method === 'POST' && path.test(asked) && copy === '') copy = backUp();
      };
      assert.equal((await first.settle(visit, BASKET)).chargedMinor, 600);
      pass(25 * HOUR_MS);
      const second = await putBack(copy);
      const settled = await second.settle((await second.ledger.visit('visit01'))!);
      assert.deepEqual([settled.phase, settled.outcome, settled.chargedMinor], ['done', 'charged', 600]);
      assert.equal(received(), 600);
    });
  }

  it('a debt that was paid in the life that was forgotten is not asked for again', async () => {
    const first = await instance();
    const visit = await closed(first, 'pm_card_declinesWhenAway');
    assert.equal((await first.settle(visit, BASKET)).outcome, 'partly_paid');
    const copy = backUp();
    const { id: paymentMethod } = await sdk(standin.port).paymentMethods.attach('pm_card_visa', {
      customer: visit.card.stripeCustomer,
    });
    await first.ledger.setCard(visit.customerId, { ...visit.card, paymentMethod }, nowMs);
    assert.equal((await first.settle(visit)).chargedMinor, 600);
    pass(25 * HOUR_MS);
    const second = await putBack(copy);
    assert.equal((await second.settle(visit)).chargedMinor, 600);
    assert.equal((await second.ledger.money('visit01')).debt?.state, 'paid');
    assert.equal(received(), 600);
  });

  it('a refund that was made in the life that was forgotten is not made again, and another amount is for a person', async () => {
    const first = await instance();
    const visit = await first.settle(await closed(first), BASKET);
    const copy = backUp();
    const order = { visitId: visit.id, reason: 'warm', by: 'Olga', atMs: nowMs };
    await first.ledger.refund({ ...order, id: 'order-01', amountMinor: 300 });
    assert.equal((await first.settle(visit)).refundedMinor, 300);
    pass(25 * HOUR_MS);
    const second = await putBack(copy);
    await second.ledger.refund({ ...order, id: 'order-02', amountMinor: 300, atMs: nowMs });
    assert.equal((await second.settle(visit)).refundedMinor, 300);
    const third = await putBack(copy);
    await third.ledger.refund({ ...order, id: 'order-03', amountMinor: 200, atMs: nowMs });
    assert.equal((await third.settle(visit)).flagged, true);
    assert.equal(givenBack(), 300);
  });

  it('a hold that was captured in the life that was forgotten is not made again, and a person looks', async () => {
    const first = await instance();
    const visit = await closed(first, undefined, async () => backUp());
    await first.settle(visit, basketOf(linesOf({ cola: 1 })));
    pass(25 * HOUR_MS);
    const second = await putBack(join(folder, 'backup.db'));
    await second.ledger.advanceVisit('visit01', { event: 'case_silent', atMs: nowMs, visionWaitMs: 0 });
    const { outcome, chargedMinor, flagged } = await second.settle(visit);
    assert.deepEqual([outcome, chargedMinor, flagged], ['in_review', 200, true]);
    assert.deepEqual([payments().length, received()], [1, 200]);
  });

  /** By the clock that nobody sets; the time of day stands still. */
  const passMonotonic = (ms: number) => {
    const { bigint } = process.hrtime;
    process.hrtime.bigint = () => bigint() + BigInt(ms) * 1_000_000n;
    restores.push(() => {
      process.hrtime.bigint = bigint;
    });
    standin.advance(ms);
  };
  for (const [how, sleep, fault] of [
    ['a day later, by the time of day, looks and finds', () => pass(25 * HOUR_MS), []],
    ['a day later, by the clock that nobody sets, looks and finds', () => passMonotonic(25 * HOUR_MS), []],
    ['an hour later has lost its lease', () => pass(HOUR_MS), ['stripe.too-late']],
    [
      'an hour later, with a clock that stood still, has lost its lease',
      () => passMonotonic(HOUR_MS),
      ['stripe.too-late'],
    ],
  ] as const) {
    it(`an instance that slept at the charge sends nothing: it wakes ${how}`, async () => {
      const [first, second] = [await instance(), await instance()];
      const visit = await closed(first);
      const asleep = Promise.withResolvers<void>();
      const atTheCharge = Promise.withResolvers<void>();
      const sleepy = slowAt('charge', first.journal, () => {
        atTheCharge.resolve();
        return asleep.promise;
      });
      const failed = ({ code }: { code: string }) => first.faults.push(code);
      const late = climb({ journal: sleepy, account: () => first.account, failed }, { visit, basket: BASKET });
      await atTheCharge.promise;
      nowMs += SEND_LEASE_MS;
      assert.equal((await second.settle(visit)).chargedMinor, 600);
      sleep();
      const sent = payments().length;
      asleep.resolve();
      await late;
      assert.deepEqual([first.faults, payments().length, received()], [fault, sent, 600]);
      const { phase, chargedMinor } = (await first.ledger.visit('visit01'))!;
      assert.deepEqual([phase, chargedMinor], ['done', 600]);
    });
  }

  it('a machine that slept in mid-call with all its clocks does not repeat the call: it looks', async () => {
    const only = await instance();
    const visit = await closed(only);
    standin.failNext('drop-after', 1, /^POST .*payment_intents$/);
    onRequest = (stage, { method, path }) => {
      if (stage === 'executed' && method === 'POST' && path.endsWith('/payment_intents')) standin.advance(25 * HOUR_MS);
    };
    assert.equal((await only.settle(visit, BASKET)).phase, 'settling');
    assert.deepEqual(only.faults, ['stripe.too-late']);
    await only.ledger.wakeMoney('visit01', nowMs);
    assert.equal((await only.settle(visit)).chargedMinor, 600);
    assert.equal(received(), 600);
  });

  it('killed between charge and record, down for 26 hours, then with a clock 5 hours behind: charged once', async () => {
    const first = await instance();
    const visit = await closed(first);
    standin.failNext('drop-after', 3, /^POST .*payment_intents$/);
    assert.equal((await first.settle(visit, BASKET)).phase, 'settling');
    standin.advance(26 * HOUR_MS);
    nowMs += 21 * HOUR_MS;
    const second = await putBack(backUp());
    assert.equal((await second.settle(visit)).chargedMinor, 600);
    assert.equal(received(), 600);
  });

  it('a clock that is set ahead while the card is charged finds nothing to ask a second time', async () => {
    const [first, second] = [await instance(), await instance()];
    const visit = await closed(first);
    let meanwhile: Promise<unknown> = Promise.resolve();
    onRequest = (stage, { method, path }) => {
      if (stage !== 'received' || method !== 'POST' || !path.endsWith('/payment_intents') || nowMs > now() + HOUR_MS)
        return;
      nowMs += 30 * HOUR_MS;
      meanwhile = second.settle(visit);
    };
    await first.settle(visit, BASKET);
    await meanwhile;
    await second.settle(visit);
    assert.equal((await second.ledger.visit('visit01'))?.chargedMinor, 600);
    assert.equal(received(), 600);
  });

  it('costs no question in the ordinary case: one call each for the hold, its capture and the rest', async () => {
    const only = await instance();
    const visit = await closed(only);
    const asked: string[] = [];
    onRequest = (stage, { method, path }) => {
      if (stage === 'received') asked.push(`${method} ${path.replace(/pi_\w+/, 'pi')}`);
    };
    await only.settle(visit, BASKET);
    assert.deepEqual(asked, ['POST /v1/payment_intents/pi/capture', 'POST /v1/payment_intents']);
  });

  describe('a ledger that was put back', () => {
    const told: string[] = [];
    const environment = () => ({
      LEDGER_FILE: file,
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_PROTOCOL: 'http',
      STRIPE_HOST: '127.0.0.1',
      STRIPE_PORT: String(standin.port),
    });
    async function check(...args: string[]): Promise<{ code: number; text: string }> {
      let text = '';
      const write = (more: string) => {
        text += more;
      };
      const code = await restoreCheck(args, { environment: environment(), now: () => nowMs, out: write, err: write });
      return { code, text };
    }
    /** What the books do at the start and every half hour. */
    const look = async ({ ledger, account }: Instance) => {
      told.length = 0;
      const fail = (thrown: unknown) => void told.push((thrown as Fault).code);
      return recognise(ledger, { now: () => nowMs, fail }, await askedFor(account, 0));
    };
    /** Sold an hour after the ledger was made, the backup from just before the money moved, or from before the visit. */
    async function restored(before: 'visit' | 'money'): Promise<{ second: Instance; visit: Visit }> {
      const first = await instance();
      pass(HOUR_MS);
      let copy = backUp();
      const visit = await closed(first);
      if (before === 'money') copy = backUp();
      await first.settle(visit, BASKET);
      assert.deepEqual(await look(first), [], 'nothing is strange before');
      pass(25 * HOUR_MS);
      return { second: await putBack(copy), visit };
    }

    it('is recognised: charging stops, a person reads what differs and how to go on', async () => {
      const { second, visit } = await restored('money');
      const [emission] = await look(second);
      assert.equal(emission?.to, 'look');
      assert.deepEqual(told, ['money.ledger-restored']);
      const [report] = await second.ledger.audits(1);
      assert.match(report!.report, /ledger:restore-check.*visit visit01: charge 1, 4\.00 usd received/s);
      const stopped = await second.settle(visit, BASKET);
      assert.deepEqual(
        [stopped.phase, stopped.chargedMinor],
        ['settling', 200],
        'the hold is captured, nothing is charged',
      );
      await look(second);
      assert.deepEqual(told, [], 'once');
    });

    it('is repaired from Stripe’s records, and goes on', async () => {
      const { second, visit } = await restored('money');
      await look(second);
      await second.settle(visit, BASKET);
      assert.equal((await check()).code, 1);
      const repaired = await check('--repair');
      assert.equal(repaired.code, 0, repaired.text);
      nowMs += HOUR_MS;
      const settled = await second.settle(visit);
      assert.deepEqual([settled.phase, settled.chargedMinor, settled.flagged], ['done', 600, true]);
      assert.deepEqual(await look(second), []);
      assert.equal((await second.ledger.moneyGuard()).stoppedAtMs, null);
      assert.equal(received(), 600);
    });

    it('learns in the repair what was given back and disputed since, of payments that it knew', async () => {
      const first = await instance();
      const [visit, other] = [
        await first.settle(await closed(first), BASKET),
        await first.settle(await closed(first, undefined, undefined, 'visit02'), BASKET),
      ];
      const copy = backUp();
      const order = { id: 'order-01', visitId: visit.id, reason: 'warm', by: 'Olga', atMs: nowMs, amountMinor: 300 };
      await first.ledger.refund(order);
      await first.settle(visit);
      standin.dispute(payments().find(({ metadata }) => metadata.visit === other.id)!.id);
      pass(25 * HOUR_MS);
      const second = await putBack(copy);
      const repaired = await check('--repair');
      assert.equal(repaired.code, 0, repaired.text);
      assert.match(repaired.text, /visit visit02: a dispute written down/);
      assert.equal((await second.settle(visit)).refundedMinor, 300);
      assert.equal((await second.ledger.visit(other.id))?.flagged, true);
    });

    it('without the visit at all goes on when a person has accepted what is left', async () => {
      const { second } = await restored('visit');
      await look(second);
      const { code, text } = await check('--repair');
      assert.equal(code, 1);
      assert.match(text, /visit01 \(not in the ledger\)/);
      assert.equal((await check('--accept')).code, 0);
      assert.deepEqual(await look(second), []);
    });

    it('gives nothing back and opens no pay page while it is stopped', async () => {
      const only = await instance();
      const visit = await only.settle(await closed(only), BASKET);
      const order = { id: 'order-01', visitId: visit.id, reason: 'warm', by: 'Olga', atMs: nowMs, amountMinor: 100 };
      await only.ledger.stopMoney(nowMs);
      await only.ledger.refund(order);
      assert.equal((await only.settle(visit)).refundedMinor, 0);
      await only.ledger.goOnWithMoney(0);
      nowMs += HOUR_MS;
      assert.equal((await only.settle(visit)).refundedMinor, 100);
    });

    it('is not a new ledger beside old payments, nor anybody’s who misuses the check', async () => {
      const first = await instance();
      await first.settle(await closed(first), BASKET);
      for (const each of open.splice(0)) await each.close();
      file = join(folder, 'new.db');
      pass(HOUR_MS);
      assert.deepEqual(await look(await instance()), []);
      for (const bad of [['--days', '0'], ['--what'], ['--days', 'x']]) assert.equal((await check(...bad)).code, 1);
      file = join(folder, 'none.db');
      assert.match((await check()).text, /neither DATABASE_URL nor LEDGER_FILE/);
    });

    it('is checked beside the shop of npm start without a variable', async () => {
      await restored('money');
      const shop = { stripeUrl: `http://localhost:${standin.port}` };
      writeFileSync(join(folder, 'running.json'), JSON.stringify(shop));
      writeFileSync(join(folder, STANDIN_KEY_FILE), SECRET_KEY);
      copyFileSync(file, join(folder, LEDGER));
      let text = '';
      const write = (more: string) => {
        text += more;
      };
      const wherever = { environment: { STATE_DIR: folder }, stateFolder: '/nowhere', now: () => nowMs };
      assert.equal(await restoreCheck([], { ...wherever, out: write, err: write }), 1);
      assert.match(text, /visit visit01: charge 1, 4\.00 usd received/);
      // One whose payments are at Stripe itself has a key of its own, which nobody guesses.
      writeFileSync(join(folder, 'running.json'), JSON.stringify({ stripeUrl: null }));
      assert.equal(await restoreCheck([], { ...wherever, out: write, err: write }), 1);
      assert.match(text, /neither DATABASE_URL nor LEDGER_FILE/);
    });
  });

  describe('what people do at Stripe’s dashboard', () => {
    /** Every event of Stripe's reaches the shop, as the webhook brings it. */
    async function hear({ ledger }: Instance): Promise<void> {
      const { build, parseMessage } = stripeEvent;
      const run = build({ ledger: 'ledger' } as never, { use: () => ledger, now: () => Date.now() } as never);
      for (const { id, type, data } of standin.books.events.values()) {
        await run(orThrow(parseMessage({ event: { id, type, object: data.object } })) as never, {});
      }
    }
    const bought = async (basket = BASKET) => {
      const only = await instance();
      return { only, visit: await only.settle(await closed(only), basket) };
    };
    const capturedOf = ({ books }: RunningStripe) => [...books.paymentIntents.values()].at(-1)!.id;

    it('ordinary events are no news: nothing is looked at, nobody is told', async () => {
      const { only, visit } = await bought();
      const order = {
        id: 'order-01',
        visitId: visit.id,
        reason: 'warm',
        by: 'Olga',
        atMs: Date.now(),
        amountMinor: 100,
      };
      await only.ledger.refund(order);
      await only.settle(visit);
      await hear(only);
      assert.deepEqual((await only.ledger.money(visit.id)).doubted, []);
      assert.equal((await only.ledger.visit(visit.id))?.flagged, false);
    });

    it('a refund there is learnt and shown, and the desk can give back only what is left', async () => {
      const { only, visit } = await bought();
      await sdk(standin.port).refunds.create({ payment_intent: capturedOf(standin), amount: 300 });
      await hear(only);
      const { refundedMinor, flagged } = await only.settle(visit);
      assert.deepEqual([refundedMinor, flagged], [300, true]);
      const [told] = await only.ledger.adjustments(visit.id);
      assert.deepEqual([told?.by, told?.amountMinor], ['Stripe’s dashboard', 300]);
      const why = (await only.ledger.flagReasons([visit.id])).get(visit.id)!;
      assert.equal(whyOf((await only.ledger.visit(visit.id))!, why), '3.00 usd was given back at Stripe');
      const order = { visitId: visit.id, reason: 'warm', by: 'Olga', atMs: Date.now() };
      const tooMuch = await only.ledger.refund({ ...order, id: 'order-01', amountMinor: 400 });
      assert.equal(tooMuch instanceof Fault && tooMuch.code, 'refund.too-large');
      assert.ok(!((await only.ledger.refund({ ...order, id: 'order-02', amountMinor: 300 })) instanceof Fault));
      // The same events again say nothing new.
      await only.settle(visit);
      await hear(only);
      assert.equal((await only.settle(visit)).refundedMinor, 600);
    });

    it('what an account shows as a refund of the hold’s rest is none', async () => {
      standin.switches.partialCapture = 'refunded';
      const only = await instance();
      const less = basketOf(linesOf({ chips: 1 }));
      const visit = await only.settle(await closed(only), less);
      await hear(only);
      const { chargedMinor, refundedMinor, flagged } = await only.settle(visit);
      assert.deepEqual([chargedMinor, refundedMinor, flagged], [150, 0, false]);
      assert.deepEqual((await only.ledger.money(visit.id)).doubted, []);
      await sdk(standin.port).refunds.create({ payment_intent: capturedOf(standin), amount: 100 });
      await hear(only);
      assert.equal((await only.settle(visit)).refundedMinor, 100);
      // A hold that is let go is shown as a refund of all of it.
      const unused = await only.settle(await closed(only, undefined, undefined, 'visit02'), basketOf([]));
      await hear(only);
      const { refundedMinor: nothing, flagged: told } = await only.settle(unused);
      assert.deepEqual([nothing, told], [0, false]);
    });

    it('a refund there of which no event ever told is learnt from the audit of the day', async () => {
      const { only, visit } = await bought();
      await sdk(standin.port).refunds.create({ payment_intent: capturedOf(standin), amount: 300 });
      const day = new Date(nowMs).toISOString().slice(0, 10);
      const node = { now: () => nowMs, fail: () => {} };
      const auditNow = async () =>
        auditOf(only.ledger, node, { day, intents: await askedFor(only.account, 0), moves: undefined });
      assert.equal((await auditNow()).to, 'look');
      assert.equal((await only.settle(visit)).refundedMinor, 300);
      assert.equal((await auditNow()).to, 'report');
    });

    describe('is seen by the audit of the day on which it was done', () => {
      const DAY_MS = 24 * HOUR_MS;
      const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
      /** As the books do it. */
      async function audited({ ledger, account }: Instance, day = dayOf(nowMs)) {
        const told: string[] = [];
        const node = { now: () => nowMs, fail: (thrown: unknown) => void told.push((thrown as Fault).code) };
        const fromMs = Date.parse(day);
        const intents = await askedFor(account, fromMs);
        const made = await auditOf(ledger, node, {
          day,
          intents,
          moves: await movedIn(account, fromMs, fromMs + DAY_MS),
        });
        return { to: made.to, told, report: (await ledger.audits(1))[0]!.report };
      }

      it('a refund of a visit of last month of which no event ever told', async () => {
        const { only, visit } = await bought();
        const intent = capturedOf(standin);
        pass(31 * DAY_MS);
        assert.equal((await audited(only)).to, 'report', 'nothing was done today');
        await sdk(standin.port).refunds.create({ payment_intent: intent, amount: 300 });
        const { to, told, report } = await audited(only);
        assert.deepEqual([to, told], ['look', ['money.differs']]);
        assert.match(report, /visit visit01: the ledger says 0\.00 usd given back, Stripe says 3\.00 usd/);
        assert.equal((await only.settle(visit)).refundedMinor, 300);
        assert.deepEqual((await audited(only)).told, []);
        pass(2 * DAY_MS);
        assert.match((await audited(only)).report, /^Money of .*\n0 visits, 0 payments/, 'and of no other day');
      });

      it('a dispute of a visit of last month of which no event ever told, once', async () => {
        const { only, visit } = await bought();
        const intent = capturedOf(standin);
        pass(31 * DAY_MS);
        standin.dispute(intent);
        const { told, report } = await audited(only);
        assert.deepEqual(told, ['money.differs']);
        assert.match(report, /visit visit01: [24]\.00 usd is disputed at the bank, and no event has told of it/);
        const why = (await only.ledger.flagReasons([visit.id])).get(visit.id)!;
        assert.match(whyOf((await only.ledger.visit(visit.id))!, why), /disputed at the bank \(fraudulent\)/);
        assert.deepEqual((await audited(only)).told, []);
      });

      it('a dispute that an event has told of is no difference', async () => {
        const { only } = await bought();
        standin.dispute(capturedOf(standin));
        await hear(only);
        const { to, report } = await audited(only);
        assert.equal(to, 'report', report);
      });

      it('and names nothing where an account shows the rest of a hold as given back, or our clock was ahead', async () => {
        standin.switches.partialCapture = 'refunded';
        const only = await instance();
        await only.settle(await closed(only), basketOf(linesOf({ chips: 1 })));
        await only.settle(await closed(only, undefined, undefined, 'visit02'), basketOf([]));
        const { to, report } = await audited(only);
        assert.equal(to, 'report', report);
        // Stripe lists the payment under a day on which nothing was bought.
        nowMs += 2 * DAY_MS;
        await only.settle(await closed(only, undefined, undefined, 'visit03'), BASKET);
        const ahead = await audited(only);
        assert.equal(ahead.to, 'report', ahead.report);
      });

      it('a debt of last month that is paid today is compared whole', async () => {
        const only = await instance();
        const visit = await only.settle(await closed(only, 'pm_card_declinesWhenAway'), BASKET);
        assert.equal(visit.outcome, 'partly_paid');
        pass(31 * DAY_MS);
        const { id: paymentMethod } = await sdk(standin.port).paymentMethods.attach('pm_card_visa', {
          customer: visit.card.stripeCustomer,
        });
        await only.ledger.setCard(visit.customerId, { ...visit.card, paymentMethod }, nowMs);
        assert.equal((await only.settle(visit)).chargedMinor, 600);
        const { to, report } = await audited(only);
        assert.equal(to, 'report', report);
        assert.match(report, /Received 6\.00 usd/);
      });
    });

    it('a hold that is captured there is money received; one that is cancelled there is charged apart', async () => {
      for (const [act, outcome, receivedMinor] of [
        ['capture', 'charged', 600],
        ['cancel', 'charged', 600],
      ] as const) {
        const only = await instance();
        const visit = await closed(only, undefined, undefined, `visit-${act}`);
        const { intent } = (await only.ledger.money(visit.id)).intents[0]!;
        await sdk(standin.port).paymentIntents[act](intent);
        await hear(only);
        const settled = await only.settle(visit, BASKET);
        assert.deepEqual([settled.outcome, settled.chargedMinor], [outcome, receivedMinor], act);
        assert.equal(settled.flagged, true, 'a person reads of it');
      }
    });

    it('a hold that is captured there and leaves nothing to ask ends the visit: all of it, nearly all, more', async () => {
      for (const [capturedMinor, basket, outcome] of [
        [150, basketOf(linesOf({ chips: 1 })), 'charged'],
        // What is left is less than any card is charged.
        [120, basketOf(linesOf({ chips: 1 })), 'partly_paid'],
        [200, basketOf([]), 'in_review'],
      ] as const) {
        const only = await instance();
        const visit = await closed(only, undefined, undefined, `visit-${capturedMinor}`);
        const { intent } = (await only.ledger.money(visit.id)).intents[0]!;
        await sdk(standin.port).paymentIntents.capture(intent, { amount_to_capture: capturedMinor });
        await hear(only);
        const settled = await only.settle(visit, basket);
        assert.deepEqual([settled.phase, settled.outcome, settled.chargedMinor], ['done', outcome, capturedMinor]);
      }
    });
  });
});
