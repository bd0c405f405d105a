// The timer of a job in a real Node-RED, and how its runs follow each other.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { defineConfigNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { StripeAccount } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { auditsDue, daysToAudit } from '../../nodes/node-red-contrib-tapcase/src/desk/job/day-audit.ts';
import jobNode from '../../nodes/node-red-contrib-tapcase/src/desk/job/job.ts';
import { oneAtATime } from '../../nodes/node-red-contrib-tapcase/src/desk/job/one-at-a-time.ts';
import type { PaymentSource } from '../../nodes/node-red-contrib-tapcase/src/desk/job/payments.ts';
import { startTimer } from '../../nodes/node-red-contrib-tapcase/src/desk/job/timer.ts';
import { until } from '../patience.ts';
import { type RunningNode, withRuntime } from './harness.ts';
import { assertFault, CASE, sent, withVisits } from './visit-bench.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const [SETTLE, LET_GO, LOOK, REPORT] = [0, 1, 2, 3];

describe('the timer of a job', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }));
  afterEach(() => mock.timers.reset());
  const NOW_MS = 1_000_000;
  const start = (everyS: number, firstS: number) => {
    let runs = 0;
    const timer = startTimer(
      { everyS, firstS },
      () => NOW_MS,
      () => {
        runs += 1;
      },
    );
    return { timer, runs: () => runs };
  };

  it('runs first after its first wait, then after each of the others', () => {
    const { timer, runs } = start(60, 5);
    assert.equal(timer.nextAtMs(), NOW_MS + 5_000);
    mock.timers.tick(4_999);
    assert.equal(runs(), 0);
    mock.timers.tick(1);
    assert.deepEqual([runs(), timer.nextAtMs()], [1, NOW_MS + 60_000]);
    mock.timers.tick(120_000);
    assert.equal(runs(), 3);
  });

  it('is over when the node is stopped, before the first run or after it', () => {
    for (const passedMs of [0, 6_000]) {
      const { timer, runs } = start(60, 5);
      mock.timers.tick(passedMs);
      const before = runs();
      timer.stop();
      mock.timers.tick(600_000);
      assert.equal(runs(), before);
    }
  });

  it('that is set to 0 never runs', () => {
    const { runs } = start(0, 0);
    mock.timers.tick(DAY_MS);
    assert.equal(runs(), 0);
  });
});

describe('runs of a job', () => {
  it('follow each other, also after one that failed', async () => {
    const turns = oneAtATime();
    const told: string[] = [];
    const run = (name: string, fails = false) =>
      turns.take(async () => {
        told.push(`${name} begins`);
        await Promise.resolve();
        if (fails) throw new Error(name);
        told.push(`${name} ends`);
      });
    const first = run('first', true);
    const second = run('second');
    assert.equal(turns.isBusy(), true);
    await assert.rejects(first, /first/);
    await second;
    assert.deepEqual(told, ['first begins', 'second begins', 'second ends']);
    assert.equal(turns.isBusy(), false);
  });

  it('are refused when ten wait already', async () => {
    const turns = oneAtATime();
    const taken = Array.from({ length: 11 }, () => turns.take(async () => {}));
    assert.throws(() => turns.take(async () => {}), { code: 'job.busy' });
    await Promise.all(taken);
    await turns.take(async () => {});
  });
});

describe('a job with a timer', () => {
  withRuntime();

  describe('that learns', () => {
    const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'learning', everyS: '3600', firstS: '0' };
    const visits = withVisits(NODE);

    it('does so by itself', async () => {
      assert.equal(await until('the case has learned', async () => (await visits().ledger.learning(CASE))?.visits), 0);
    });

    it('shows when it does so again', async () => {
      await until('the next time', () =>
        shown(visits().node('n')).some((text) => /^1 cases → \d\d:\d\d UTC$/.test(text)),
      );
    });
  });

  describe('that cannot work', () => {
    const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'books', everyS: '1', firstS: '0' };
    const visits = withVisits({ ...NODE, account: 'nowhere' });

    it('says so as a fault that Catch sees, by itself', async () => {
      const told: unknown[] = [];
      visits()
        .node('caught')
        .on('input', ((message: { error: { code: string } }) => told.push(message.error.code)) as never);
      await until('a fault', () => told.length > 0);
      assert.equal(told[0], 'config.missing-node');
    });
  });
});

/** What a node has shown so far. */
function shown(node: RunningNode): string[] {
  // The helper watches it.
  const { args } = (node as unknown as { status: { args: [{ text: string }][] } }).status;
  return args.map(([{ text }]) => text);
}

