// Debts, refunds, repeats and the daily reconciliation: the rules, without a ledger.
import assert from 'node:assert/strict';
import {
  type AuditedIntent,
  type AuditedVisit,
  again,
  audit,
  auditReport,
  CALL_MS_MAX,
  DEBT_TRIES_MAX,
  type Debt,
  debtReason,
  Fault,
  GAVE_UP,
  type IntentFacts,
  isTooSmall,
  judgeAnswer,
  judgeLook,
  KEY_TRUSTED_MS,
  type MoneyFacts,
  NOT_DONE,
  nextDebtMove,
  nextTryAtMs,
  planAdjustment,
  remembers,
  retryAfterMs,
  splitRefund,
} from '@tapcase/domain';
import fc from 'fast-check';

const AT_MS = 1_763_683_200_000;
const DAY_MS = 86_400_000;

const intent: IntentFacts = {
  intent: 'pi_1',
  purpose: 'hold',
  status: 'succeeded',
  amountMinor: 1000,
  capturableMinor: 0,
  captureMaxMinor: 0,
  canIncrement: false,
  receivedMinor: 1000,
  captureBeforeMs: null,
};
const facts: MoneyFacts = {
  currency: 'usd',
  totalMinor: 1600,
  opened: true,
  review: false,
  intents: [intent],
  steps: [{ kind: 'charge', attempt: 1, amountMinor: 600, state: 'failed', code: 'card_declined' }],
};
const debt: Debt = {
  visitId: 'v1',
  customerId: 'c1',
  amountMinor: 600,
  waivedMinor: 0,
  currency: 'usd',
  state: 'open',
  reason: 'declined',
  code: 'card_declined',
  declineCode: 'insufficient_funds',
  adviceCode: null,
  nextTryAtMs: AT_MS,
  tries: 0,
  openedAtMs: AT_MS,
  closedAtMs: null,
  closedBy: null,
  closingNote: null,
};

describe('a debt', () => {
  const refused = { code: 'card_declined', declineCode: 'insufficient_funds', adviceCode: null };

  it('is asked for again a day later when the bank’s reason passes by itself', () => {
    assert.equal(nextTryAtMs(refused, 0, AT_MS), AT_MS + DAY_MS);
  });

  it('is never asked for again on a lost card', () => {
    assert.equal(nextTryAtMs({ ...refused, declineCode: 'lost_card' }, 0, AT_MS), null);
  });

  it('the network’s advice outranks the bank’s reason', () => {
    assert.equal(nextTryAtMs({ ...refused, adviceCode: 'do_not_try_again' }, 0, AT_MS), null);
    assert.equal(nextTryAtMs({ ...refused, adviceCode: 'confirm_card_data' }, 0, AT_MS), null);
    const later = { ...refused, declineCode: 'do_not_honor', adviceCode: 'try_again_later' };
    assert.equal(nextTryAtMs(later, 0, AT_MS), AT_MS + DAY_MS);
  });

  it('is asked for at most three times', () => {
    assert.notEqual(nextTryAtMs(refused, DEBT_TRIES_MAX - 1, AT_MS), null);
    assert.equal(nextTryAtMs(refused, DEBT_TRIES_MAX, AT_MS), null);
  });

  it('says whether the bank declined, wants its customer, or something else went wrong', () => {
    assert.equal(debtReason(refused), 'declined');
    assert.equal(debtReason({ ...refused, code: 'authentication_required', declineCode: null }), 'authentication');
    assert.equal(debtReason({ code: 'amount_too_small', declineCode: null, adviceCode: null }), 'other');
  });

  it('below the least charge is the operator’s to forgive', () => {
    assert.ok(isTooSmall(49, 'usd'));
    assert.ok(!isTooSmall(50, 'usd'));
  });

  it('that Stripe has called too small is forgiven, where its currency’s least amount is not known', () => {
    const small = { kind: 'charge', attempt: 1, amountMinor: 40, state: 'failed', code: 'amount_too_small' } as const;
    assert.ok(isTooSmall(40, 'kes', [small]));
    assert.ok(!isTooSmall(41, 'kes', [small]));
    assert.ok(!isTooSmall(40, 'kes', [{ ...small, kind: 'capture' }]));
  });

  it('of which less is left than a charge can carry is let go', () => {
    const move = nextDebtMove(facts, { ...debt, waivedMinor: 551 }, AT_MS);
    assert.deepEqual(move, { kind: 'too_small', restMinor: 49 });
    const step = { kind: 'charge', attempt: 2, amountMinor: 50 };
    assert.deepEqual(nextDebtMove(facts, { ...debt, waivedMinor: 550 }, AT_MS), { kind: 'step', step });
  });

  it('is asked for no more once a payment of it was given up without an answer', () => {
    for (const kind of ['charge', 'pay'] as const) {
      const steps = [{ kind, attempt: 1, amountMinor: 600, state: 'failed', code: GAVE_UP } as const];
      assert.deepEqual(nextDebtMove({ ...facts, steps }, debt, AT_MS), { kind: 'rest', dueAtMs: null });
    }
    const refund = { kind: 'refund', attempt: 1, amountMinor: 1, state: 'failed', code: GAVE_UP } as const;
    assert.equal(nextDebtMove({ ...facts, steps: [...facts.steps, refund] }, debt, AT_MS).kind, 'step');
  });

  it('whose charge never reached the bank is asked for again at once, at most three times', () => {
    const lost = { code: NOT_DONE, declineCode: null, adviceCode: null };
    assert.equal(nextTryAtMs(lost, DEBT_TRIES_MAX - 1, AT_MS), AT_MS);
    assert.equal(nextTryAtMs(lost, DEBT_TRIES_MAX, AT_MS), null);
  });

  it('is charged when it is due, and not a millisecond earlier', () => {
    assert.deepEqual(nextDebtMove(facts, debt, AT_MS - 1), { kind: 'rest', dueAtMs: AT_MS });
    const move = { kind: 'step', step: { kind: 'charge', attempt: 2, amountMinor: 600 } };
    assert.deepEqual(nextDebtMove(facts, debt, AT_MS), move);
  });

  it('waits for the customer when the card is not to be asked again', () => {
    assert.deepEqual(nextDebtMove(facts, { ...debt, nextTryAtMs: null }, AT_MS), { kind: 'rest', dueAtMs: null });
  });

  it('is paid once all of the basket is received, by whatever way', () => {
    const paid = { ...facts, intents: [intent, { ...intent, intent: 'pi_2', receivedMinor: 600 }] };
    assert.deepEqual(nextDebtMove(paid, debt, AT_MS), { kind: 'paid' });
  });

  it('of which a part was forgiven asks only for the rest', () => {
    const move = nextDebtMove(facts, { ...debt, waivedMinor: 200 }, AT_MS);
    assert.deepEqual(move, { kind: 'step', step: { kind: 'charge', attempt: 2, amountMinor: 400 } });
  });
});

