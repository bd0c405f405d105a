// case-check in a real Node-RED: who may come to a case now.
import assert from 'node:assert/strict';
import caseCheck from '../../nodes/node-red-contrib-tapcase/src/case-check/case-check.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, OFFLINE_AFTER_MS, sent, withVisits } from './visit-bench.ts';

const NODE = { type: 'case-check', module: caseCheck, outputs: 3 };
const [READY, BUSY, OFFLINE] = [0, 1, 2];
const at = (caseId: string, customer?: object) => ({ req: { params: { case: caseId } }, customer });

describe('case-check', () => {
  withRuntime();
  const visits = withVisits(NODE);

  const hear = (agoMs: number) => {
    const status = { type: 'hello', seq: visits().nextSeq(), at: 0, nonce: '0123456789abcdef', fw: '1' } as const;
    return visits().ledger.recordStatus(CASE, status, Date.now() - agoMs);
  };

  it('lets a customer come to a case that is there and free', async () => {
    await hear(0);
    const { case: found } = sent(await visits().send(at(CASE, await visits().customer())), READY);
    assert.equal((found as { name: string }).name, 'Lobby');
  });

  it('says that a case was never heard of, or not for too long', async () => {
    sent(await visits().send(at(CASE)), OFFLINE);
    await hear(OFFLINE_AFTER_MS + 1_000);
    sent(await visits().send(at(CASE)), OFFLINE);
    await hear(OFFLINE_AFTER_MS - 10_000);
    sent(await visits().send(at(CASE)), READY);
  });

  it('says that somebody else is at the case, and lets the customer’s own tap pass', async () => {
    await hear(0);
    await visits().visitIn('open');
    sent(await visits().send(at(CASE, await visits().customer('customer-2'))), BUSY);
    sent(await visits().send(at(CASE, await visits().customer('customer-1'))), READY);
  });

  it('is free again once the door has closed', async () => {
    await hear(0);
    await visits().visitIn('closed');
    sent(await visits().send(at(CASE, await visits().customer('customer-2'))), READY);
  });

  it('refuses a case that the shop does not have', async () => {
    for (const caseId of ['124', '', '../123', '__proto__']) {
      assertFault(await visits().send(at(caseId)), 'case.unknown');
    }
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, at(CASE)));
});