describe('the books of an account', () => {
  let listed: Awaited<ReturnType<PaymentSource['intents']>> = [];
  let asked: number[] = [];
  let failure: Fault | undefined;
  // The port of the other palette, as far as it is used here.
  const account: PaymentSource = {} as StripeAccount;
  const accountNode = defineConfigNode({
    type: 'stripe-account',
    parseConfig: () => ({}),
    open: () =>
      Object.assign(account, {
        intents: async ({ createdAfterMs }: { createdAfterMs: number }) => {
          asked.push(createdAfterMs);
          if (failure !== undefined) throw failure;
          return listed;
        },
        refundsMade: async () => [],
        disputes: async () => [],
      }),
  } as never);
  const beside = { modules: [accountNode], configNodes: [{ id: 'the-account', type: 'stripe-account' }] };
  const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'books', account: 'the-account', beside };
  withRuntime();
  const visits = withVisits(NODE);
  const midnightMs = () => Date.now() - (Date.now() % DAY_MS);
  const at = (sinceMidnightMs: number) => {
    const nowMs = midnightMs() + sinceMidnightMs;
    Date.now = () => nowMs;
  };
  beforeEach(() => {
    listed = [];
    asked = [];
    failure = undefined;
  });
  const leftover = () => ({
    id: 'pi_left',
    status: 'requires_capture',
    metadata: { visit: 'of-another-life' },
    createdAtMs: Date.now() - HOUR_MS,
    captureBeforeMs: null,
    amountReceivedMinor: 0,
    amountRefundedMinor: 0,
  });

  it('ask Stripe for the payments of eight days and let a leftover hold go', async () => {
    at(HOUR_MS);
    listed = [leftover()];
    const outcomes = await visits().collect({}, 3);
    assertFault(outcomes[0]!, 'money.orphan-hold');
    assert.equal((sent(outcomes[1]!, LET_GO).settle as { intent: string }).intent, 'pi_left');
    assert.deepEqual(sent(outcomes[2]!, REPORT).holds, { looked: 1, found: 1 });
    assert.deepEqual(asked, [Date.now() - 8 * DAY_MS]);
    assert.deepEqual(await visits().ledger.audits(10), []);
  });

  it('compare the two days once, with the first run of the morning, and one that is asked for at any time', async () => {
    at(5 * HOUR_MS);
    const round = await visits().collect({}, 3);
    assert.deepEqual(
      round.map((outcome) => Object.keys(sent(outcome, REPORT)).filter((key) => key === 'audit' || key === 'holds')),
      [['holds'], ['audit'], ['audit']],
    );
    const days = daysToAudit(Date.now());
    assert.deepEqual((await visits().ledger.audits(10)).map(({ day }) => day).sort(), [...days].sort());
    assert.deepEqual(sent(await visits().send({}), REPORT).holds, { looked: 0, found: 0 });
    assert.equal(
      (sent(await visits().send({ audit: { day: days[0] } }), REPORT).audit as { day: string }).day,
      days[0],
    );
  });

  it('say that Stripe cannot be asked, once for each thing that was to be done', async () => {
    at(5 * HOUR_MS);
    failure = new Fault('stripe.unreachable', 'no answer');
    for (const outcome of await visits().collect({}, 3)) assertFault(outcome, 'stripe.unreachable');
    assert.equal(asked.length, 3);
  });

  it('hurry a visit without its case: it is settled', async () => {
    at(HOUR_MS);
    const { id } = await visits().visitIn('open', { agoMs: HOUR_MS });
    listed = [{ ...leftover(), metadata: { visit: id }, captureBeforeMs: Date.now() + HOUR_MS }];
    const outcomes = await visits().collect({}, 2);
    assert.equal((sent(outcomes[1]!, SETTLE).visit as { id: string }).id, id);
  });

  it('name a payment that no visit is known of', async () => {
    at(5 * HOUR_MS);
    listed = [{ ...leftover(), status: 'succeeded', createdAtMs: midnightMs() - HOUR_MS, amountReceivedMinor: 5 }];
    const outcomes = await visits().collect({ audit: { day: daysToAudit(Date.now())[0] } }, 2);
    assertFault(outcomes[0]!, 'money.differs');
    assert.match((sent(outcomes[1]!, LOOK).audit as { report: string }).report, /of-another-life/);
  });
});

describe('which days are to be audited', () => {
  const MORNING_MS = 4 * HOUR_MS + 10 * 60_000;
  const report = (day: string, atMs: number) => ({ day, atMs, report: '', differences: 0 });

  it('none before the morning, both at it, and none that was audited since midnight', () => {
    const midnightMs = Date.now() - (Date.now() % DAY_MS);
    const nowMs = midnightMs + MORNING_MS;
    const [yesterday, monthAgo] = daysToAudit(nowMs) as [string, string];
    assert.deepEqual(auditsDue(nowMs - 1, []), []);
    assert.deepEqual(auditsDue(nowMs, []), [yesterday, monthAgo]);
    assert.deepEqual(auditsDue(nowMs, [report(monthAgo, midnightMs - 29 * DAY_MS)]), [yesterday, monthAgo]);
    assert.deepEqual(auditsDue(nowMs, [report(monthAgo, midnightMs)]), [yesterday]);
    assert.deepEqual(auditsDue(midnightMs + DAY_MS - 1, [report(monthAgo, nowMs), report(yesterday, nowMs)]), []);
  });
});
