// Finds holds that nobody will settle: of visits that have ended, or that the ledger never had (a restored backup).
import { type Emission, type NodeContext, says } from '@tapcase/define-node';
import { Fault, HELD } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Output } from './contract.ts';
import type { ListedIntent } from './payments.ts';

/** A visit that runs is younger; its hold is its own business. */
const QUIET_MS = 30 * 60_000;
/** A hold that the bank soon lets go by itself is captured now or never. */
const NEAR_END_MS = 24 * 3_600_000;

/** What to do about each, and at the end how many were looked at. */
export async function leftoverHolds(
  ledger: Ledger,
  { now, fail }: Pick<NodeContext<Output>, 'now' | 'fail'>,
  intents: readonly ListedIntent[],
): Promise<readonly Emission<Output>[]> {
  const emissions: Emission<Output>[] = [];
  for (const intent of intents) {
    const found = intent.status === HELD ? await judge(ledger, intent, now()) : undefined;
    if (found === undefined) continue;
    // A person should know: either is a sign that something went wrong before.
    fail(found.fault);
    emissions.push(found.emission);
  }
  const holds = { looked: intents.length, found: emissions.length };
  const status = emissions.length === 0 ? { status: says('__n__ looked at', { n: intents.length }) } : {};
  return [...emissions, { to: 'report', add: { holds }, ...status }];
}

async function judge(
  ledger: Ledger,
  { intent, visitId, createdAtMs, captureBeforeMs }: ListedIntent,
  nowMs: number,
): Promise<{ fault: Fault; emission: Emission<Output> } | undefined> {
  if (nowMs - createdAtMs < QUIET_MS) return undefined;
  const visit = await ledger.visit(visitId);
  if (visit === undefined || visit.phase === 'done') {
    const settle = { id: `orphan-${intent}`, kind: 'cancel', intent, amountMinor: 0, attempt: 1 };
    return {
      fault: new Fault('money.orphan-hold', 'a hold was left over and is let go', { intent, visitId }),
      emission: { to: 'let-go', add: { settle }, status: says('let go'), look: 'needs-person' },
    };
  }
  if (captureBeforeMs === null || captureBeforeMs - nowMs > NEAR_END_MS) return undefined;
  await ledger.wakeMoney(visitId, nowMs);
  return {
    fault: new Fault('money.hold-expiring', 'a hold ends within a day and its visit has not', { intent, visitId }),
    emission: { to: 'settle', add: { visit }, status: says('hurry'), look: 'needs-person' },
  };
}
