// case-check in a real Node-RED: who may come to a case now.
import assert from 'node:assert/strict';
import type { StatusReport } from '@tapcase/domain';
import caseCheck from '../../nodes/node-red-contrib-tapcase/src/visit/case-check/case-check.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, OFFLINE_AFTER_MS, sent, withVisits } from './visit-bench.ts';

const NODE = { type: 'case-check', module: caseCheck, outputs: 5 };
const [READY, BUSY, OFFLINE, CLOSED, RESTOCKING] = [0, 1, 2, 3, 4];
type How = Partial<Extract<StatusReport, { type: 'status' }>>;
const STATUS = { door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '1' } as const;
const at = (caseId: string, customer?: object) => ({ req: { params: { case: caseId } }, customer });

describe('case-check', () => {
  withRuntime();
  const visits = withVisits(NODE);

  const hear = (agoMs: number) => {
    const status = { type: 'hello', seq: visits().nextSeq(), at: 0, nonce: '0123456789abcdef', fw: '1' } as const;
    return visits().ledger.recordStatus(CASE, status, Date.now() - agoMs);
  };

  const tell = (how: How, agoMs = 0) => {
    const atMs = Date.now() - agoMs;
    const at = Math.floor(atMs / 1000);
    const status: StatusReport = { type: 'status', seq: visits().nextSeq(), at, ...STATUS, ...how };
    return visits().ledger.recordStatus(CASE, status, atMs);
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

  it('keeps customers from a case that is locked out, at fault or without mains, and lets them in again after', async () => {
    const ways: How[] = [
      { state: 'locked_out', faults: [] },
      { state: 'fault', faults: ['door.bolt'] },
      { state: 'open', power: 'lost' },
    ];
    for (const how of ways) {
      await tell(how);
      const { case: found } = sent(await visits().send(at(CASE, await visits().customer())), CLOSED);
      assert.equal((found as { id: string }).id, CASE);
      await tell({ state: 'locked', power: 'mains', faults: ['scale.silent'] });
      sent(await visits().send(at(CASE, await visits().customer())), READY);
    }
  });

  it('says that the case is being restocked', async () => {
    await tell({ state: 'restock' });
    sent(await visits().send(at(CASE, await visits().customer())), RESTOCKING);
  });

  it('keeps nobody out for what a status does not say, or says in words that are new', async () => {
    for (const how of [
      {},
      { state: 'weighing' },
      { state: 'polishing' },
      { state: 'locked', power: 'battery' },
    ] as const) {
      await tell(how);
      sent(await visits().send(at(CASE, await visits().customer())), READY);
    }
  });

  it('a case that was locked out and then fell silent is offline, whatever it said last', async () => {
    await tell({ state: 'locked_out' }, OFFLINE_AFTER_MS + 1_000);
    sent(await visits().send(at(CASE)), OFFLINE);
  });

  it('a customer who is at the shelf when a lockout comes finds their own visit', async () => {
    await visits().visitIn('open');
    await tell({ state: 'locked_out' });
    sent(await visits().send(at(CASE, await visits().customer('customer-1'))), READY);
    sent(await visits().send(at(CASE, await visits().customer('customer-2'))), BUSY);
  });

  it('refuses a case that the shop does not have', async () => {
    for (const caseId of ['124', '', '../123', '__proto__']) {
      assertFault(await visits().send(at(caseId)), 'case.unknown');
    }
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, at(CASE)));
});
