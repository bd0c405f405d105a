// tapcase-step in a real Node-RED: what Stripe said, or did not say, and what follows from it.
import assert from 'node:assert/strict';
import {
  type Command,
  FRAME_BYTES_MAX,
  type Language,
  orThrow,
  parseCommand,
  SEQ_MAX,
  sealFrame,
  type Visit,
} from '@tapcase/domain';
import type { OutgoingPush } from '@tapcase/ledger';
import { pushDocument } from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/push-document.ts';
import step from '../../nodes/node-red-contrib-tapcase/src/money/step/step.ts';
import { basketOf, DEMO, linesOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import {
  assertFault,
  assertMissingConfig,
  CARD,
  sentVisit,
  stripeResult,
  type VisitBench,
  withVisits,
} from './visit-bench.ts';

const NODE = { type: 'tapcase-step', what: 'answer', module: step, outputs: 4 };
const NO_ANSWER = { ...NODE, what: 'no-answer' };
const [MORE, ENDED, CHANGED, REST] = [0, 1, 2, 3];
const ends = () => [];

/** A visit whose step is asked of Stripe, and the message as the ledger’s journal words it. */
async function asked(visits: VisitBench, counts: Record<string, number>, totalMinor: number, catalog = DEMO) {
  const visit = await visits.visitIn('closed', { grams: 1, catalog });
  const decision = { basket: basketOf(linesOf(counts)), totalMinor, flagged: false, review: false };
  const next = await visits.ledger.nextMoney(visit.id, { atMs: Date.now(), ends, decision });
  assert.equal(next.kind, 'send');
  const { kind, attempt, amountMinor } = (next as Extract<typeof next, { kind: 'send' }>).step;
  const step = { visitId: visit.id, kind, attempt, amountMinor, answer: 'settled' };
  return { visit: next.visit, step };
}
const captured = (amountReceivedMinor: number) =>
  stripeResult({ status: 'succeeded', capturableMinor: 0, captureMaxMinor: 0, amountReceivedMinor });
const canceled = (more: object = {}) =>
  stripeResult({ status: 'canceled', capturableMinor: 0, captureMaxMinor: 0, ...more });

describe('tapcase-step with an answer', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const shown = async () =>
    (await visits().ledger.takeFrames(Date.now(), 5_000, 50))
      .map(({ payload }) => payload)
      .find((payload): payload is Extract<Command, { type: 'show' }> => payload.type === 'show');
  let taken: OutgoingPush | undefined;
  /** What the receipt says on a locked phone. */
  const pushed = async (language: Language) => {
    taken = (await visits().ledger.takePushes(Date.now(), 5_000, 50))[0] ?? taken;
    const context = { caseName: 'Lobby', publicUrl: 'https://shop.example', language };
    return pushDocument(taken!.visit, { ...context, ...taken! })!.notification.body;
  };
  const declined = stripeResult({ intent: 'pi_apart', status: 'requires_payment_method', code: 'card_declined' });

  it('ends a sale as charged, and shows it at the case', async () => {
    const message = await asked(visits(), { cola: 2 }, 400);
    const ended = sentVisit(await visits().send({ ...message, settled: captured(400) }), ENDED);
    assert.deepEqual([ended.phase, ended.outcome, ended.flagged], ['done', 'charged', false]);
    assert.equal((await visits().ledger.visit(ended.id))?.chargedMinor, 400);
    const command = await shown();
    assert.deepEqual(
      [command?.outcome, command?.items, command?.total, command?.currency, command?.lang],
      ['charged', [['cola', 2]], 400, 'usd', 'en'],
    );
  });

  it('defect 12: queues one receipt, however often the news comes', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    const { visit } = message;
    const keys = { endpoint: 'https://push.example/1', p256dh: 'key', auth: 'auth', language: 'en' } as const;
    await visits().ledger.putPushSubscription(visit.customerId, keys, Date.now());
    sentVisit(await visits().send({ ...message, settled: captured(200) }), ENDED);
    await visits().send({ ...message, settled: captured(200) });
    const queued = await visits().ledger.takePushes(Date.now(), 5_000, 50);
    assert.deepEqual(
      queued.map((push) => push.visit.id),
      [visit.id],
    );
    const events = await visits().ledger.visitEvents(visit.id);
    assert.equal(events.filter(({ event }) => event === 'settled').length, 1);
  });

  it('ends a visit with nothing taken as released, and charges nothing', async () => {
    const message = await asked(visits(), {}, 0);
    const ended = sentVisit(await visits().send({ ...message, settled: canceled() }), ENDED);
    assert.deepEqual([ended.outcome, ended.chargedMinor], ['released', 0]);
    assert.equal((await shown())?.outcome, 'released');
  });

  it('goes on to charge the card when the hold had lapsed', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    const settled = canceled({ code: 'payment_intent_unexpected_state' });
    sentVisit(await visits().send({ ...message, settled }), MORE);
    const next = await visits().ledger.nextMoney(message.visit.id, { atMs: Date.now(), ends });
    assert.deepEqual(next.kind === 'send' && [next.step.kind, next.step.amountMinor], ['charge', 200]);
  });

  it('a basket below the least charge is let go as what it is: no display and no phone asks for another card', async () => {
    const message = await asked(visits(), { candy: 1 }, 30);
    const { ledger } = visits();
    const keys = { endpoint: 'https://push.example/1', p256dh: 'key', auth: 'auth', language: 'en' } as const;
    await ledger.putPushSubscription(message.visit.customerId, keys, Date.now());
    sentVisit(await visits().send({ ...message, settled: stripeResult({ code: 'amount_too_small' }) }), MORE);
    const next = await ledger.nextMoney(message.visit.id, { atMs: Date.now(), ends });
    assert.ok(next.kind === 'send' && next.step.kind === 'cancel');
    const cancel = { ...message.step, kind: 'cancel', amountMinor: 0 };
    const ended = sentVisit(await visits().send({ step: cancel, settled: canceled() }), ENDED);
    assert.deepEqual([ended.outcome, ended.chargedMinor, ended.flagged], ['owed', 0, false]);
    const { debt } = await ledger.money(ended.id);
    assert.deepEqual([debt?.amountMinor, debt?.waivedMinor, debt?.state, debt?.closedBy], [30, 30, 'waived', 'policy']);
    const told = (await ledger.visitEvents(ended.id)).filter(({ event }) => event === 'debt_waived');
    assert.equal(told.length, 1);
    const command = await shown();
    assert.deepEqual([command?.outcome, command?.total, command?.items], ['released', 0, [['candy', 1]]]);
    assert.match(await pushed('en'), /^Nothing to pay for 1 candy: it could not be charged, and is let go\.$/);
    assert.match(await pushed('es'), /^Nada que pagar por 1 .+: no se pudo cobrar y se perdona\.$/);
  });

  it('a rest below the least charge is let go, and the display thanks for what was paid', async () => {
    const message = await asked(visits(), { cola: 5 }, 1_030);
    const { ledger } = visits();
    const keys = { endpoint: 'https://push.example/1', p256dh: 'key', auth: 'auth', language: 'en' } as const;
    await ledger.putPushSubscription(message.visit.customerId, keys, Date.now());
    sentVisit(await visits().send({ ...message, settled: declined }), MORE);
    const next = await ledger.nextMoney(message.visit.id, { atMs: Date.now(), ends });
    assert.ok(next.kind === 'send' && next.step.kind === 'capture');
    const capture = { ...message.step, kind: 'capture', amountMinor: 1_000 };
    const ended = sentVisit(await visits().send({ step: capture, settled: captured(1_000) }), ENDED);
    assert.deepEqual([ended.outcome, ended.chargedMinor], ['partly_paid', 1_000]);
    const command = await shown();
    assert.deepEqual([command?.outcome, command?.total], ['charged', 1_000]);
    assert.equal(await pushed('en'), '$10.00 for 5 cola; the rest is let go. Thank you!');
    assert.match(await pushed('es'), /el resto se perdona/);
  });

  it('hands money that nobody asked for to a person', async () => {
    const message = await asked(visits(), {}, 0);
    const settled = { ...captured(500), code: 'payment_intent_unexpected_state' };
    const ended = sentVisit(await visits().send({ ...message, settled }), ENDED);
    assert.deepEqual([ended.outcome, ended.flagged], ['in_review', true]);
  });

  it('writes down how the step went', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    await visits().send({ ...message, settled: captured(200) });
    const { steps, intents } = await visits().ledger.money(message.visit.id);
    assert.equal(steps.find(({ kind }) => kind === 'capture')?.state, 'done');
    assert.deepEqual([intents[0]?.status, intents[0]?.receivedMinor], ['succeeded', 200]);
  });

  it('a debt that was paid on a page is closed, and its card is the customer’s from now on', async () => {
    const visit = await owe(visits().ledger, await visits().visitIn('closed', { grams: 1 }));
    const { ledger } = visits();
    const atMs = Date.now();
    await ledger.payDebt(visit.id, { atMs, expiresAtMs: atMs + 3_600_000 });
    const step = { visitId: visit.id, kind: 'pay', attempt: 1, amountMinor: 200, answer: 'paid' };
    const card = { ...CARD, paymentMethod: 'pm_other', last4: '4444' };
    const intent = { ...captured(200), intent: 'pi_page', amountMinor: 200 };
    const paid = { state: 'paid', session: 'cs_1', intent, card };
    sentVisit(await visits().send({ step, paid }), CHANGED);
    assert.deepEqual(await ledger.openDebts(visit.customerId), []);
    assert.equal((await ledger.visit(visit.id))?.chargedMinor, 1200);
    assert.equal((await ledger.customer(visit.customerId))?.card?.last4, '4444');
  });

  it('shows no name in a frame that a modem cannot carry', async () => {
    // The widest that a name can be in UTF-8, and cut inside a character if one is careless.
    const name = { en: `a${'🥤'.repeat(29)}`, es: 'x' };
    const catalog = { ...DEMO, products: DEMO.products.map((product) => ({ ...product, name })) };
    const counts = { cola: 1, soda: 1, water: 1, chips: 1, juice: 1, candy: 1 };
    const message = await asked(visits(), counts, 970, catalog);
    sentVisit(await visits().send({ ...message, settled: captured(970) }), ENDED);
    const command = await shown();
    assert.ok(command !== undefined);
    orThrow(parseCommand(command));
    for (const [text] of command.items) assert.ok(text.isWellFormed());
    const frame = sealFrame({
      topic: 'case/12345678901234567890123456789012/cmd',
      payload: { ...command, seq: SEQ_MAX },
      key: new Uint8Array(32),
      hmac: () => new Uint8Array(32),
    });
    assert.ok(frame instanceof Uint8Array && frame.length <= FRAME_BYTES_MAX);
  });

  it('refuses an answer that says nothing about money, or that no step waits for', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    const bad = [undefined, {}, { status: 'succeeded' }, captured(1.5), captured(-1), { ...captured(1), status: 7 }];
    for (const settled of bad.slice(0, 2))
      assertFault(await visits().send({ ...message, settled }), 'message.incomplete');
    for (const settled of bad.slice(3)) assertFault(await visits().send({ ...message, settled }), 'message.incomplete');
    assertFault(await visits().send({ settled: captured(1) }), 'message.incomplete');
    const strange = { ...message.step, attempt: 9 };
    assertFault(await visits().send({ ...message, step: strange, settled: captured(200) }), 'money.unknown-step');
    const nobody = { ...message.step, visitId: 'nobody0000' };
    assertFault(await visits().send({ ...message, step: nobody, settled: captured(200) }), 'visit.unknown');
    assert.equal((await visits().ledger.visit(message.visit.id))?.phase, 'settling');
  });

  it('says on every message that no ledger is chosen', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    await assertMissingConfig(NODE, { ...message, settled: captured(200) });
    assert.equal(REST, 3);
  });
});

