// tapcase-record of a door in a real Node-RED: what a door says is recorded once and moves its visit.
import assert from 'node:assert/strict';
import record from '../../nodes/node-red-contrib-tapcase/src/visit/record/record.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, sent, sentVisit, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-record', what: 'door', module: record, outputs: 3 };
const [MOVED, SETTLE, KEPT] = [0, 1, 2];
const at = Math.floor(Date.now() / 1000);

describe('tapcase-record of a door', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const door = (part: object) => visits().frame('door', { seq: visits().nextSeq(), at, ...part });
  const closed = (id: string) => door({ type: 'closed', id, mass: 0, dmass: 355.2, sigma: 2.1 });

  it('moves the visit when the door opens', async () => {
    const { id } = await visits().visitIn('unlocked');
    assert.equal(sentVisit(await visits().send(door({ type: 'opened', id })), MOVED).phase, 'open');
  });

  it('sends a weighed close to the settling', async () => {
    const { id } = await visits().visitIn('open');
    assert.equal(sentVisit(await visits().send(closed(id)), SETTLE).phase, 'closed');
    const { door: reports } = await visits().ledger.evidence(id);
    assert.equal(reports.at(-1)?.type, 'closed');
  });

  it('sends a door that nobody opened to the settling', async () => {
    const { id } = await visits().visitIn('unlocked');
    const visit = sentVisit(await visits().send(door({ type: 'timeout', id, mass: 0 })), SETTLE);
    assert.equal(visit.phase, 'reconciled');
  });

  it('sends a visit that the case refuses to open for to the settling at once, and says so as a fault', async () => {
    const { id } = await visits().visitIn('unlocking');
    const outcomes = await visits().collect(door({ type: 'refused', id, code: 'case.locked-out' }), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'door.refused');
    const visit = sentVisit(outcomes.find(({ kind }) => kind === 'output')!, SETTLE);
    assert.deepEqual([visit.phase, visit.turnedAway], ['reconciled', 'closed']);
  });

  it('defect 7: keeps the visit open while the door is held, and still waits for the weighed close', async () => {
    const { id } = await visits().visitIn('open');
    const held = sentVisit(await visits().send(door({ type: 'open_too_long', id })), MOVED);
    assert.deepEqual([held.phase, held.openTooLong], ['open', true]);
    assert.equal(sentVisit(await visits().send(closed(id)), SETTLE).phase, 'closed');
  });

  it('records a report that comes twice once, and acknowledges it', async () => {
    const { id } = await visits().visitIn('open');
    const report = closed(id);
    sent(await visits().send(report), SETTLE);
    const events = (await visits().ledger.visitEvents(id)).length;
    sent(await visits().send(report), KEPT);
    assert.equal((await visits().ledger.visitEvents(id)).length, events);
    const acks = (await visits().ledger.takeFrames(Date.now(), 5_000, 50)).filter(
      ({ payload }) => payload.type === 'ack',
    );
    const { seq } = (report.frame as { payload: { seq: number } }).payload;
    assert.equal(acks.filter(({ payload }) => 'of' in payload && payload.of === seq).length, 1);
  });

  it('moves a visit by a close alone when every earlier report was lost', async () => {
    const { id } = await visits().visitIn('unlocking');
    assert.equal(sentVisit(await visits().send(closed(id)), SETTLE).phase, 'closed');
  });

  it('never reopens a visit that has ended', async () => {
    const { id } = await visits().visitIn('requested');
    const change = { atMs: Date.now(), visionWaitMs: 0, set: { outcome: 'refused' } } as const;
    await visits().ledger.advanceVisit(id, { event: 'hold_refused', ...change });
    await visits().send(closed(id));
    const ended = await visits().ledger.visit(id);
    assert.deepEqual([ended?.phase, ended?.outcome, ended?.flagged], ['done', 'refused', true]);
  });

  it('keeps a door opened by force and says so as a fault', async () => {
    const outcomes = await visits().collect(door({ type: 'forced', mass: 0 }), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'door.forced');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
  });

  it('keeps a bolt that does not hold, says so as a fault, and leaves the visit as it is', async () => {
    const { id } = await visits().visitIn('open');
    const outcomes = await visits().collect(door({ type: 'fault', id, code: 'door.bolt' }), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'door.fault');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
    assert.equal((await visits().ledger.visit(id))?.phase, 'open');
  });

  it('keeps what staff put on the shelf, and takes it for nobody’s visit', async () => {
    sent(await visits().send(door({ type: 'restocked', id: 'staff00001', mass: 9, dmass: -355, sigma: 1 })), KEPT);
  });

  it('keeps a number that has said something else aside, and says so as a fault', async () => {
    const { id } = await visits().visitIn('open');
    const opened = door({ type: 'opened', id });
    await visits().send(opened);
    const { seq } = (opened.frame as { payload: { seq: number } }).payload;
    const outcomes = await visits().collect(door({ type: 'closed', id, mass: 0, dmass: 355, sigma: 2, seq }), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'seq.reused');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
    const visit = await visits().ledger.visit(id);
    assert.deepEqual([visit?.phase, visit?.flagged], ['open', true]);
  });

  it('lets a door speak only of its own case’s visits', async () => {
    const outcomes = await visits().collect(closed('nobody0000'), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'visit.unknown');
    sent(outcomes.find(({ kind }) => kind === 'output')!, KEPT);
  });

  it('refuses what is no door report', async () => {
    for (const payload of [
      null,
      'closed',
      {},
      { type: 'closed', id: 'abc123', seq: 0, at },
      { type: 'ajar', seq: 1, at },
    ]) {
      assertFault(await visits().send(visits().frame('door', payload as object)), 'payload.invalid');
    }
    assertFault(await visits().send(visits().frame('vision', {})), 'frame.wrong-channel');
    assertFault(await visits().send({}), 'message.incomplete');
  });

  it('refuses a case that the shop does not have', async () => {
    const { frame } = closed('abc123');
    assertFault(await visits().send({ frame: { ...frame, caseId: `${CASE}4` } }), 'case.unknown');
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, closed('abc123')));
});
