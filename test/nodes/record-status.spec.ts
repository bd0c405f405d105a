// tapcase-record of a case’s state in a real Node-RED: a heartbeat is kept, a freshly booted controller is told the time.
import assert from 'node:assert/strict';
import { SKEW_SECONDS_MAX } from '@tapcase/domain';
import record from '../../nodes/node-red-contrib-tapcase/src/visit/record/record.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, sent, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-record', what: 'status', module: record, outputs: 3 };
const [HELLO, STATUS] = [0, 2];
const NONCE = '0123456789abcdef';
const seconds = (offset = 0) => Math.floor(Date.now() / 1000) + offset;

describe('tapcase-record of a case’s state', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const status = (seq: number, at = seconds()) =>
    visits().frame('status', {
      type: 'status',
      seq,
      at,
      door: 'closed',
      mass: 0,
      vcc: 3.7,
      temp: 4.1,
      rssi: -93,
      fw: '1',
    });
  const hello = (seq: number) => visits().frame('status', { type: 'hello', seq, at: 0, nonce: NONCE, fw: '1' });

  it('keeps the last heartbeat and when it came', async () => {
    sent(await visits().send(status(1)), STATUS);
    const { lastStatus, heardAtMs } = await visits().ledger.caseRow(CASE);
    assert.equal(lastStatus?.seq, 1);
    assert.equal(heardAtMs, Date.now());
  });

  it('tells a freshly booted controller the time, tied to its nonce', async () => {
    sent(await visits().send(hello(1)), HELLO);
    const [frame] = await visits().ledger.takeFrames(Date.now(), 5_000, 50);
    assert.equal(frame?.topic, `case/${CASE}/cmd`);
    assert.ok(frame?.payload.type === 'time' && frame.payload.nonce === NONCE);
    assert.equal(frame.payload.at, seconds());
  });

  it('refuses a number that was there before', async () => {
    sent(await visits().send(status(7)), STATUS);
    assertFault(await visits().send(status(7)), 'seq.replayed');
    assertFault(await visits().send(hello(6)), 'seq.replayed');
    assert.deepEqual(await visits().ledger.takeFrames(Date.now(), 5_000, 50), []);
  });

  it('says of a board that nobody expected as a fault, and tells it the time all the same', async () => {
    const hi = (digit: string, seq: number, more: object = {}) =>
      visits().frame('status', { type: 'hello', seq, at: 0, nonce: NONCE, fw: '1', epoch: digit.repeat(16), ...more });
    sent(await visits().send(hi('0', 7)), HELLO);
    const outcomes = await visits().collect(hi('1', 1), 2);
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'device.unexpected-board');
    sent(outcomes.find(({ kind }) => kind === 'output')!, HELLO);
    assert.equal((await visits().ledger.takeFrames(Date.now(), 5_000, 50)).length, 2);
    assert.equal((await visits().ledger.caseRow(CASE)).hasUnexpectedBoard, true);
  });

  it('says as a fault that the ledger was put back, and tells the time all the same', async () => {
    const { epoch } = await visits().ledger.ledgerEpoch(Date.now());
    const more = { epoch: '0'.repeat(16), last: 268, ledger: epoch };
    const outcomes = await visits().collect(
      visits().frame('status', { type: 'hello', seq: 1, at: 0, nonce: NONCE, fw: '1', ...more }),
      2,
    );
    assertFault(outcomes.find(({ kind }) => kind === 'fault')!, 'ledger.restored');
    sent(outcomes.find(({ kind }) => kind === 'output')!, HELLO);
    assert.equal((await visits().ledger.takeFrames(Date.now(), 5_000, 50)).length, 1);
  });

  it('refuses a status whose clock is off either way, and keeps nothing of it', async () => {
    sent(await visits().send(status(1, seconds(-SKEW_SECONDS_MAX))), STATUS);
    sent(await visits().send(status(2, seconds(SKEW_SECONDS_MAX))), STATUS);
    for (const off of [-SKEW_SECONDS_MAX - 1, SKEW_SECONDS_MAX + 1]) {
      assertFault(await visits().send(status(9, seconds(off))), 'frame.clock-skew');
    }
    assert.equal((await visits().ledger.caseRow(CASE)).lastStatus?.seq, 2);
  });

  it('refuses what is no status', async () => {
    assertFault(await visits().send(visits().frame('status', { type: 'status' })), 'payload.invalid');
    assertFault(await visits().send(visits().frame('door', {})), 'frame.wrong-channel');
    assertFault(await visits().send({}), 'message.incomplete');
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, hello(1)));
});