describe('tapcase-step without an answer', () => {
  withRuntime();
  const visits = withVisits(NO_ANSWER);
  const [AGAIN, DONE, WAITS] = [0, 1, 3];
  const fault = (code: string) => ({ error: { message: 'no', code, source: { id: 'n' } } });
  const capture = async ({ id }: Visit) =>
    (await visits().ledger.money(id)).steps.find(({ kind }) => kind === 'capture');

  it('keeps a step without an answer, and its visit waits twice as long each time', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    const visit = sentVisit(await visits().send({ ...message, ...fault('stripe.unreachable') }), WAITS);
    const step = await capture(visit);
    assert.deepEqual([step?.state, step?.code], ['unknown', 'stripe.unreachable']);
    const { dueAtMs } = (await visits().ledger.visit(visit.id))!;
    assert.equal(dueAtMs, Date.now() + 2_000);
  });

  it('takes a definite no for an answer: the ladder goes on', async () => {
    const message = await asked(visits(), { cola: 1 }, 200);
    sentVisit(await visits().send({ ...message, ...fault('stripe.refused-request') }), AGAIN);
    assert.equal((await capture(message.visit))?.state, 'failed');
    assert.equal(DONE, 1);
  });

  it('gives up a visit whose hold got no answer: the case is free, and the hold is looked for', async () => {
    const visit = await visits().visitIn('requested');
    const step = { visitId: visit.id, kind: 'hold', attempt: 1, amountMinor: 1000, answer: 'stripe' };
    const given = sentVisit(await visits().send({ visit, step, ...fault('stripe.unreachable') }), WAITS);
    assert.equal((await visits().ledger.visit(given.id))?.phase, 'settling');
    assert.equal((await visits().ledger.caseRow(visit.caseId)).openVisitId, null);
  });

  it('refuses a step that is none, and says on every message that no ledger is chosen', async () => {
    assertFault(await visits().send({ step: { visitId: 7 }, ...fault('a.b') }), 'message.incomplete');
    const message = await asked(visits(), { cola: 1 }, 200);
    await assertMissingConfig(NO_ANSWER, { ...message, ...fault('a.b') });
  });
});