describe('a step that got no answer', () => {
  const sent = { state: 'unknown', firstSentAtMs: AT_MS, lastSentAtMs: AT_MS, code: 'stripe.unreachable' } as const;

  it('is sent again under its key, whatever our clock says of its age', () => {
    assert.equal(again(sent, AT_MS + 1), 'send');
    assert.equal(again(sent, AT_MS + 10 * KEY_TRUSTED_MS), 'send');
  });

  it('needs no look for 23 hours of Stripe’s own clock; without its word one is always needed', () => {
    assert.equal(remembers(AT_MS, AT_MS + KEY_TRUSTED_MS - 1), true);
    assert.equal(remembers(AT_MS, AT_MS + KEY_TRUSTED_MS), false);
    assert.equal(remembers(null, AT_MS), false);
    assert.equal(remembers(AT_MS, undefined), false);
  });

  it('that Stripe said not to send again is looked up once no call can still run', () => {
    const unknown = { ...sent, code: 'stripe.unknown-outcome' };
    assert.deepEqual(again(unknown, AT_MS + CALL_MS_MAX - 1), { waitUntilMs: AT_MS + CALL_MS_MAX });
    assert.equal(again(unknown, AT_MS + CALL_MS_MAX), 'look');
  });

  it('that a clock 30 hours ahead has sent is not waited for', () => {
    const ahead = { ...sent, lastSentAtMs: AT_MS + 30 * 3_600_000, code: 'stripe.unknown-outcome' };
    assert.equal(again(ahead, AT_MS), 'look');
  });

  it('that was only planned is sent', () => {
    assert.equal(again({ state: 'planned', firstSentAtMs: null, lastSentAtMs: null, code: null }, AT_MS), 'send');
  });

  it('waits twice as long each time, at most a quarter of an hour, and longer when told to slow down', () => {
    assert.equal(retryAfterMs(1, 'stripe.unreachable'), 2_000);
    assert.equal(retryAfterMs(2, 'stripe.unreachable'), 4_000);
    assert.equal(retryAfterMs(1_000, 'stripe.unreachable'), 900_000);
    assert.equal(retryAfterMs(1, 'stripe.rate-limited'), 10_000);
  });
});

