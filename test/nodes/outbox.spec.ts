// tapcase-outbox in a real Node-RED: what waits is handed out once, and is not lost until it is done.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect, Ledger } from '@tapcase/ledger';
import { openLedger } from '@tapcase/ledger';
import outbox from '../../nodes/node-red-contrib-tapcase/src/device/outbox/outbox.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { bench, withRuntime, withStoppedClock } from './harness.ts';
import { assertFault, CARD, CASE, sent } from './visit-bench.ts';

const VISIT = 'visit01';

describe('the outbox', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  let file: string;
  let ledger: Ledger;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
    file = join(folder, 'ledger.db');
    ledger = await openLedger({ file });
    // Whoever takes first from a file frees what a cloud before it had in hand; here both are alive.
    await ledger.takeFrames(Date.now(), 0, 1);
  });
  afterEach(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (node: { step: string } & Record<string, unknown>, ledgerFile = file) =>
    bench({
      node: { id: 'n', type: 'tapcase-outbox', ledger: 'the-ledger', ...node },
      outputs: 1,
      modules: [ledgerNode, outbox],
      configNodes: [{ id: 'the-ledger', type: 'tapcase-ledger', file: ledgerFile }],
    });
  const cause = async (...effects: Effect[]) => {
    const atMs = Date.now();
    await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs });
    const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: 1000, atMs } as const;
    await ledger.openVisit({ id: VISIT, caseId: CASE, customerId: 'ann', requestId: 'tap-0001', ...fixed });
    await ledger.advanceVisit(VISIT, { event: 'hold_made', atMs, visionWaitMs: 0, effects });
  };
  const unlock = (): Effect => {
    const at = Math.floor(Date.now() / 1000);
    return { kind: 'command', caseId: CASE, command: { type: 'unlock', id: VISIT, at, exp: at + 10 } };
  };

  describe('tapcase-outbox, taking', () => {
    it('hands out each waiting command once, ready for the broker, without what nudged it', async () => {
      await cause(unlock(), unlock());
      const { collect } = await start({ step: 'take', kind: 'frames' });
      const outcomes = await collect({ req: {}, visit: {}, nudge: 1 }, 2);
      const messages = outcomes.map((outcome) => sent(outcome, 0));
      assert.deepEqual(
        messages.map(({ topic, qos, req, visit }) => [topic, qos, req, visit]),
        Array.from({ length: 2 }, () => [`case/${CASE}/cmd`, 1, undefined, undefined]),
      );
      assert.deepEqual(
        messages.map(({ payload }) => (payload as { seq: number }).seq),
        [1, 2],
      );
      assert.deepEqual(await ledger.takeFrames(Date.now(), 5_000, 50), []);
      assert.equal((await ledger.takeFrames(Date.now() + 5_000, 5_000, 50)).length, 2);
    });

    it('hands out a receipt with the browsers it goes to', async () => {
      await cause({ kind: 'push', visitId: VISIT });
      const subscription = { endpoint: 'https://push.example/1', p256dh: 'p', auth: 'a', language: 'en' } as const;
      await ledger.putPushSubscription('ann', subscription, Date.now());
      const { send } = await start({ step: 'take', kind: 'pushes' });
      const { push } = sent(await send({}), 0) as { push: { visit: { id: string }; subscriptions: unknown } };
      assert.equal(push.visit.id, VISIT);
      assert.deepEqual(push.subscriptions, [subscription]);
    });

    it('says on every message that its ledger cannot be opened, is not chosen, or that nothing says what to take', async () => {
      const unload = async () => (await import('./harness.ts')).helper.unload();
      assertFault(await (await start({ step: 'take', kind: 'frames' }, folder)).send({}), 'ledger.cannot-open');
      await unload();
      assertFault(await (await start({ step: 'take', kind: 'frames' }, '')).send({}), 'ledger.no-file');
      await unload();
      const none = await start({ step: 'take', kind: 'frames', ledger: '' });
      assertFault(await none.send({}), 'config.missing-node');
      await unload();
      assertFault(await (await start({ step: 'take', kind: 'letters' })).send({}), 'config.invalid');
    });
  });

  describe('tapcase-outbox, marking', () => {
    it('marks what was delivered: it does not come again', async () => {
      await cause(unlock());
      const [frame] = await ledger.takeFrames(Date.now(), 0, 50);
      const { send } = await start({ step: 'done' });
      for (let i = 0; i < 2; i += 1) sent(await send({ outboxId: frame!.outboxId }), 0);
      assert.deepEqual(await ledger.takeFrames(Date.now() + 5_000, 0, 50), []);
    });

    it('refuses a message that says not what was delivered', async () => {
      const { send } = await start({ step: 'done' });
      assertFault(await send({}), 'message.incomplete');
      assertFault(await send({ outboxId: '1' }), 'message.incomplete');
    });

    it('says on every message that no ledger is chosen', async () => {
      const { send } = await start({ step: 'done', ledger: '' });
      assertFault(await send({ outboxId: 1 }), 'config.missing-node');
    });
  });
});
