// tapcase-visit-unlock in a real Node-RED: only held money opens a door, once; no hold, no door.
import assert from 'node:assert/strict';
import { UNLOCK_VALID_SECONDS } from '@tapcase/domain';
import visitUnlock from '../../nodes/node-red-contrib-tapcase/src/visit/visit-unlock/visit-unlock.ts';
import { withRuntime } from './harness.ts';
import {
  assertFault,
  assertMissingConfig,
  CASE,
  INTENT,
  sent,
  sentVisit,
  stripeResult,
  withVisits,
} from './visit-bench.ts';

const NODE = { type: 'tapcase-visit-unlock', module: visitUnlock, outputs: 2 };
const [UNLOCKING, REFUSED] = [0, 1];

describe('tapcase-visit-unlock', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const frames = () => visits().ledger.takeFrames(Date.now(), 5_000, 50);

  it('defect 3: queues an unlock that the controller understands, and wakes the cameras', async () => {
    const visit = await visits().visitIn('requested');
    const { phase, intent } = sentVisit(await visits().send({ visit, stripe: stripeResult() }), UNLOCKING);
    assert.deepEqual([phase, intent], ['unlocking', INTENT]);
    const queued = await frames();
    const commands = queued.map(({ topic, payload }) => [topic, payload.type, 'id' in payload && payload.id]);
    assert.deepEqual(commands, [
      [`case/${CASE}/cmd`, 'unlock', visit.id],
      [`case/${CASE}/vision/cmd`, 'observe', visit.id],
    ]);
    for (const { payload } of queued) {
      assert.ok('exp' in payload && payload.exp - payload.at === UNLOCK_VALID_SECONDS);
      assert.equal(payload.at, Math.floor(Date.now() / 1000));
    }
  });

  it('writes down which hold it was', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: stripeResult() });
    const [step] = (await visits().ledger.money(visit.id)).steps;
    assert.deepEqual([step?.state, step?.intent], ['done', INTENT]);
  });

  it('opens no door for money that is not held', async () => {
    const visit = await visits().visitIn('requested');
    for (const stripe of [undefined, {}, stripeResult({ intent: undefined })]) {
      assertFault(await visits().send({ visit, stripe }), 'message.incomplete');
    }
    assert.equal((await visits().ledger.visit(visit.id))?.phase, 'requested');
    const asks = await visits().send({ visit, stripe: stripeResult({ status: 'requires_action' }) });
    assert.equal(sentVisit(asks, REFUSED).outcome, 'refused');
    assert.deepEqual(await frames(), []);
  });

  it('opens the door once when Stripe’s answer comes twice', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: stripeResult() });
    assertFault(await visits().send({ visit, stripe: stripeResult() }), 'visit.wrong-phase');
    assert.equal((await frames()).length, 2);
  });

  it('opens no door when the hold comes after the visit was given up', async () => {
    const visit = await visits().visitIn('requested');
    await visits().ledger.advanceVisit(visit.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    assertFault(await visits().send({ visit, stripe: stripeResult() }), 'visit.wrong-phase');
    assert.deepEqual(await frames(), []);
    // It is known all the same, and the sweep lets it go.
    const { intents } = await visits().ledger.money(visit.id);
    assert.deepEqual(
      intents.map(({ intent }) => intent),
      [INTENT],
    );
  });

  it('ends the visit of a declined card, keeps the door shut and frees the case', async () => {
    const visit = await visits().visitIn('requested');
    const ended = sentVisit(await visits().send({ visit, stripe: { code: 'card_declined' } }), REFUSED);
    assert.deepEqual([ended.phase, ended.outcome, ended.chargedMinor], ['done', 'refused', 0]);
    assert.equal((await visits().ledger.caseRow(CASE)).openVisitId, null);
    assert.deepEqual(await visits().ledger.takeFrames(Date.now(), 5_000, 50), []);
  });

  it('keeps the reason for whoever asks why', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: { code: 'card_declined' } });
    const [step] = (await visits().ledger.money(visit.id)).steps;
    assert.deepEqual([step?.state, step?.code], ['failed', 'card_declined']);
    const events = await visits().ledger.visitEvents(visit.id);
    assert.deepEqual(events.at(-1)?.note, { code: 'card_declined' });
  });

  it('takes a refusal without a code for a declined card', async () => {
    const visit = await visits().visitIn('requested');
    assert.equal(sentVisit(await visits().send({ visit, stripe: { status: 'canceled' } }), REFUSED).outcome, 'refused');
  });

  it('refuses nothing that was let in meanwhile', async () => {
    const visit = await visits().visitIn('unlocking');
    await visits().send({ visit, stripe: { code: 'late' } });
    assert.equal((await visits().ledger.visit(visit.id))?.phase, 'unlocking');
  });

  it('refuses a message without a visit, and a visit that is not there', async () => {
    assertFault(await visits().send({ stripe: { code: 'x' } }), 'message.incomplete');
    const visit = { ...(await visits().visitIn('requested')), id: 'nobody0000' };
    assertFault(await visits().send({ visit, stripe: { code: 'x' } }), 'visit.unknown');
  });

  it('tells the phone that the card was declined', async () => {
    const visit = await visits().visitIn('requested');
    const message = sent(await visits().send({ visit, stripe: { code: 'card_declined' } }), REFUSED);
    assert.deepEqual(message.refusal, { code: 'stripe.declined' });
  });

  it('asks for a card again where Stripe has it no more, and calls nobody’s card declined', async () => {
    const visit = await visits().visitIn('requested');
    const message = sent(await visits().send({ visit, stripe: { code: 'card_gone' } }), REFUSED);
    assert.deepEqual(message.refusal, { code: 'customer.no-card' });
    assert.equal((message.visit as { outcome: unknown }).outcome, 'unused');
    assert.equal((await visits().ledger.customer(visit.customerId))?.card, null);
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('requested'), stripe: stripeResult() });
  });
});
