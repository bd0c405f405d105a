// Leaves a visit that was taken from and not paid: hold captured, rest declined.
import assert from 'node:assert/strict';
import type { Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { basketOf, linesOf } from '../domain/demo-catalog.ts';
import { HELD, HOLD_MINOR } from './visit-bench.ts';

const DECLINED = { code: 'card_declined', declineCode: 'insufficient_funds', adviceCode: null };

/** The visit must be closed. Its basket costs 12.00, the hold brings 10.00, 2.00 are owed. */
export async function owe(ledger: Ledger, { id }: Visit, atMs = Date.now()): Promise<Visit> {
  const ends = () => [];
  const basket = basketOf(linesOf({ cola: 6 }));
  const decision = { basket, totalMinor: 1200, flagged: false, review: false };
  const captured = { ...HELD, status: 'succeeded', capturableMinor: 0, receivedMinor: HOLD_MINOR };
  const capture = await ledger.nextMoney(id, { atMs, ends, decision });
  assert.equal(capture.kind, 'send');
  await ledger.answerMoney(
    { visitId: id, kind: 'capture', attempt: 1 },
    { kind: 'done', intent: captured },
    { atMs, ends },
  );
  await ledger.nextMoney(id, { atMs, ends });
  const charge = { visitId: id, kind: 'charge', attempt: 1 } as const;
  const { kind, visit } = await ledger.answerMoney(charge, { kind: 'refused', ...DECLINED }, { atMs, ends });
  assert.deepEqual([kind, visit.outcome], ['ended', 'partly_paid']);
  return visit;
}
