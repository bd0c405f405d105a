// Stops charging where Stripe knows payments that the ledger never asked for, and says what differs and how to go on.
import { type Emission, type NodeContext, says } from '@tapcase/define-node';
import { Fault, type MarkedPayment, restoredReport } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Output } from './contract.ts';
import type { ListedIntent } from './payments.ts';

/** Once it has stopped, a person is told once a day: by a report under the day's name. */
export async function recognise(
  ledger: Ledger,
  { now, fail }: Pick<NodeContext<Output>, 'now' | 'fail'>,
  intents: readonly ListedIntent[],
): Promise<readonly Emission<Output>[]> {
  const strange = await ledger.strangePayments(intents.flatMap(markedOf));
  if (strange.length === 0) return [];
  const isNew = await ledger.stopMoney(now());
  const day = `${new Date(now()).toISOString().slice(0, 10)} restored`;
  const report = restoredReport(strange);
  await ledger.saveAudit({ day, report, differences: strange.length, atMs: now() });
  if (isNew) {
    const fault = 'Stripe knows payments that the ledger does not: charging has stopped';
    fail(new Fault('money.ledger-restored', fault, { payments: strange.length }));
  }
  const add = { audit: { day, report, differences: strange.length } };
  return [{ to: 'look', add, status: says('charging stopped'), look: 'needs-person' }];
}

function markedOf({ marks, ...payment }: ListedIntent): MarkedPayment[] {
  return marks === undefined ? [] : [{ ...payment, ...marks }];
}
