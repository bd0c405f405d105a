// A visit in a real ledger that a person was asked about, from its opening to what was decided.
import assert from 'node:assert/strict';
import { Fault, type IntentFacts } from '@tapcase/domain';
import type { Ledger, ReviewOrder } from '../../ledger/src/port.ts';
import { basketOf, DEMO, product } from '../domain/demo-catalog.ts';

const NOW = Date.UTC(2026, 10, 21, 13, 40);
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const HOLD_MINOR = 1_000;

/** `also`: a product that the visit's catalog has besides the demo's. `order`: null leaves the review open. */
export async function reviewedVisit(
  ledger: Ledger,
  { id, caseId, also }: { readonly id: string; readonly caseId: string; readonly also?: string },
  order: ReviewOrder | null,
): Promise<void> {
  const catalog = also === undefined ? DEMO : { ...DEMO, products: [...DEMO.products, product(also, 100, 100)] };
  const intent: IntentFacts = {
    ...{ intent: `pi_${id}`, purpose: 'hold', status: 'requires_capture', amountMinor: HOLD_MINOR },
    ...{ capturableMinor: HOLD_MINOR, captureMaxMinor: HOLD_MINOR, canIncrement: false, receivedMinor: 0 },
    captureBeforeMs: null,
  };
  const at = { atMs: NOW, visionWaitMs: 0 };
  const ends = () => [];
  await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
  const fixed = { language: 'en', catalog, card: CARD, holdMinor: HOLD_MINOR, atMs: NOW } as const;
  const opened = await ledger.openVisit({ id, caseId, customerId: 'ann', requestId: `tap-${id}`, ...fixed });
  assert.equal(opened.kind, 'opened');
  await ledger.holdMade(id, intent, { ...at, effects: [] });
  await ledger.advanceVisit(id, { event: 'door_closed', ...at });
  const decision = { basket: basketOf([], 'disputed'), totalMinor: 0, flagged: true, review: true };
  const next = await ledger.nextMoney(id, { atMs: NOW, ends, decision });
  assert.equal(next.kind, 'send');
  const released: IntentFacts = { ...intent, status: 'canceled', capturableMinor: 0, captureMaxMinor: 0 };
  if (next.kind === 'send') {
    await ledger.answerMoney(next.step, { kind: 'done', intent: released }, { atMs: NOW, ends });
  }
  if (order !== null) assert.ok(!((await ledger.decideReview(id, order)) instanceof Fault));
  // What a correction makes them owe would shut the next visit out.
  await ledger.waiveDebt({ id: `waive-${id}`, visitId: id, reason: 'a test', by: 'owner', atMs: NOW + 1 });
}