describe('what Stripe’s answer means', () => {
  const held = { ...intent, status: 'requires_capture', receivedMinor: 0, capturableMinor: 1000 };
  const no = { code: 'payment_intent_unexpected_state', declineCode: null, adviceCode: null };
  const capture = { kind: 'capture', amountMinor: 1000 } as const;

  it('a refused capture that carries the captured payment: an earlier try got through', () => {
    assert.equal(judgeAnswer(capture, { intent, refusal: no }).kind, 'done');
  });

  it('a capture of another amount is not the one that was asked for', () => {
    const judged = judgeAnswer({ ...capture, amountMinor: 999 }, { intent, refusal: no });
    assert.equal(judged.kind, 'refused');
  });

  it('a cancel that finds the hold gone is done', () => {
    assert.equal(
      judgeAnswer({ kind: 'cancel', amountMinor: 0 }, { intent: { ...held, status: 'canceled' }, refusal: no }).kind,
      'done',
    );
  });

  it('a payment that is still processing is not judged', () => {
    const judged = judgeAnswer(
      { kind: 'charge', amountMinor: 1000 },
      { intent: { ...intent, status: 'processing' }, refusal: null },
    );
    assert.deepEqual(judged, { kind: 'unknown', code: 'stripe.in-flight' });
  });

  it('a look that finds the hold untouched: the capture never happened', () => {
    const judged = judgeLook(capture, { intent: held, refusal: null });
    assert.equal(judged.kind === 'refused' && judged.code, NOT_DONE);
  });

  it('a look that finds nothing: the charge never happened', () => {
    const judged = judgeLook({ kind: 'charge', amountMinor: 600 }, { intent: null, refusal: null });
    assert.equal(judged.kind === 'refused' && judged.code, NOT_DONE);
  });

  it('a look that finds the charge: it is paid', () => {
    assert.equal(judgeLook({ kind: 'charge', amountMinor: 1000 }, { intent, refusal: null }).kind, 'done');
  });

  it('a hold raised at least as high as asked is raised', () => {
    const raise = { kind: 'increment', amountMinor: 1000 } as const;
    assert.equal(judgeAnswer(raise, { intent: held, refusal: null }).kind, 'done');
    assert.equal(judgeAnswer({ ...raise, amountMinor: 1001 }, { intent: held, refusal: no }).kind, 'refused');
  });
});

describe('giving money back', () => {
  const payments = [
    { intent: 'pi_hold', receivedMinor: 1000, refundedMinor: 0 },
    { intent: 'pi_rest', receivedMinor: 600, refundedMinor: 100 },
  ];

  it('takes the last payment first', () => {
    assert.deepEqual(splitRefund(payments, 500), [{ intent: 'pi_rest', amountMinor: 500 }]);
    assert.deepEqual(splitRefund(payments, 700), [
      { intent: 'pi_rest', amountMinor: 500 },
      { intent: 'pi_hold', amountMinor: 200 },
    ]);
  });

  it('never gives more than is left, nor less than a cent', () => {
    const codeOf = (result: ReturnType<typeof splitRefund>) => result instanceof Fault && result.code;
    assert.equal(codeOf(splitRefund(payments, 1501)), 'refund.too-large');
    assert.equal(codeOf(splitRefund(payments, 0)), 'refund.bad-amount');
    assert.equal(codeOf(splitRefund(payments, 1.5)), 'refund.bad-amount');
  });

  it('splits to exactly the amount, and no part above its payment', () => {
    const amounts = fc.array(
      fc
        .record({ intent: fc.uuid(), receivedMinor: fc.nat(5_000), refundedMinor: fc.nat(5_000) })
        .map((each) => ({ ...each, refundedMinor: Math.min(each.refundedMinor, each.receivedMinor) })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 20_000 }), (each, amountMinor) => {
        const parts = splitRefund(each, amountMinor);
        const leftMinor = each.reduce(
          (sum, { receivedMinor, refundedMinor }) => sum + receivedMinor - refundedMinor,
          0,
        );
        if (parts instanceof Fault) return assert.ok(amountMinor > leftMinor);
        assert.equal(
          parts.reduce((sum, part) => sum + part.amountMinor, 0),
          amountMinor,
        );
        for (const part of parts) {
          const { receivedMinor, refundedMinor } = each.find(({ intent: id }) => id === part.intent)!;
          assert.ok(part.amountMinor > 0 && part.amountMinor <= receivedMinor - refundedMinor);
        }
      }),
    );
  });

  it('a lower total forgives what is owed first, then gives back what was paid', () => {
    const visit = { totalMinor: 1600, newTotalMinor: 900, owedMinor: 600 };
    assert.deepEqual(planAdjustment(visit), { debtMinor: 600, refundMinor: 100 });
    assert.deepEqual(planAdjustment({ ...visit, newTotalMinor: 1200 }), { debtMinor: 400, refundMinor: 0 });
  });

  it('never raises a total', () => {
    const raised = planAdjustment({ totalMinor: 400, newTotalMinor: 401, owedMinor: 0 });
    assert.equal(raised instanceof Fault && raised.code, 'refund.bad-amount');
  });
});

