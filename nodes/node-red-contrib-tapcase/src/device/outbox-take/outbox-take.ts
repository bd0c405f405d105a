// Takes what waits in the ledger's outbox: one message a row, leased until outbox-done marks it or the lease ends.
import { defineNode, type Emission } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** A row that was taken and not done comes again after this: the broker was away, or the process died. */
const LEASE_MS = 5_000;
/** Rows a nudge takes at most; the next nudge takes the rest. */
const ROWS_MAX = 50;

export default defineNode({
  type: 'outbox-take',
  outputs: ['taken'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const take = config.kind === 'frames' ? takeFrames : takePushes;
    return () => take(ledger, node.now());
  },
});

async function takeFrames(ledger: Ledger, nowMs: number): Promise<Emission<'taken'>[]> {
  const frames = await ledger.takeFrames(nowMs, LEASE_MS, ROWS_MAX);
  return frames.map(({ outboxId, topic, payload }) => ({
    to: 'taken',
    // A message of its own: the request or the report that nudged must not travel on to the broker.
    add: { ...FRESH, outboxId, topic, payload, qos: 1 },
    status: payload.type,
  }));
}

async function takePushes(ledger: Ledger, nowMs: number): Promise<Emission<'taken'>[]> {
  const pushes = await ledger.takePushes(nowMs, LEASE_MS, ROWS_MAX);
  return pushes.map((push) => ({ to: 'taken', add: { ...FRESH, outboxId: push.outboxId, push }, status: 'receipt' }));
}

const FRESH = { req: undefined, res: undefined, frame: undefined, visit: undefined, customer: undefined } as const;
