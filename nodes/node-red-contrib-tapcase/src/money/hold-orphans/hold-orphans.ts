// Finds holds that nobody will settle: of visits that have ended, or that the ledger never had (a restored backup).
import { defineNode, type Emission } from '@tapcase/define-node';
import { Fault, HELD } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { defaults, type ListedIntent, parseConfig, parseMessage } from './contract.ts';

/** A visit that runs is younger; its hold is its own business. */
const QUIET_MS = 30 * 60_000;
/** A hold that the bank soon lets go by itself is captured now or never. */
const NEAR_END_MS = 24 * 3_600_000;

export default defineNode({
  type: 'hold-orphans',
  outputs: ['let-go', 'hurry'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ intents }) => {
      const emissions: Emission<'let-go' | 'hurry'>[] = [];
      for (const intent of intents) {
        const found = intent.status === HELD ? await judge(ledger, intent, node.now()) : undefined;
        if (found === undefined) continue;
        // A person should know: either is a sign that something went wrong before.
        node.fail(found.fault);
        emissions.push(found.emission);
      }
      if (emissions.length === 0) node.status(`${intents.length} looked at`);
      return emissions;
    };
  },
});

async function judge(
  ledger: Ledger,
  { intent, visitId, createdAtMs, captureBeforeMs }: ListedIntent,
  nowMs: number,
): Promise<{ fault: Fault; emission: Emission<'let-go' | 'hurry'> } | undefined> {
  if (nowMs - createdAtMs < QUIET_MS) return undefined;
  const visit = await ledger.visit(visitId);
  if (visit === undefined || visit.phase === 'done') {
    const settle = { id: `orphan-${intent}`, kind: 'cancel', intent, amountMinor: 0, attempt: 1 };
    return {
      fault: new Fault('money.orphan-hold', 'a hold was left over and is let go', { intent, visitId }),
      emission: { to: 'let-go', add: { settle }, status: 'let go', look: 'needs-person' },
    };
  }
  if (captureBeforeMs === null || captureBeforeMs - nowMs > NEAR_END_MS) return undefined;
  await ledger.wakeMoney(visitId, nowMs);
  return {
    fault: new Fault('money.hold-expiring', 'a hold ends within a day and its visit has not', { intent, visitId }),
    emission: { to: 'hurry', add: { visit }, status: 'hurry', look: 'needs-person' },
  };
}