describe('the daily reconciliation', () => {
  const visit: AuditedVisit = {
    id: 'v1',
    currency: 'usd',
    ended: true,
    inReview: false,
    totalMinor: 1600,
    raisedMinor: 0,
    chargedMinor: 1000,
    refundedMinor: 0,
    unpaidMinor: 600,
  };
  const paid: AuditedIntent = {
    intent: 'pi_1',
    visitId: 'v1',
    status: 'succeeded',
    receivedMinor: 1000,
    refundedMinor: 0,
    untakenMinor: 0,
  };
  const kinds = (visits: AuditedVisit[], intents: AuditedIntent[]) =>
    audit(visits, intents).differences.map(({ kind }) => kind);

  it('finds no difference where Stripe, ledger and basket agree', () => {
    const result = audit([visit], [paid]);
    assert.deepEqual(result.differences, []);
    assert.match(auditReport(result, 'Today'), /1 visits, 1 payments[\s\S]*Received 10.00 usd[\s\S]*No difference\./);
  });

  it('names each kind of difference, with the payment', () => {
    assert.deepEqual(kinds([visit], [{ ...paid, receivedMinor: 999 }]), ['received']);
    assert.deepEqual(kinds([visit], [{ ...paid, refundedMinor: 1 }]), ['refunded']);
    assert.deepEqual(kinds([{ ...visit, unpaidMinor: 599 }], [paid]), ['basket']);
    assert.deepEqual(kinds([{ ...visit, totalMinor: 900, unpaidMinor: -100 }], [paid]), ['above_basket']);
    assert.deepEqual(
      kinds([visit], [paid, { ...paid, intent: 'pi_2', status: 'requires_capture', receivedMinor: 0 }]),
      ['hold_left'],
    );
    assert.deepEqual(kinds([], [paid]), ['unknown_visit']);
    const report = auditReport(audit([visit], [{ ...paid, receivedMinor: 999 }]), 'Today');
    assert.match(
      report,
      /1 differences:\n- visit v1: the ledger says 10\.00 usd received, Stripe says 9\.99 usd \(pi_1\)/,
    );
  });

  it('expects nothing yet of a visit that runs, and no basket of one in review', () => {
    assert.deepEqual(kinds([{ ...visit, ended: false }], []), []);
    assert.deepEqual(kinds([{ ...visit, inReview: true, chargedMinor: 0, unpaidMinor: 0 }], []), []);
  });

  it('counts what a person found to be missing to what the visit costs', () => {
    const raised: AuditedVisit = { ...visit, totalMinor: 700, raisedMinor: 300, chargedMinor: 1000, unpaidMinor: 0 };
    assert.deepEqual(kinds([raised], [paid]), []);
    assert.deepEqual(kinds([{ ...raised, raisedMinor: 299 }], [paid]), ['basket', 'above_basket']);
    assert.deepEqual(kinds([{ ...raised, raisedMinor: 301 }], [paid]), ['basket']);
    assert.deepEqual(kinds([{ ...raised, raisedMinor: 301, unpaidMinor: 1 }], [paid]), []);
  });

  it('takes what an account shows as given back of a hold for none, and names what was', () => {
    const part: AuditedIntent = { ...paid, refundedMinor: 500, untakenMinor: 500 };
    assert.deepEqual(kinds([visit], [part]), []);
    assert.deepEqual(kinds([visit], [{ ...part, refundedMinor: 0 }]), []);
    assert.deepEqual(kinds([visit], [{ ...part, refundedMinor: 501 }]), ['refunded']);
    assert.deepEqual(kinds([visit], [{ ...part, refundedMinor: 499 }]), ['refunded']);
    assert.deepEqual(kinds([{ ...visit, refundedMinor: 100 }], [{ ...part, refundedMinor: 600 }]), []);
  });

  it('names a dispute that nobody was told of', () => {
    const dispute = { intent: 'pi_1', visitId: 'v1', amountMinor: 1000, currency: 'usd' };
    const result = audit([visit], [paid], [dispute]);
    assert.deepEqual(
      result.differences.map(({ kind, haveMinor }) => [kind, haveMinor]),
      [['disputed', 1000]],
    );
    assert.match(auditReport(result, 'Today'), /visit v1: 10\.00 usd is disputed at the bank.*\(pi_1\)/);
  });

  it('a declined payment for a visit it does not know is no money', () => {
    assert.deepEqual(kinds([], [{ ...paid, status: 'canceled', receivedMinor: 0 }]), []);
  });
});
