// tapcase-record of the cameras in a real Node-RED: what the cameras saw is recorded once, and joins the door's report.
import assert from 'node:assert/strict';
import record from '../../nodes/node-red-contrib-tapcase/src/visit/record/record.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, sawGo, sent, sentVisit, visionReport, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-record', what: 'vision', module: record, outputs: 3 };
const [SETTLE, KEPT] = [1, 2];

describe('tapcase-record of the cameras', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const report = (id: string, part: Parameters<typeof visionReport>[2] = {}) =>
    visits().frame('vision', visionReport(id, visits().nextSeq(), part));

  it('defect 8: keeps what the cameras saw with the visit, so that it decides', async () => {
    const { id } = await visits().visitIn('closed', { grams: 355 });
    const visit = sentVisit(await visits().send(report(id, sawGo({ cola: 1 }))), SETTLE);
    assert.equal(visit.id, id);
    const { vision } = await visits().ledger.evidence(id);
    assert.deepEqual(vision?.before, { 0: { cola: 1 } });
  });

  it('keeps a report that is faster than the door, whose close settles', async () => {
    const { id } = await visits().visitIn('open');
    assert.equal(sentVisit(await visits().send(report(id)), KEPT).phase, 'open');
    assert.notEqual((await visits().ledger.evidence(id)).vision, null);
  });

  it('keeps a report that comes when all is decided, and asks nobody to settle again', async () => {
    const { id } = await visits().visitIn('timeout');
    assert.equal(sentVisit(await visits().send(report(id)), KEPT).phase, 'reconciled');
    assert.notEqual((await visits().ledger.evidence(id)).vision, null);
  });

  it('records a report that comes twice once, and acknowledges it', async () => {
    const { id } = await visits().visitIn('closed');
    const message = report(id);
    sent(await visits().send(message), SETTLE);
    sent(await visits().send(message), KEPT);
    const acks = (await visits().ledger.takeFrames(Date.now(), 5_000, 50)).filter(({ topic }) =>
      topic.endsWith('vision/cmd'),
    );
    assert.equal(acks.length, 1);
  });

  it('keeps a number that has said something else aside, and says so as a fault', async () => {
    const { id } = await visits().visitIn('open');
    const seq = visits().nextSeq();
    sent(await visits().send(visits().frame('vision', visionReport(id, seq))), KEPT);
    const outcomes = await visits().collect(visits().frame('vision', visionReport(id, seq, sawGo({ cola: 1 }))), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'seq.reused');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
    assert.deepEqual((await visits().ledger.evidence(id)).vision?.seq, seq);
  });

  it('keeps what another card says aside, flags its visit, and says so as a fault', async () => {
    const { id } = await visits().visitIn('open');
    await visits().send(report(id, { epoch: '0'.repeat(16), fault: 'detr.model-missing' }));
    const outcomes = await visits().collect(report(id, { epoch: '1'.repeat(16), ...sawGo({ cola: 1 }) }), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'device.unexpected-board');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
    assert.equal((await visits().ledger.visit(id))?.flagged, true);
    assert.equal((await visits().ledger.evidence(id)).vision?.fault, 'detr.model-missing');
  });

  it('says of a visit that is not there as a fault, and has the report acknowledged', async () => {
    const outcomes = await visits().collect(report('nobody0000'), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'visit.unknown');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
  });

  it('refuses what is no vision report', async () => {
    for (const payload of [
      null,
      [],
      { type: 'report' },
      { ...visionReport('abc123', 1), before: { 0: { cola: 1.5 } } },
    ]) {
      assertFault(await visits().send(visits().frame('vision', payload as object)), 'payload.invalid');
    }
    assertFault(await visits().send(visits().frame('door', {})), 'frame.wrong-channel');
    assertFault(await visits().send({}), 'message.incomplete');
  });

  it('refuses a case that the shop does not have', async () => {
    const { frame } = report('abc123');
    assertFault(await visits().send({ frame: { ...frame, caseId: 'other' } }), 'case.unknown');
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, report('abc123')));
});
