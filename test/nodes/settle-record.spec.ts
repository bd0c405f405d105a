// settle-record in a real Node-RED: a visit ends with what Stripe really did, once, and the customer is told.
import assert from 'node:assert/strict';
import { type Command, FRAME_BYTES_MAX, orThrow, parseCommand, sealFrame, type Visit } from '@tapcase/domain';
import type { Settle } from '../../nodes/node-red-contrib-tapcase/src/settle-plan/settle-plan.ts';
import settleRecord from '../../nodes/node-red-contrib-tapcase/src/settle-record/settle-record.ts';
import { DEMO, linesOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, basketOf, INTENT, sentVisit, withVisits } from './visit-bench.ts';

const NODE = { type: 'settle-record', module: settleRecord, outputs: 2 };
const [DONE, ENDED] = [0, 1];

describe('settle-record', () => {
  withRuntime();
  const visits = withVisits(NODE);

  /** A visit in settling with a basket, as settle-plan leaves it. */
  const settling = async (counts: Record<string, number>, totalMinor: number, catalog = DEMO): Promise<Visit> => {
    const visit = await visits().visitIn('closed', { grams: 1, catalog });
    const change = { atMs: Date.now(), visionWaitMs: 0 };
    const basket = basketOf(linesOf(counts));
    const { ledger } = visits();
    orThrow(await ledger.advanceVisit(visit.id, { event: 'basket_decided', set: { basket, totalMinor }, ...change }));
    return orThrow(await ledger.advanceVisit(visit.id, { event: 'settle_started', ...change }));
  };
  const capture = ({ id }: Visit, amountMinor: number): Settle => ({
    id,
    kind: 'capture',
    intent: INTENT,
    amountMinor,
    attempt: 1,
    outcome: 'charged',
  });
  const cancel = ({ id }: Visit): Settle => ({ ...capture({ id } as Visit, 0), kind: 'cancel', outcome: 'released' });
  const settled = (status: string, amountReceivedMinor: number, code?: string) => ({
    intent: INTENT,
    status,
    amountReceivedMinor,
    ...(code === undefined ? {} : { code }),
  });
  const shown = async () =>
    (await visits().ledger.takeFrames(Date.now(), 5_000, 50))
      .map(({ payload }) => payload)
      .find((payload): payload is Extract<Command, { type: 'show' }> => payload.type === 'show');
  const pushes = () => visits().ledger.takePushes(Date.now(), 5_000, 50);

  it('ends a sale as charged, and shows it at the case', async () => {
    const visit = await settling({ cola: 2 }, 400);
    const message = { visit, settle: capture(visit, 400), settled: settled('succeeded', 400) };
    const ended = sentVisit(await visits().send(message), DONE);
    assert.deepEqual([ended.phase, ended.outcome, ended.chargedMinor, ended.flagged], ['done', 'charged', 400, false]);
    const command = await shown();
    assert.deepEqual(
      [command?.outcome, command?.items, command?.total, command?.currency, command?.lang],
      ['charged', [['cola', 2]], 400, 'usd', 'en'],
    );
  });

  it('defect 12: queues one receipt, however often the news comes', async () => {
    const visit = await settling({ cola: 1 }, 200);
    const keys = { endpoint: 'https://push.example/1', p256dh: 'key', auth: 'auth', language: 'en' } as const;
    await visits().ledger.putPushSubscription(visit.customerId, keys, Date.now());
    const message = { visit, settle: capture(visit, 200), settled: settled('succeeded', 200) };
    sentVisit(await visits().send(message), DONE);
    const again = sentVisit(await visits().send(message), ENDED);
    assert.equal(again.outcome, 'charged');
    const queued = await pushes();
    assert.deepEqual(
      queued.map((push) => push.visit.id),
      [visit.id],
    );
    const events = await visits().ledger.visitEvents(visit.id);
    assert.equal(events.filter(({ event }) => event === 'settled').length, 1);
  });

  it('ends a visit with nothing taken as released, and charges nothing', async () => {
    const visit = await settling({}, 0);
    const message = { visit, settle: cancel(visit), settled: settled('canceled', 0) };
    const ended = sentVisit(await visits().send(message), DONE);
    assert.deepEqual([ended.outcome, ended.chargedMinor], ['released', 0]);
    assert.equal((await shown())?.outcome, 'released');
  });

  it('ends a refused capture as owed, and asks for a person', async () => {
    const visit = await settling({ cola: 1 }, 200);
    const message = {
      visit,
      settle: capture(visit, 200),
      settled: settled('canceled', 0, 'payment_intent_unexpected_state'),
    };
    const ended = sentVisit(await visits().send(message), DONE);
    assert.deepEqual([ended.outcome, ended.chargedMinor, ended.flagged], ['owed', 0, true]);
    const command = await shown();
    assert.deepEqual([command?.outcome, command?.total], ['owed', 200]);
  });

  it('hands money that nobody asked for to a person', async () => {
    const visit = await settling({}, 0);
    const message = { visit, settle: cancel(visit), settled: settled('succeeded', 500, 'unexpected_state') };
    const ended = sentVisit(await visits().send(message), DONE);
    assert.deepEqual([ended.outcome, ended.chargedMinor, ended.flagged], ['in_review', 500, true]);
  });

  it('writes down how the money step went', async () => {
    const visit = await settling({ cola: 1 }, 200);
    const step = { visitId: visit.id, kind: 'capture', attempt: 1 } as const;
    await visits().ledger.planStep({ ...step, idempotencyKey: `${visit.id}:capture:1`, amountMinor: 200 });
    await visits().send({ visit, settle: capture(visit, 200), settled: settled('succeeded', 200) });
    const written = (await visits().ledger.moneySteps(visit.id)).find(({ kind }) => kind === 'capture');
    assert.deepEqual(
      [written?.state, written?.intent, written?.result],
      ['done', INTENT, { status: 'succeeded', amountReceivedMinor: 200 }],
    );
  });

  it('ends a visit without any hold as unused', async () => {
    const visit = await visits().visitIn('requested');
    const change = { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 } as const;
    await visits().ledger.advanceVisit(visit.id, change);
    assert.equal(sentVisit(await visits().send({ visit }), DONE).outcome, 'unused');
  });

  it('shows a long receipt in a frame that the modem can carry', async () => {
    // The widest that a name can be in UTF-8, and cut inside a character if one is careless.
    const name = { en: `a${'🥤'.repeat(29)}`, es: 'x' };
    const catalog = { ...DEMO, products: DEMO.products.map((product) => ({ ...product, name })) };
    const visit = await settling({ cola: 1, soda: 1, water: 1, chips: 1, juice: 1, candy: 1 }, 970, catalog);
    const message = { visit, settle: capture(visit, 970), settled: settled('succeeded', 970) };
    sentVisit(await visits().send(message), DONE);
    const command = await shown();
    assert.ok(command !== undefined);
    orThrow(parseCommand(command));
    for (const [text] of command.items) assert.ok(text.isWellFormed());
    const frame = sealFrame({
      topic: 'case/12345678901234567890123456789012/cmd',
      payload: { ...command, seq: Number.MAX_SAFE_INTEGER },
      key: new Uint8Array(32),
      hmac: () => new Uint8Array(32),
    });
    assert.ok(frame instanceof Uint8Array && frame.length <= FRAME_BYTES_MAX);
  });

  it('refuses an answer that says nothing about money, and a visit that is not settling', async () => {
    const visit = await settling({ cola: 1 }, 200);
    for (const bad of [
      undefined,
      {},
      { status: 'succeeded' },
      { amountReceivedMinor: 1.5 },
      { amountReceivedMinor: -1 },
    ]) {
      assertFault(await visits().send({ visit, settle: capture(visit, 200), settled: bad }), 'message.incomplete');
    }
    assertFault(await visits().send({ settled: settled('succeeded', 1) }), 'message.incomplete');
    const open = await visits().visitIn('open');
    const early = { visit: open, settle: capture(open, 200), settled: settled('succeeded', 200) };
    assertFault(await visits().send(early), 'visit.wrong-phase');
    assertFault(await visits().send({ ...early, visit: { ...open, id: 'nobody0000' } }), 'visit.unknown');
  });

  it('says on every message that no ledger is chosen', async () => {
    const visit = await settling({ cola: 1 }, 200);
    await assertMissingConfig(NODE, { visit, settle: capture(visit, 200), settled: settled('succeeded', 200) });
  });
});
