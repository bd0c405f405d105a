// Takes what waits in the outbox: one message a row, leased until it is marked as done or the lease ends.
import { setTimeout } from 'node:timers/promises';
import { type Emission, part, says, shows } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { OutboxConfig, Output } from './contract.ts';

/** A row that was taken and not done comes again after this: the broker was away, or the process died. */
const LEASE_MS = 5_000;
/** Nudges that come within this take together: a door that waits for its unlock does not notice it, a receipt can wait longer. */
const TOGETHER_MS = { frames: 20, pushes: 100 } as const;
/** Rows a nudge takes at most; the next nudge takes the rest. */
const ROWS_MAX = 50;

export const take = part<OutboxConfig, unknown, Output>({
  // Any message is a nudge.
  parseMessage: (raw) => raw,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const rows = config.kind === 'frames' ? frames : pushes;
    let isNudged = false;
    return async () => {
      // Whoever is nudged already takes what this nudge is about, too.
      if (isNudged) return undefined;
      isNudged = true;
      await setTimeout(TOGETHER_MS[config.kind]);
      isNudged = false;
      return rows(ledger, node.now());
    };
  },
});

async function frames(ledger: Ledger, nowMs: number): Promise<Emission<Output>[]> {
  const taken = await ledger.takeFrames(nowMs, LEASE_MS, ROWS_MAX);
  return taken.map(({ outboxId, topic, payload }) => ({
    to: 'row',
    // A message of its own: the request or the report that nudged must not travel on to the broker.
    add: { ...FRESH, outboxId, topic, payload, qos: 1 },
    status: shows(payload.type),
  }));
}

async function pushes(ledger: Ledger, nowMs: number): Promise<Emission<Output>[]> {
  const taken = await ledger.takePushes(nowMs, LEASE_MS, ROWS_MAX);
  return taken.map((push) => ({
    to: 'row',
    add: { ...FRESH, outboxId: push.outboxId, push },
    status: says('receipt'),
  }));
}

const FRESH = { req: undefined, res: undefined, frame: undefined, visit: undefined, customer: undefined } as const;
