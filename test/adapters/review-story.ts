// Plays a visit with a doubtful basket against a bank that loses answers, staff who press every button, and restarts; then
// the bank's own books say whether anybody paid too much.
import assert from 'node:assert/strict';
import { audit, Fault, type IntentFacts, NOT_DONE } from '@tapcase/domain';
import fc from 'fast-check';
import type { Ledger, MoneyStep, ReviewOrder } from '../../ledger/src/port.ts';
import { basketOf, DEMO } from '../domain/demo-catalog.ts';
import type { LedgerPlace } from './ledger.contract.ts';

const NOW = 1_763_678_400_000;
const DAY_MS = 24 * 3_600_000;
const HOLD_MINOR = 1000;
const COLA_MINOR = 200;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const PERSON = { by: 'owner', note: 'on a picture' };

/** One thing that happens; a number says how many colas or cents. */
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), bank: fc.constantFrom('takes', 'declines') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ask-lost' as const), reached: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('correct' as const), count: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('waive' as const), givesBack: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirm' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('page' as const), isPaid: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('refund' as const), amountMinor: fc.integer({ min: 1, max: 500 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('lower' as const), amountMinor: fc.integer({ min: 0, max: 2_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forgive' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** `colas`: what the basket holds for certain; the hold pays for five. */
export const story = fc.record({ colas: fc.integer({ min: 0, max: 8 }), events: fc.array(event, { maxLength: 14 }) });
export type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

export async function play(place: LedgerPlace, { colas, events }: Story): Promise<void> {
  let ledger = await place.open();
  /** By idempotency key: what the bank did. */
  const books = new Map<string, { readonly step: MoneyStep; readonly taken: boolean }>();
  let nowMs = NOW;
  try {
    await opened(ledger);
    const lines = colas === 0 ? [] : [{ sku: 'cola', count: colas }];
    const totalMinor = colas * COLA_MINOR;
    const decision = { basket: basketOf(lines, 'disputed'), totalMinor, flagged: true, review: colas === 0 };
    const first = await ledger.nextMoney('visit01', { atMs: nowMs, ends, decision });
    if (first.kind === 'send') await answer(ledger, first.step, 'takes');
    for (const [at, each] of events.entries()) {
      nowMs += DAY_MS;
      if (each.kind === 'restart') {
        await ledger.close();
        ledger = await place.open();
      } else await happens(ledger, each, at);
      await within(ledger);
    }
    await drained(ledger);
    await balances(ledger);
  } finally {
    await ledger.close();
  }

  async function happens(ledger: Ledger, each: Exclude<Event, { kind: 'restart' }>, at: number): Promise<void> {
    const staff = { id: `order-${at}`, visitId: 'visit01', reason: 'because', by: 'owner', atMs: nowMs };
    switch (each.kind) {
      case 'ask':
      case 'ask-lost': {
        const next = await ledger.nextMoney('visit01', { atMs: nowMs, ends });
        if (next.kind === 'look') return looked(ledger, next.step);
        if (next.kind !== 'send') return;
        if (each.kind === 'ask') return answer(ledger, next.step, each.bank as 'takes' | 'declines');
        if (each.reached) bankDoes(next.step, true);
        await ledger.answerMoney(next.step, { kind: 'unknown', code: 'stripe.unreachable' }, { atMs: nowMs, ends });
        return;
      }
      case 'page': {
        const page = await ledger.payDebt('visit01', { atMs: nowMs, expiresAtMs: nowMs + 1 });
        if (page.kind !== 'send') return;
        const open = { kind: 'page_open', session: `cs_${at}`, url: 'https://pay.example' } as const;
        await ledger.answerMoney(page.step, open, { atMs: nowMs, ends });
        if (each.isPaid) bankDoes(page.step, true);
        return;
      }
      case 'refund':
        await ledger.refund({ ...staff, amountMinor: each.amountMinor });
        return;
      case 'lower':
        await ledger.lowerTotal({ ...staff, newTotalMinor: each.amountMinor });
        return;
      case 'forgive':
        await ledger.waiveDebt(staff);
        return;
      default:
        await ledger.decideReview('visit01', { ...PERSON, atMs: nowMs, ...orderOf(each) } as ReviewOrder);
    }
  }

  /** The same key has the same answer, however often it is asked. */
  function bankDoes(step: MoneyStep, wantsTo: boolean): boolean {
    const before = books.get(step.idempotencyKey);
    if (before === undefined) books.set(step.idempotencyKey, { step, taken: wantsTo });
    return before?.taken ?? wantsTo;
  }

  async function answer(ledger: Ledger, step: MoneyStep, bank: 'takes' | 'declines'): Promise<void> {
    const canDecline = step.kind === 'charge' || step.kind === 'pay';
    const taken = bankDoes(step, bank === 'takes' || !canDecline);
    const declined = {
      kind: 'refused',
      code: 'card_declined',
      declineCode: 'insufficient_funds',
      adviceCode: null,
    } as const;
    await ledger.answerMoney(step, taken ? doneBy(step) : declined, { atMs: nowMs, ends });
  }

  async function looked(ledger: Ledger, step: MoneyStep): Promise<void> {
    const notDone = { kind: 'refused', code: NOT_DONE, declineCode: null, adviceCode: null } as const;
    // A refund that is not found is made by the same call.
    const isTaken = step.kind === 'refund' ? bankDoes(step, true) : books.get(step.idempotencyKey)?.taken === true;
    await ledger.answerMoney(step, isTaken ? doneBy(step) : notDone, { atMs: nowMs, ends });
  }

  async function drained(ledger: Ledger): Promise<void> {
    for (let asks = 0; asks < 40; asks += 1) {
      nowMs += 2 * DAY_MS;
      const next = await ledger.nextMoney('visit01', { atMs: nowMs, ends });
      if (next.kind === 'look') await looked(ledger, next.step);
      else if (next.kind === 'send') await answer(ledger, next.step, 'takes');
      else if ((await ledger.money('visit01')).steps.every(({ state }) => state === 'done' || state === 'failed'))
        return;
    }
    throw new Error('the money never came to rest');
  }

  function sumAtBank(...kinds: string[]): number {
    const taken = [...books.values()].filter(({ step, taken }) => taken && kinds.includes(step.kind));
    return taken.reduce((sum, { step }) => sum + step.amountMinor, 0);
  }

  /** At every moment, by the bank's books. */
  async function within(ledger: Ledger): Promise<void> {
    const { review } = (await ledger.review('visit01'))!;
    const costsMinor = Math.max(colas * COLA_MINOR, review.totalMinor ?? 0);
    assert.ok(sumAtBank('capture', 'charge', 'pay') <= costsMinor, 'more was taken than the visit costs');
    assert.ok(sumAtBank('refund') <= sumAtBank('capture', 'charge', 'pay'), 'more went back than was taken');
  }

  async function balances(ledger: Ledger): Promise<void> {
    await within(ledger);
    const { review } = (await ledger.review('visit01'))!;
    const received = sumAtBank('capture', 'charge', 'pay');
    if (review.totalMinor !== null) {
      assert.ok(
        received - sumAtBank('refund') <= review.totalMinor,
        'the customer paid more than the corrected basket',
      );
    }
    const { chargedMinor, refundedMinor } = (await ledger.visit('visit01'))!;
    assert.deepEqual([chargedMinor, refundedMinor], [received, sumAtBank('refund')]);
    const { intents } = await ledger.money('visit01');
    const visits = await ledger.auditedVisits({ fromMs: NOW, untilMs: NOW + 1, limit: 1 });
    const atStripe = intents.map(({ intent, status, receivedMinor }, at) => {
      return {
        intent,
        visitId: 'visit01',
        status,
        receivedMinor,
        refundedMinor: at === 0 ? refundedMinor : 0,
        untakenMinor: 0,
      };
    });
    assert.deepEqual(audit(visits, atStripe).differences, []);
  }
}

const ends = () => [];

function orderOf(each: Extract<Event, { kind: 'correct' | 'waive' | 'confirm' }>): object {
  if (each.kind === 'correct') return { decision: 'correct', lines: [{ sku: 'cola', count: each.count }] };
  return each.kind === 'waive' ? { decision: 'waive', givesBack: each.givesBack } : { decision: 'confirm' };
}

function doneBy(step: MoneyStep) {
  if (step.kind === 'refund') return { kind: 'done', refund: `re_${step.attempt}` } as const;
  const isHold = step.kind === 'capture' || step.kind === 'cancel';
  const intent: IntentFacts = {
    ...HELD,
    ...(isHold
      ? {}
      : { intent: `pi_${step.idempotencyKey}`, purpose: 'charge' as const, amountMinor: step.amountMinor }),
    status: step.kind === 'cancel' ? 'canceled' : 'succeeded',
    capturableMinor: 0,
    captureMaxMinor: 0,
    receivedMinor: step.kind === 'cancel' ? 0 : step.amountMinor,
  };
  return { kind: 'done', intent } as const;
}

const HELD: IntentFacts = {
  intent: 'pi_hold',
  purpose: 'hold',
  status: 'requires_capture',
  amountMinor: HOLD_MINOR,
  capturableMinor: HOLD_MINOR,
  captureMaxMinor: HOLD_MINOR,
  canIncrement: false,
  receivedMinor: 0,
  captureBeforeMs: null,
};

async function opened(ledger: Ledger): Promise<void> {
  await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'en', atMs: NOW });
  await ledger.setCard('ann', CARD, NOW);
  const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: HOLD_MINOR, atMs: NOW } as const;
  await ledger.openVisit({ id: 'visit01', caseId: '123', customerId: 'ann', requestId: 'tap-0001', ...fixed });
  await ledger.holdMade('visit01', HELD, { atMs: NOW, visionWaitMs: 0, effects: [] });
  const closed = await ledger.advanceVisit('visit01', { event: 'door_closed', atMs: NOW, visionWaitMs: 0 });
  assert.ok(!(closed instanceof Fault));
}
