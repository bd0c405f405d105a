// What every ledger must do, whichever database keeps it: one suite, run on each implementation.
import assert from 'node:assert/strict';
import {
  closedBy,
  type DoorReport,
  type EventKind,
  Fault,
  KEEP_VALID_SECONDS,
  SEQ_MAX,
  SEQ_STEP_MAX,
  SKEW_SECONDS_MAX,
  type StatusReport,
  type VisionReport,
  type Visit,
  type VisitEvent,
  WINDOW_SIZE,
} from '@tapcase/domain';
import type { Customer, Ledger, PushSubscription, VisitChange } from '../../ledger/src/port.ts';
import { ACK_APART_MS } from '../../ledger/src/queries/devices.ts';
import { waitFor } from '../../ledger/src/queries/events.ts';
import { basketOf, DEMO, linesOf } from '../domain/demo-catalog.ts';

/** One database, empty at first: opened as often as the test likes, removed after it. */
export interface LedgerPlace {
  open(): Promise<Ledger>;
  /** Past the ledger, for what a thousand calls would bring about. */
  run(sql: string): Promise<void>;
  remove(): Promise<void>;
}

const NOW = 1_763_678_400_000;
const SECONDS = NOW / 1000;
const WAIT_MS = 2_000;
const LEASE_MS = 5_000;
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const NONCE = '0123456789abcdef';
const STATUS = { type: 'status', at: SECONDS, door: 'closed', mass: 0, vcc: 3.7, temp: 4, rssi: -90, fw: '1' } as const;
const AT = { atMs: NOW, visionWaitMs: WAIT_MS };

export function ledgerContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(`the ledger on ${name}`, () => {
    let place: LedgerPlace;
    let ledger: Ledger;

    beforeEach(async () => {
      place = await makePlace();
      ledger = await place.open();
    });
    afterEach(async () => {
      await ledger.close();
      await place.remove();
    });

    const customer = async (id = 'ann'): Promise<Customer> => {
      await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: NOW });
      return (await ledger.customer(id))!;
    };
    const openVisit = async (part: Partial<Parameters<Ledger['openVisit']>[0]> = {}) => {
      const customerId = part.customerId ?? 'ann';
      await customer(customerId);
      const fixed = { language: 'en', catalog: DEMO, card: CARD, holdMinor: 1000, atMs: NOW } as const;
      return ledger.openVisit({ id: 'visit01', caseId: '123', requestId: 'tap-0001', ...fixed, ...part, customerId });
    };
    const opened = async (part: Parameters<typeof openVisit>[0] = {}): Promise<Visit> => {
      const result = await openVisit(part);
      assert.equal(result.kind, 'opened');
      return (result as { visit: Visit }).visit;
    };
    const advance = (id: string, event: VisitEvent, change: Partial<VisitChange> = {}) =>
      ledger.advanceVisit(id, { event, ...AT, ...change });
    const moved = async (id: string, ...events: VisitEvent[]): Promise<Visit> => {
      let visit: Visit | Fault | undefined;
      for (const event of events) visit = await advance(id, event);
      assert.ok(visit !== undefined && !(visit instanceof Fault), String(visit));
      return visit;
    };
    const door = (report: Record<string, unknown>, caseId = '123', at = AT) =>
      ledger.recordReport(caseId, { channel: 'door', report: { at: SECONDS, ...report } as unknown as DoorReport }, at);
    const see = (report: Partial<VisionReport> & { seq: number }) => {
      const nothing = {
        type: 'report',
        id: 'visit01',
        at: SECONDS,
        model: null,
        before: {},
        after: {},
        ms: 1,
      } as const;
      return ledger.recordReport('123', { channel: 'vision', report: { ...nothing, ...report } }, AT);
    };
    const frames = (nowMs = NOW, limit = 50) => ledger.takeFrames(nowMs, LEASE_MS, limit);
    const acks = async () => (await frames()).flatMap(({ payload }) => ('of' in payload ? [payload.of] : []));
    /** When an ack that was given at NOW is no longer on its way. */
    const LATER = { ...AT, atMs: NOW + ACK_APART_MS };
    const show = (total: number): VisitChange['effects'] => [
      {
        kind: 'command',
        caseId: '123',
        command: {
          type: 'show',
          id: 'visit01',
          at: SECONDS,
          outcome: 'charged',
          items: [],
          total,
          currency: 'usd',
          lang: 'en',
        },
      },
    ];

    describe('customers', () => {
      it('are made at their first sign-in and found after it', async () => {
        const made = await ledger.customerByEmail('ann@example.com', { id: 'ann', language: 'es', atMs: NOW });
        const expected = { id: 'ann', email: 'ann@example.com', language: 'es', stripeCustomer: null, card: null };
        assert.deepEqual(made, expected);
        const again = await ledger.customerByEmail('ann@example.com', { id: 'other', language: 'en', atMs: NOW });
        assert.deepEqual(again, expected);
        assert.equal(await ledger.customer('other'), undefined);
      });

      it('are one when they sign in twice at the same moment', async () => {
        const ids = ['a', 'b', 'c', 'd', 'e'];
        const found = await Promise.all(
          ids.map((id) => ledger.customerByEmail('ann@example.com', { id, language: 'en', atMs: NOW })),
        );
        assert.equal(new Set(found.map(({ id }) => id)).size, 1);
      });

      it('pay with their newest card, told once or twice', async () => {
        await customer();
        await ledger.setStripeCustomer('ann', 'cus_1');
        assert.equal((await ledger.customerByStripeCustomer('cus_1'))?.id, 'ann');
        assert.equal(await ledger.customerByStripeCustomer('cus_2'), undefined);
        for (const paymentMethod of ['pm_1', 'pm_2', 'pm_2'])
          await ledger.setCard('ann', { ...CARD, paymentMethod }, NOW);
        assert.deepEqual((await ledger.customer('ann'))?.card, { ...CARD, paymentMethod: 'pm_2' });
      });

      it('who are not there get no card and no receipts', async () => {
        await assertRejects(ledger.setCard('nobody', CARD, NOW), 'customer.unknown');
        await assertRejects(ledger.setStripeCustomer('nobody', 'cus_1'), 'customer.unknown');
        await assertRejects(ledger.putPushSubscription('nobody', subscription(1), NOW), 'customer.unknown');
      });
    });

    describe('a visit', () => {
      it('begins as requested, with its prices frozen', async () => {
        const visit = await opened();
        assert.deepEqual([visit.phase, visit.outcome, visit.intent, visit.basket], ['requested', null, null, null]);
        assert.deepEqual(visit.catalog, DEMO);
        assert.deepEqual(visit.card, CARD);
        assert.equal(visit.dueAtMs, NOW + 90_000);
        assert.deepEqual(await ledger.visit('visit01'), visit);
        assert.equal(await ledger.visit('visit99'), undefined);
      });

      it('asked for twice with the same tap is one visit', async () => {
        const visit = await opened();
        assert.deepEqual(await openVisit({ id: 'visit02' }), { kind: 'repeated', visit });
        assert.equal(await ledger.visit('visit02'), undefined);
      });

      it('has the case to itself, until its door is shut', async () => {
        await opened();
        assert.deepEqual(await openVisit({ id: 'visit02', customerId: 'bob' }), { kind: 'busy' });
        assert.deepEqual(await openVisit({ id: 'visit02', requestId: 'tap-0002' }), { kind: 'busy' });
        await opened({ id: 'visit03', customerId: 'bob', caseId: '124' });
        await moved('visit01', 'hold_made', 'unlock_sent', 'door_opened');
        assert.equal((await openVisit({ id: 'visit02', customerId: 'cyd' })).kind, 'busy');
        assert.equal((await ledger.caseRow('123')).openVisitId, 'visit01');
        await moved('visit01', 'door_closed');
        assert.equal((await ledger.caseRow('123')).openVisitId, null);
        await opened({ id: 'visit02', customerId: 'cyd' });
      });

      it('is one when twenty people tap at once', async () => {
        await Promise.all(Array.from({ length: 20 }, (_, i) => customer(`c${i}`)));
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) => openVisit({ id: `visit1${i}`, customerId: `c${i}` })),
        );
        assert.equal(results.filter(({ kind }) => kind === 'opened').length, 1);
        assert.equal(results.filter(({ kind }) => kind === 'busy').length, 19);
      });

      it('is moved by exactly one of fifty that try at once', async () => {
        await opened();
        const results = await Promise.all(Array.from({ length: 50 }, () => advance('visit01', 'hold_made')));
        assert.equal(results.filter((result) => !(result instanceof Fault)).length, 1);
        assert.equal((await ledger.visitEvents('visit01')).length, 2);
      });

      it('keeps what a change says, the event and why', async () => {
        await opened();
        const note = { because: 'test' };
        const visit = await advance('visit01', 'hold_made', {
          atMs: NOW + 1,
          set: { intent: 'pi_1', flagged: true },
          note,
        });
        assert.ok(!(visit instanceof Fault));
        assert.deepEqual(
          [visit.phase, visit.intent, visit.flagged, visit.enteredAtMs],
          ['held', 'pi_1', true, NOW + 1],
        );
        assert.deepEqual((await ledger.visitEvents('visit01')).at(-1), {
          event: 'hold_made',
          atMs: NOW + 1,
          phase: 'held',
          note,
        });
      });

      it('that cannot go there, or is not there, writes nothing at all', async () => {
        const before = await opened();
        assertFault(
          await advance('visit01', 'settled', { set: { totalMinor: 5 }, effects: show(5)! }),
          'visit.wrong-phase',
        );
        assertFault(await advance('visit99', 'hold_made', { effects: show(5)! }), 'visit.unknown');
        assert.deepEqual(await ledger.visit('visit01'), before);
        assert.equal((await ledger.visitEvents('visit01')).length, 1);
        assert.deepEqual(await frames(), []);
      });

      it('that has ended with a basket is found again, the newest first, of one case or of all', async () => {
        const basket = basketOf(linesOf({ cola: 1 }));
        for (const [id, caseId, atMs] of [
          ['visit01', '123', NOW],
          ['visit02', '124', NOW + 1],
          ['visit03', '123', NOW + 2],
        ] as const) {
          await opened({ id, caseId, customerId: id, requestId: `tap-${id}`, atMs });
          await moved(id, 'hold_made', 'unlock_sent', 'door_opened', 'door_closed');
          await advance(id, 'basket_decided', { set: { basket } });
        }
        const ended = (caseId: string | null, limit = 10) => ledger.decidedVisits({ caseId, limit });
        assert.deepEqual(await ended(null), [], 'none has ended yet');
        for (const id of ['visit01', 'visit02', 'visit03']) await moved(id, 'settle_started', 'settled');
        await opened({ id: 'visit04', customerId: 'dan', requestId: 'tap-0004', atMs: NOW + 3 });
        await advance('visit04', 'hold_refused', { set: { outcome: 'refused' } });
        assert.deepEqual(await ended(null), ['visit03', 'visit02', 'visit01'], 'nor has one without a basket');
        assert.deepEqual(await ended('123'), ['visit03', 'visit01']);
        assert.deepEqual(await ended('123', 1), ['visit03']);
        assert.deepEqual(await ended('125'), []);
      });

      it('whose door was not opened is told of its customer, settled or not, and no other is', async () => {
        const unopened = (sinceMs = NOW - 1) => ledger.unopenedVisits('ann', sinceMs);
        await opened();
        assert.deepEqual(await unopened(), [], 'the hold is not made');
        await moved('visit01', 'hold_made', 'unlock_sent');
        const first = { caseId: '123', requestId: 'tap-0001', atMs: NOW };
        assert.deepEqual(await unopened(), [first]);
        await moved('visit01', 'door_timeout', 'settle_started');
        await advance('visit01', 'settled', { set: { outcome: 'unused' } });
        await opened({ id: 'visit02', requestId: 'tap-0002', caseId: '124', atMs: NOW + 1 });
        await moved('visit02', 'hold_made', 'unlock_sent', 'door_timeout');
        const second = { caseId: '124', requestId: 'tap-0002', atMs: NOW + 1 };
        assert.deepEqual(await unopened(), [second, first]);
        assert.deepEqual(await unopened(NOW), [second]);
        // Declined; opened, and nothing taken; somebody else's.
        await opened({ id: 'visit03', requestId: 'tap-0003', atMs: NOW + 2 });
        await advance('visit03', 'hold_refused', { set: { outcome: 'refused' } });
        await opened({ id: 'visit04', requestId: 'tap-0004', atMs: NOW + 3 });
        await moved('visit04', 'hold_made', 'unlock_sent', 'door_opened', 'door_closed');
        await opened({ id: 'visit05', customerId: 'bob', requestId: 'tap-0005', atMs: NOW + 4 });
        await moved('visit05', 'hold_made', 'unlock_sent', 'door_timeout');
        assert.deepEqual(await unopened(), [second, first]);
      });

      it('whose door was not opened is told of its card too, whoever has it, and of no card that is not known', async () => {
        const card = { ...CARD, fingerprint: 'aB3' };
        const byCard = (fingerprint: string, exceptOf: string) =>
          ledger.unopenedVisitsByCard(fingerprint, exceptOf, NOW - 1);
        await opened({ customerId: 'ann', card });
        await moved('visit01', 'hold_made', 'unlock_sent', 'door_timeout', 'settle_started');
        await advance('visit01', 'settled', { set: { outcome: 'unused' } });
        await opened({ id: 'visit02', customerId: 'bob', requestId: 'tap-0002', card, atMs: NOW + 1 });
        await moved('visit02', 'hold_made', 'unlock_sent', 'door_opened');
        await opened({ id: 'visit03', customerId: 'dan', requestId: 'tap-0003', caseId: '124', atMs: NOW + 2 });
        await moved('visit03', 'hold_made', 'unlock_sent', 'door_timeout');
        const [first] = await byCard('aB3', 'bob');
        assert.deepEqual([first?.caseId, first?.atMs], ['123', NOW]);
        assert.equal((await byCard('aB3', 'bob')).length, 1);
        assert.deepEqual(await byCard('aB3', 'ann'), []);
        assert.deepEqual(await byCard('other', 'bob'), []);
      });

      it('ends with its outcome, and is nobody’s open visit any more', async () => {
        await opened();
        assert.equal((await ledger.openVisitOf('ann'))?.id, 'visit01');
        const visit = await advance('visit01', 'hold_refused', { atMs: NOW + 9, set: { outcome: 'refused' } });
        assert.ok(!(visit instanceof Fault));
        assert.deepEqual([visit.outcome, visit.endedAtMs, visit.dueAtMs], ['refused', NOW + 9, null]);
        assert.equal(await ledger.openVisitOf('ann'), undefined);
        assert.deepEqual(await ledger.claimDueVisits(NOW + 1e9, 0, 10), []);
      });

      it('is due from its deadline on, the longest due first', async () => {
        await opened();
        await opened({ id: 'visit02', customerId: 'bob', caseId: '124', atMs: NOW - 1_000 });
        const due = (atMs: number, leaseMs: number, limit = 10) => ledger.claimDueVisits(atMs, leaseMs, limit);
        assert.deepEqual(await due(NOW + 88_999, 5_000), []);
        assert.deepEqual(ids(await due(NOW + 89_000, 0)), ['visit02']);
        assert.deepEqual(ids(await due(NOW + 90_000, 0, 1)), ['visit02']);
        assert.deepEqual(ids(await due(NOW + 90_000, 5_000)).sort(), ['visit01', 'visit02']);
        // Whoever took them up has them to itself until the lease is over.
        assert.deepEqual(ids(await due(NOW + 94_999, 5_000)), []);
        assert.equal((await due(NOW + 95_000, 5_000)).length, 2);
      });

      it('waits for the cameras as long as its case says, and a late word does not make it wait longer', async () => {
        await opened();
        await moved('visit01', 'hold_made', 'unlock_sent');
        await advance('visit01', 'door_closed', { visionWaitMs: 700 });
        const late = await advance('visit01', 'door_opened', { atMs: NOW + 500, visionWaitMs: 700 });
        assert.equal((late as Visit).dueAtMs, NOW + 700);
      });
    });

    describe('a door report', () => {
      const CLOSED = { type: 'closed', id: 'visit01', mass: 0, dmass: 355.2, sigma: 2.1 };
      const unlocking = async () => {
        await opened();
        await moved('visit01', 'hold_made', 'unlock_sent');
      };

      it('moves its visit, is kept as evidence, and is acknowledged', async () => {
        await unlocking();
        const recorded = await door({ ...CLOSED, seq: 7 });
        assert.equal(recorded.kind === 'new' && recorded.visit?.phase, 'closed');
        assert.deepEqual((await ledger.evidence('visit01')).door, [{ at: SECONDS, ...CLOSED, seq: 7 }]);
        const [ack] = await frames();
        assert.equal(ack?.topic, 'case/123/cmd');
        assert.deepEqual(ack?.payload, { type: 'ack', seq: 1, at: SECONDS, topic: 'door', of: 7 });
        assert.equal((await ledger.caseRow('123')).heardAtMs, NOW);
      });

      it('that comes again is acknowledged again and changes nothing', async () => {
        await unlocking();
        await door({ ...CLOSED, seq: 7 });
        const before = await ledger.visit('visit01');
        // A reset before the time was known: the same words, under another time.
        const again = { ...CLOSED, seq: 7, at: SECONDS + 60 };
        assert.deepEqual(await door(again, '123', LATER), { kind: 'seen' });
        assert.deepEqual(await ledger.visit('visit01'), before);
        assert.equal((await ledger.evidence('visit01')).door.length, 1);
        assert.deepEqual(await acks(), [7, 7]);
      });

      it('that comes again while its ack is on its way gets no second one, whatever a clock does', async () => {
        await unlocking();
        await door({ ...CLOSED, seq: 7 });
        for (const byMs of [0, 1, ACK_APART_MS - 1]) {
          assert.deepEqual(await door({ ...CLOSED, seq: 7 }, '123', { ...AT, atMs: NOW + byMs }), { kind: 'seen' });
        }
        assert.deepEqual(await acks(), [7]);
        await door({ ...CLOSED, seq: 7 }, '123', { ...AT, atMs: NOW - ACK_APART_MS });
        assert.deepEqual(await acks(), [7]);
      });

      it('that comes fifty times at once counts once', async () => {
        await unlocking();
        const recorded = await Promise.all(Array.from({ length: 50 }, () => door({ ...CLOSED, seq: 7 })));
        assert.equal(recorded.filter(({ kind }) => kind === 'new').length, 1);
        assert.equal((await ledger.evidence('visit01')).door.length, 1);
      });

      it('out of order within the window counts; before it, what was never heard is kept aside for a person', async () => {
        await unlocking();
        await door({ type: 'opened', id: 'visit01', seq: 1_000 });
        assert.equal((await door({ type: 'opened', id: 'visit01', seq: 1_001 - WINDOW_SIZE })).kind, 'new');
        await assertAside(await door({ ...CLOSED, seq: 1_000 - WINDOW_SIZE }), 'seq.reused');
        assert.equal((await ledger.visit('visit01'))?.phase, 'open');
        await door({ type: 'opened', id: 'visit01', seq: 1_001 });
        await door({ type: 'open_too_long', id: 'visit01', seq: 1_002 });
        // One that the window has left behind, and that was heard: nothing new.
        const left = { type: 'opened', id: 'visit01', seq: 1_001 - WINDOW_SIZE };
        assert.deepEqual(await door(left, '123', LATER), { kind: 'seen' });
        assert.equal((await acks()).length, 6);
      });

      it('under a number that has said something else is kept aside, shown and acked, and moves no visit and no money', async () => {
        await unlocking();
        await door({ type: 'opened', id: 'visit00', seq: 7 });
        assert.equal(await ledger.heldReports('123', NOW), 0);
        await assertAside(await door({ ...CLOSED, seq: 7 }), 'seq.reused');
        const visit = await ledger.visit('visit01');
        assert.deepEqual([visit?.phase, visit?.flagged], ['unlocking', true]);
        assert.deepEqual((await ledger.evidence('visit01')).door, []);
        const [told] = (await ledger.flagReasons(['visit01'])).get('visit01') ?? [];
        const note = { code: 'seq.reused', type: 'closed', seq: 7, dmass: CLOSED.dmass };
        assert.deepEqual([told?.event, told?.note], ['report_kept_aside', note]);
        assert.equal((await ledger.review('visit01'))?.review.cause, 'late_report');
        assert.equal(await ledger.heldReports('123', NOW), 1);
        // It comes again: it is there already.
        assert.deepEqual(await door({ ...CLOSED, seq: 7 }, '123', LATER), { kind: 'seen' });
        assert.equal(await ledger.heldReports('123', NOW), 1);
        assert.equal(await ledger.heldReports('123', NOW + 8 * 86_400_000), 0);
        assert.equal((await acks()).length, 3);
      });

      it('out of reach of the number before is kept aside, and those after it are heard', async () => {
        await unlocking();
        await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 1 });
        await assertAside(await door({ type: 'opened', id: 'visit01', seq: SEQ_MAX }), 'seq.leap');
        assert.equal((await door({ ...CLOSED, seq: 2 })).kind, 'new');
        assert.equal((await ledger.visit('visit01'))?.phase, 'closed');
      });

      it('about a visit that we do not know, or of another case, is taken off the device and moves nothing', async () => {
        await unlocking();
        assert.deepEqual(await door({ ...CLOSED, id: 'strange1', seq: 1 }), { kind: 'new', visit: null });
        assert.deepEqual(await door({ ...CLOSED, seq: 1 }, '124'), { kind: 'new', visit: null });
        assert.deepEqual(await door({ type: 'forced', mass: 3, seq: 2 }), { kind: 'new', visit: null });
        assert.equal((await ledger.visit('visit01'))?.phase, 'unlocking');
        assert.deepEqual((await ledger.evidence('visit01')).door, []);
        assert.equal((await frames()).length, 3);
      });

      it('that a bolt does not hold, or that staff were there, is kept once and moves neither visit nor money', async () => {
        await unlocking();
        const before = await ledger.visit('visit01');
        const fault = { type: 'fault', code: 'door.bolt' };
        assert.deepEqual(await door({ ...fault, seq: 1 }), { kind: 'new', visit: null });
        assert.deepEqual(await door({ ...fault, seq: 1 }, '123', LATER), { kind: 'seen' });
        assert.deepEqual(await door({ ...fault, id: 'visit01', seq: 2 }), { kind: 'new', visit: before });
        // Even where it bears a visit's id.
        const restocked = { type: 'restocked', id: 'visit01', mass: 9, dmass: -355, sigma: 1 };
        assert.deepEqual(await door({ ...restocked, seq: 3 }), { kind: 'new', visit: null });
        assert.deepEqual(await ledger.visit('visit01'), before);
        assert.deepEqual(
          (await ledger.evidence('visit01')).door.map(({ type }) => type),
          ['fault'],
        );
        assert.equal((await frames()).length, 4);
      });

      it('that the table has no place for is kept and moves nothing', async () => {
        await opened();
        const recorded = await door({ ...CLOSED, seq: 1 });
        assert.equal(recorded.kind === 'new' && recorded.visit?.phase, 'requested');
        assert.equal((await ledger.evidence('visit01')).door.length, 1);
      });

      it('that weighs something after the end is for a person to look at, never a second charge', async () => {
        await unlocking();
        await moved('visit01', 'case_silent', 'settle_started');
        await advance('visit01', 'settled', { set: { outcome: 'unused' } });
        const recorded = await door({ ...CLOSED, seq: 1 });
        assert.ok(recorded.kind === 'new' && recorded.visit !== null);
        assert.deepEqual([recorded.visit.phase, recorded.visit.flagged], ['done', true]);
      });

      it('that the door opened after all, when nothing was ever weighed, is for a person to look at', async () => {
        await unlocking();
        await door({ type: 'timeout', id: 'visit01', mass: 0, seq: 1 });
        const late = await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 2 });
        assert.equal(late.kind === 'new' && late.visit?.flagged, false);
        const after = await door({ type: 'opened', id: 'visit01', seq: 3 });
        assert.equal(after.kind === 'new' && after.visit?.flagged, true);
      });

      it('that nothing opens for a visit ends it at once, unflagged, with the reason; and does not count against its customer', async () => {
        await unlocking();
        const recorded = await door({ type: 'refused', id: 'visit01', code: 'frame.expired', seq: 1 });
        assert.ok(recorded.kind === 'new' && recorded.visit !== null);
        const { phase, turnedAway, flagged } = recorded.visit;
        assert.deepEqual([phase, turnedAway, flagged], ['reconciled', 'late', false]);
        assert.equal((await ledger.caseRow('123')).openVisitId, null);
        assert.deepEqual(await ledger.unopenedVisits('ann', 0), []);
        // A second one is no news, and nothing that a person must look at.
        const again = await door({ type: 'refused', id: 'visit01', code: 'seq.replayed', seq: 2 });
        assert.ok(again.kind === 'new' && again.visit !== null);
        assert.deepEqual([again.visit.turnedAway, again.visit.flagged], ['late', false]);
      });

      it('that nothing opens says nothing against a visit whose door was unlocked', async () => {
        await unlocking();
        await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 1 });
        const recorded = await door({ type: 'refused', id: 'visit01', code: 'seq.replayed', seq: 2 });
        assert.ok(recorded.kind === 'new' && recorded.visit !== null);
        assert.deepEqual([recorded.visit.phase, recorded.visit.turnedAway], ['unlocked', null]);
      });

      it('that the door stands open too long shows on the phone', async () => {
        await unlocking();
        const recorded = await door({ type: 'open_too_long', id: 'visit01', seq: 1 });
        assert.equal(recorded.kind === 'new' && recorded.visit?.openTooLong, true);
      });
    });

    describe('a report of the cameras', () => {
      it('is evidence, acknowledged to the Pi, and moves no visit', async () => {
        await opened();
        const recorded = await see({ seq: 5, before: { 0: { cola: 5 } }, after: { 0: { cola: 3 } } });
        assert.equal(recorded.kind === 'new' && recorded.visit?.phase, 'requested');
        assert.deepEqual((await ledger.evidence('visit01')).vision?.after, { 0: { cola: 3 } });
        const [ack] = await frames();
        assert.deepEqual(
          [ack?.topic, ack?.payload],
          ['case/123/vision/cmd', { type: 'ack', seq: 1, at: SECONDS, topic: 'vision', of: 5 }],
        );
      });

      it('that saw something outweighs one that saw nothing, whichever came first', async () => {
        await opened();
        assert.equal((await ledger.evidence('visit01')).vision, null);
        await see({ seq: 1, fault: 'detr.model-missing' });
        assert.equal((await ledger.evidence('visit01')).vision?.seq, 1);
        await see({ seq: 2 });
        await see({ seq: 3, fault: 'detr.model-missing' });
        assert.equal((await ledger.evidence('visit01')).vision?.seq, 2);
      });
    });

    describe('a status', () => {
      const status = (seq: number): StatusReport => ({ ...STATUS, seq });

      it('is kept with the time it came', async () => {
        assert.deepEqual(await ledger.caseRow('123'), {
          id: '123',
          lastStatus: null,
          heardAtMs: null,
          openVisitId: null,
          hasUnexpectedBoard: false,
          hasUnexpectedPi: false,
        });
        assert.equal(await ledger.recordStatus('123', status(1), NOW), undefined);
        const row = {
          id: '123',
          lastStatus: status(1),
          heardAtMs: NOW,
          openVisitId: null,
          hasUnexpectedBoard: false,
          hasUnexpectedPi: false,
        };
        assert.deepEqual(await ledger.caseRow('123'), row);
      });

      it('keeps why the case booted until it says so again', async () => {
        const boot = { cause: 'watchdog', count: 3, watchdogs: 1, state: 'open', safe: false };
        await ledger.recordStatus('123', { ...status(1), boot } as StatusReport, NOW);
        await ledger.recordStatus('123', status(2), NOW);
        assert.deepEqual((await ledger.caseRow('123')).lastStatus, { ...status(2), boot });
        const again = { ...boot, cause: 'power', count: 4 };
        await ledger.recordStatus('123', { ...status(3), boot: again } as StatusReport, NOW);
        await ledger.recordStatus('123', status(4), NOW);
        assert.deepEqual((await ledger.caseRow('123')).lastStatus, { ...status(4), boot: again });
      });

      it('keeps customers from a case that is closed until the next one says otherwise, whatever else is heard', async () => {
        const closed = async () => closedBy((await ledger.caseRow('123')).lastStatus);
        assert.equal(await closed(), null);
        const told: (readonly [object, ReturnType<typeof closedBy>])[] = [
          [{ state: 'locked_out', faults: ['temp.range'], power: 'mains' }, 'closed'],
          [{ state: 'restock' }, 'restocking'],
          [{ state: 'fault', power: 'lost' }, 'closed'],
          [{ state: 'locked', power: 'mains' }, null],
        ];
        for (const [index, [how, expected]] of told.entries()) {
          const seq = 2 * index + 1;
          await ledger.recordStatus('123', { ...status(seq), ...how } as StatusReport, NOW);
          await ledger.recordStatus('123', { type: 'hello', seq: seq + 1, at: 0, nonce: NONCE, fw: '1' }, NOW);
          assert.equal(await closed(), expected);
        }
        assert.equal(closedBy((await ledger.caseRow('124')).lastStatus), null);
      });

      it('with a number that does not rise is a replay and changes nothing', async () => {
        await ledger.recordStatus('123', status(5), NOW);
        for (const seq of [5, 4]) assertFault(await ledger.recordStatus('123', status(seq), NOW + 1), 'seq.replayed');
        assert.equal((await ledger.caseRow('123')).heardAtMs, NOW);
        assert.equal(await ledger.recordStatus('124', status(1), NOW), undefined);
      });

      it('that says hello is told the time of the telling, tied to its nonce', async () => {
        await ledger.recordStatus('123', status(1), NOW);
        const hello = { type: 'hello', seq: 2, at: 0, nonce: NONCE, fw: '1' } as const;
        assert.equal(await ledger.recordStatus('123', hello, NOW), undefined);
        assert.deepEqual((await ledger.caseRow('123')).lastStatus, status(1));
        const [time] = await frames(NOW + 3_000);
        assert.deepEqual(time?.payload, { type: 'time', seq: 1, at: SECONDS + 3, nonce: NONCE });
        assertFault(await ledger.recordStatus('123', hello, NOW), 'seq.replayed');
      });
    });

    describe('a Pi', () => {
      const [OLD, NEW, OTHER] = ['0'.repeat(16), '1'.repeat(16), '2'.repeat(16)];
      const isUnexpected = async () => (await ledger.caseRow('123')).hasUnexpectedPi;
      const cans = (count: number) => ({ before: { 0: { cola: 5 } }, after: { 0: { cola: count } } });
      const expected = () => {
        const by = { staffId: null, name: 'Ann', role: null, address: null };
        const act = { ...by, atMs: NOW, act: 'board-expected', subject: '123', detail: {} } as const;
        return ledger.expectBoard({ caseId: '123', device: 'pi', untilMs: NOW + 1_000, act });
      };

      it('that was updated to say its epoch goes on where its numbers stood, and what came before once more is no news', async () => {
        await opened();
        await see({ seq: 100, ...cans(3) });
        assert.deepEqual(await see({ seq: 100, epoch: OLD, ...cans(3) }), { kind: 'seen' });
        assert.equal((await see({ seq: 101, epoch: OLD, ...cans(3) })).kind, 'new');
        assert.equal(await isUnexpected(), false);
      });

      it('whose card was erased or changed is heard, acked, kept aside and shown; what it saw is no evidence', async () => {
        await opened();
        await see({ seq: 100, epoch: OLD, fault: 'detr.model-missing' });
        await frames();
        await assertAside(await see({ seq: 1_763_678_400, epoch: NEW, ...cans(3) }), 'device.unexpected-board');
        assert.deepEqual([await isUnexpected(), await ledger.heldReports('123', NOW)], [true, 1]);
        assert.equal((await ledger.evidence('visit01')).vision?.seq, 100);
        assert.deepEqual(
          (await frames())
            .filter(({ payload }) => payload.type === 'ack')
            .map(({ payload }) => 'of' in payload && payload.of),
          [1_763_678_400],
        );
        assert.equal((await ledger.visit('visit01'))?.flagged, true);
        // Cameras are no reason to sell nothing: the scale goes on.
        assert.equal((await ledger.caseRow('123')).hasUnexpectedBoard, false);
      });

      it('that staff accept, or expected, counts from there, whatever numbers it has', async () => {
        await opened();
        await see({ seq: 100, epoch: OLD, ...cans(4) });
        await see({ seq: 7, epoch: NEW, ...cans(3) });
        assert.equal(await expected(), 'accepted');
        assert.equal(await isUnexpected(), false);
        assert.deepEqual(await see({ seq: 7, epoch: NEW, ...cans(3) }), { kind: 'seen' });
        assert.equal((await see({ seq: 8, epoch: NEW, ...cans(3) })).kind, 'new');
        assert.equal(await expected(), 'expected');
        assert.equal((await see({ seq: 1, epoch: OTHER, ...cans(3) })).kind, 'new');
      });

      it('that was replaced gets no word by a recorded report; put back in, it is a stranger that goes on where it was', async () => {
        await opened();
        await see({ seq: 100, epoch: OLD, ...cans(4) });
        await expected();
        await see({ seq: 7, epoch: NEW, ...cans(3) });
        assert.deepEqual(await see({ seq: 100, epoch: OLD, ...cans(4) }), { kind: 'seen' });
        assert.equal(await isUnexpected(), false);
        await assertAside(await see({ seq: 101, epoch: OLD, ...cans(4) }), 'device.unexpected-board');
        assert.equal(await isUnexpected(), true);
        // The one that is right speaks again, and counts.
        assert.equal((await see({ seq: 8, epoch: NEW, ...cans(3) })).kind, 'new');
        assert.equal(await isUnexpected(), false);
      });

      it('is not made deaf by a number out of all reach', async () => {
        await opened();
        await see({ seq: 100, epoch: OLD, ...cans(4) });
        await assertAside(await see({ seq: 2 ** 40, epoch: OLD, ...cans(4) }), 'seq.leap');
        assert.equal((await see({ seq: 101, epoch: OLD, ...cans(4) })).kind, 'new');
      });
    });

    describe('a board', () => {
      const [OLD, NEW, OTHER] = ['0'.repeat(16), '1'.repeat(16), '2'.repeat(16)];
      const hello = (epoch: string, seq: number, more: object = {}) =>
        ledger.recordStatus(
          '123',
          { type: 'hello', seq, at: 0, nonce: NONCE, fw: '1', epoch, ...more } as StatusReport,
          NOW,
        );
      const expected = (caseId = '123', atMs = NOW) => {
        const by = { staffId: null, name: 'Ann', role: null, address: null };
        const act = { ...by, atMs, act: 'board-expected', subject: caseId, detail: {} } as const;
        return ledger.expectBoard({ caseId, device: 'controller', untilMs: atMs + 1_000, act });
      };
      const isUnexpected = async () => (await ledger.caseRow('123')).hasUnexpectedBoard;
      const closed = (seq: number) => door({ type: 'closed', id: 'visit01', mass: 0, dmass: 355, sigma: 2, seq });
      /** A case with a board that has said something. */
      const sold = async () => {
        assert.equal(await hello(OLD, 10), undefined);
        await opened();
        await moved('visit01', 'hold_made', 'unlock_sent');
        await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 20 });
      };

      it('is told whose time it is with the time, if it knows of epochs', async () => {
        await hello(OLD, 1, { last: 0 });
        const { epoch } = await ledger.ledgerEpoch(NOW);
        assert.match(epoch, /^[0-9a-f]{16}$/);
        assert.deepEqual((await frames())[0]?.payload, { type: 'time', seq: 1, at: SECONDS, nonce: NONCE, epoch });
      });

      it('that was updated to say its epoch goes on where its numbers stood', async () => {
        await ledger.recordStatus('123', { ...STATUS, seq: 5 }, NOW);
        await opened();
        await moved('visit01', 'hold_made', 'unlock_sent');
        await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 3 });
        assert.equal(await hello(OLD, 6), undefined);
        assert.deepEqual(await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 3 }), { kind: 'seen' });
        assert.equal((await closed(4)).kind, 'new');
        assert.equal(await isUnexpected(), false);
      });

      it('that nobody expected is told the time, sells nothing, and what it reports is kept aside', async () => {
        await sold();
        assertFault(await hello(NEW, 1), 'device.unexpected-board');
        assert.equal(await isUnexpected(), true);
        assert.equal((await frames()).filter(({ payload }) => payload.type === 'time').length, 2);
        assert.equal(await ledger.recordStatus('123', { ...STATUS, seq: 2 }, NOW), undefined);
        await assertAside(await closed(1), 'device.unexpected-board');
        assert.deepEqual(await closed(1), { kind: 'seen' });
        assert.deepEqual(
          [(await ledger.visit('visit01'))?.phase, await ledger.heldReports('123', NOW)],
          ['unlocked', 1],
        );
        // Its numbers rise as well.
        assertFault(await hello(NEW, 2), 'seq.replayed');
        assert.equal((await hello(NEW, 3))?.message, (await hello(NEW, 4))?.message);
      });

      it('that staff accept counts from there, its numbers too; what it said before stays aside', async () => {
        await sold();
        await hello(NEW, 1);
        await closed(1);
        assert.equal(await expected(), 'accepted');
        assert.equal(await isUnexpected(), false);
        assert.equal((await closed(2)).kind, 'new');
        assert.equal((await ledger.visit('visit01'))?.phase, 'closed');
        assert.deepEqual(await closed(1), { kind: 'seen' });
        assertFault(await hello(NEW, 1), 'seq.replayed');
        assert.equal(await hello(NEW, 2), undefined);
        const [act] = await ledger.acts({ limit: 1 });
        assert.deepEqual(
          [act?.act, act?.name, act?.subject, act?.detail],
          ['board-expected', 'Ann', '123', { device: 'controller', waits: true }],
        );
      });

      it('that staff expect counts from its first word, once, and only so long', async () => {
        await sold();
        assert.equal(await expected(), 'expected');
        assert.equal(await hello(NEW, 1), undefined);
        assert.equal((await closed(1)).kind, 'new');
        assertFault(await hello(OTHER, 1), 'device.unexpected-board');
        assert.equal(await hello(NEW, 2), undefined);
        await expected('123', NOW - 2_000);
        assertFault(await hello(OTHER, 2), 'device.unexpected-board');
      });

      it('that was replaced does not get the word again by a recorded hello; put back in, it goes on where it was', async () => {
        await sold();
        await expected();
        await hello(NEW, 1);
        assertFault(await hello(OLD, 10), 'seq.replayed');
        assert.equal(await isUnexpected(), false);
        assertFault(await hello(OLD, 11), 'device.unexpected-board');
        assert.equal(await expected(), 'accepted');
        assert.deepEqual(await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 20 }), { kind: 'seen' });
        assert.equal((await closed(21)).kind, 'new');
      });

      it('of firmware before epochs in a case that has one is kept aside by its numbers, not taken for a repetition', async () => {
        await sold();
        assertFault(await ledger.recordStatus('123', { ...STATUS, seq: 1 }, NOW), 'seq.replayed');
        await assertAside(await closed(20), 'seq.reused');
      });

      it('of a case without an epoch is not taken for the first one when its numbers begin anew, nor when they have grown', async () => {
        await ledger.recordStatus('123', { ...STATUS, seq: 5 }, NOW);
        assertFault(await hello(NEW, 1), 'device.unexpected-board');
        assertFault(await hello(NEW, 6), 'device.unexpected-board');
        assert.equal(await hello(OLD, 6), undefined);
      });

      it('cannot fill the ledger with boards that nobody accepts', async () => {
        await sold();
        for (let n = 0; n < 60; n += 1) await hello(`3${String(n).padStart(15, '0')}`, 1);
        // The first of them is forgotten, and so is new again.
        assertFault(await hello(`3${'0'.repeat(15)}`, 1), 'device.unexpected-board');
        assertFault(await hello(`3${'59'.padStart(15, '0')}`, 1), 'seq.replayed');
        assert.equal(await hello(OLD, 11), undefined);
      });

      it('that has booted and does not know whom to unlock for has the visit end when the unlock is dead, not after two minutes', async () => {
        await hello(OLD, 1);
        await opened();
        await moved('visit01', 'hold_made');
        const unlocking = await moved('visit01', 'unlock_sent');
        assert.equal(unlocking.dueAtMs, NOW + 120_000);
        // A question that is asked now and then, and a boot in the middle of this very visit, say nothing against it.
        await hello(OLD, 2);
        await hello(OLD, 3, { knows: 'visit01' });
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + 120_000);
        // Nor does a stranger's word.
        await hello(NEW, 1, { knows: '' });
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + 120_000);
        await hello(OLD, 4, { knows: 'visit00' });
        assert.equal((await ledger.visit('visit01'))?.dueAtMs, NOW + 12_000);
        assert.equal((await ledger.visit('visit01'))?.turnedAway, 'restarted');
        await door({ type: 'unlocked', id: 'visit01', mass: 0, seq: 1 });
        await hello(OLD, 5, { knows: '' });
        const unlocked = await ledger.visit('visit01');
        assert.deepEqual([unlocked?.dueAtMs, unlocked?.turnedAway], [NOW + 300_000, null]);
      });

      it('that has booted and had taken the unlock before has the visit end now: it will never obey it', async () => {
        await hello(OLD, 1);
        const { epoch: ledgerEpoch } = await ledger.ledgerEpoch(NOW);
        await opened();
        await moved('visit01', 'hold_made');
        const at = Math.floor(NOW / 1000);
        const unlock = { type: 'unlock', id: 'visit01', at, exp: at + 10 } as const;
        await advance('visit01', 'unlock_sent', { effects: [{ kind: 'command', caseId: '123', command: unlock }] });
        const given = (await frames()).find(({ payload }) => payload.type === 'unlock')!.payload.seq;
        // It may still come, and a stranger's ledger counts otherwise.
        await hello(OLD, 2, { knows: '', last: given - 1, ledger: ledgerEpoch });
        await hello(OLD, 3, { knows: '', last: given, ledger: OTHER });
        assert.equal((await ledger.visit('visit01'))?.phase, 'unlocking');
        await hello(OLD, 4, { knows: '', last: given, ledger: ledgerEpoch });
        const ended = await ledger.visit('visit01');
        assert.deepEqual(
          [ended?.phase, ended?.turnedAway, ended?.flagged, ended?.dueAtMs],
          ['reconciled', 'restarted', false, NOW],
        );
      });

      it('that has heard more than the ledger has said finds out that it was put back: once, and numbers begin a new epoch', async () => {
        await see({ seq: 1 });
        await hello(OLD, 10);
        const { epoch } = await ledger.ledgerEpoch(NOW);
        assert.equal(await hello(OLD, 11, { last: 1, ledger: epoch }), undefined);
        assertFault(await hello(OLD, 12, { last: 68, ledger: epoch }), 'ledger.restored');
        const renewed = await ledger.ledgerEpoch(NOW);
        assert.notEqual(renewed.epoch, epoch);
        assert.match(renewed.why, /case 123 has heard 68/);
        assert.deepEqual((await frames()).at(-1)?.payload, {
          type: 'time',
          seq: 3 + 2 ** 20,
          at: SECONDS,
          nonce: NONCE,
          epoch: renewed.epoch,
        });
        // A Pi does not ask: its numbers go on above what it can have heard.
        await see({ seq: 2 });
        const [ack] = (await frames()).filter(({ topic }) => topic.endsWith('/vision/cmd'));
        assert.equal(ack?.payload.seq, 2 + 2 ** 20);
        assert.ok(2 ** 20 < SEQ_STEP_MAX);
        // The next case says the same of the ledger of before, which is no news.
        assert.equal(await hello(OLD, 13, { last: 99, ledger: epoch }), undefined);
        assert.deepEqual(await ledger.ledgerEpoch(NOW), renewed);
        // Nor is it where the case was another shop's before.
        assert.equal(await hello(OLD, 14, { last: 99, ledger: OTHER }), undefined);
      });
    });

    describe('the outbox', () => {
      const CLOSED_TILL_NINE = { type: 'say', at: SECONDS, exp: SECONDS + 10, text: 'Closed until nine' } as const;
      const seqs = (taken: Awaited<ReturnType<typeof frames>>) => taken.map(({ payload }) => payload.seq);
      const queued = async () => {
        await opened();
        await advance('visit01', 'hold_made', { effects: [...show(1)!, ...show(2)!] });
      };

      it('numbers the commands of each topic, rising, in the order they were caused', async () => {
        await queued();
        const observe = { type: 'observe', id: 'visit01', at: SECONDS, exp: SECONDS + 10 } as const;
        await advance('visit01', 'unlock_sent', {
          effects: [{ kind: 'vision-command', caseId: '123', command: observe }],
        });
        const taken = (await frames()).map(({ topic, payload }) => [topic, payload.type, payload.seq]);
        assert.deepEqual(taken, [
          ['case/123/cmd', 'show', 1],
          ['case/123/cmd', 'show', 2],
          ['case/123/vision/cmd', 'observe', 1],
        ]);
      });

      it('takes a command that no visit causes, in its turn', async () => {
        await queued();
        await ledger.command('123', CLOSED_TILL_NINE, NOW);
        const [, , said] = await frames();
        const payload = { ...CLOSED_TILL_NINE, seq: 3 };
        assert.deepEqual([said?.topic, said?.payload], ['case/123/cmd', payload]);
      });

      it('leases a frame, offers the same one again when the lease ends, and never after it is done', async () => {
        await queued();
        const [first] = await frames(NOW, 1);
        assert.deepEqual(
          (await frames()).map(({ payload }) => payload.seq),
          [2],
        );
        assert.deepEqual(await frames(NOW + LEASE_MS - 1), []);
        assert.deepEqual((await frames(NOW + LEASE_MS))[0], first);
        await ledger.outboxDone([first!.outboxId], NOW);
        await ledger.outboxDone([first!.outboxId], NOW + 1);
        assert.deepEqual(
          (await frames(NOW + 3 * LEASE_MS)).map(({ payload }) => payload.seq),
          [2],
        );
      });

      it('hands each frame to one of those who take at once', async () => {
        await queued();
        const taken = await Promise.all(Array.from({ length: 10 }, () => frames(NOW, 1)));
        assert.deepEqual(
          taken
            .flat()
            .map(({ payload }) => payload.seq)
            .sort(),
          [1, 2],
        );
      });

      it('hands on at once what was put since somebody takes, once, in the order of the numbers, and again when its lease ends', async () => {
        await queued();
        assert.deepEqual(seqs(await frames(NOW, 1)), [1]);
        await ledger.command('123', CLOSED_TILL_NINE, NOW + 10);
        await ledger.command('123', CLOSED_TILL_NINE, NOW + 20);
        // The one that was there before is looked for as well.
        assert.deepEqual(seqs(await frames(NOW + 1_000)), [2, 3, 4]);
        assert.deepEqual(await frames(NOW + 1_001), []);
        await ledger.command('123', CLOSED_TILL_NINE, NOW + 1_002);
        const [own] = await frames(NOW + 1_003);
        assert.equal(own?.payload.seq, 5);
        await ledger.outboxDone([own!.outboxId], NOW + 1_004);
        assert.deepEqual(seqs(await frames(NOW + 10 + LEASE_MS)), [1, 3]);
        assert.deepEqual(seqs(await frames(NOW + 1_000 + LEASE_MS)), [2, 4]);
      });

      it('asks for what lay at hand until its lease was over, and does not hand it out twice', async () => {
        await frames();
        await ledger.command('123', CLOSED_TILL_NINE, NOW);
        await ledger.command('123', CLOSED_TILL_NINE, NOW + LEASE_MS - 1);
        assert.deepEqual(seqs(await frames(NOW + LEASE_MS)), [1, 2]);
        assert.deepEqual(await frames(NOW + LEASE_MS + 1), []);
      });

      it('offers what was put where nobody takes any more to whoever looks', async () => {
        await frames();
        await ledger.command('123', CLOSED_TILL_NINE, NOW + LEASE_MS);
        assert.deepEqual(seqs(await frames(NOW + LEASE_MS)), [1]);
      });

      it('drops a frame that is too old for any device to take', async () => {
        await queued();
        assert.equal((await frames(NOW + SKEW_SECONDS_MAX * 1000)).length, 2);
        assert.deepEqual(await frames(NOW + SKEW_SECONDS_MAX * 1000 + LEASE_MS + 1), []);
      });

      describe('of a visit that somebody must look at', () => {
        const note = { why: 'test' };
        const keeps = async (nowMs = NOW, limit = 50) =>
          (await frames(nowMs, limit)).flatMap((frame) => (frame.payload.type === 'keep' ? [frame] : []));
        const flagged = async () => {
          await opened();
          assert.equal(await ledger.flagVisit('visit01', 'disputed_at_bank', note, NOW), true);
        };

        it('asks its Pi for the pictures, once in its life, good for a day', async () => {
          await flagged();
          await ledger.flagVisit('visit01', 'disputed_at_bank', note, NOW + 1);
          await advance('visit01', 'hold_made', { set: { flagged: true } });
          const [keep, ...more] = await keeps();
          assert.deepEqual(more, []);
          assert.equal(keep!.topic, 'case/123/vision/cmd');
          assert.deepEqual(keep!.payload, {
            ...{ type: 'keep', id: 'visit01', seq: 1, at: SECONDS },
            exp: SECONDS + KEEP_VALID_SECONDS,
          });
          const asked = (await ledger.visitEvents('visit01')).filter(({ event }) => event === 'pictures_asked');
          assert.equal(asked.length, 1);
        });

        it('offers it until it is sent, under a number above all that went out meanwhile, and not beyond its day', async () => {
          await flagged();
          await keeps();
          const observe = { type: 'observe', id: 'visit01', at: SECONDS, exp: SECONDS + 10 } as const;
          const effects = [{ kind: 'vision-command', caseId: '123', command: observe }] as const;
          await advance('visit01', 'hold_made', { effects });
          assert.deepEqual(await keeps(NOW + LEASE_MS - 1), []);
          const later = NOW + KEEP_VALID_SECONDS * 1000;
          const [again] = await keeps(later);
          assert.equal(again!.payload.seq, 3);
          const { exp } = again!.payload as { exp: number };
          assert.equal(exp, SECONDS + KEEP_VALID_SECONDS);
          await ledger.outboxDone([again!.outboxId], later);
          assert.deepEqual(await keeps(later + LEASE_MS), []);
        });

        it('lets it go when its day is over', async () => {
          await flagged();
          assert.deepEqual(await keeps(NOW + KEEP_VALID_SECONDS * 1000 + 1), []);
        });

        it('takes no more rows than were asked for', async () => {
          await flagged();
          await advance('visit01', 'hold_made', { effects: show(1)! });
          assert.deepEqual(
            (await frames(NOW, 1)).map(({ payload }) => payload.type),
            ['show'],
          );
          assert.equal((await frames(NOW, 1))[0]!.payload.type, 'keep');
        });
      });

      it('sends a receipt to every browser of the customer, and to nobody else’s', async () => {
        await customer('bob');
        await opened();
        await ledger.putPushSubscription('ann', subscription(1), NOW);
        await ledger.putPushSubscription('ann', subscription(2), NOW + 1);
        await ledger.putPushSubscription('bob', subscription(3), NOW);
        await advance('visit01', 'hold_made', { effects: [{ kind: 'push', visitId: 'visit01' }] });
        assert.deepEqual(await frames(), []);
        const [push] = await ledger.takePushes(NOW, LEASE_MS, 10);
        assert.equal(push?.visit.id, 'visit01');
        assert.deepEqual(push?.subscriptions.map(({ endpoint }) => endpoint).sort(), [
          subscription(1).endpoint,
          subscription(2).endpoint,
        ]);
        assert.deepEqual(await ledger.takePushes(NOW, LEASE_MS, 10), []);
        await ledger.dropPushSubscription(subscription(1).endpoint);
        const [again] = await ledger.takePushes(NOW + LEASE_MS, LEASE_MS, 10);
        assert.deepEqual(again?.subscriptions, [subscription(2)]);
      });

      it('keeps a customer’s five newest browsers', async () => {
        await opened();
        for (let i = 1; i <= 7; i += 1) await ledger.putPushSubscription('ann', subscription(i), NOW + i);
        await advance('visit01', 'hold_made', { effects: [{ kind: 'push', visitId: 'visit01' }] });
        const [push] = await ledger.takePushes(NOW, LEASE_MS, 10);
        const endpoints = push?.subscriptions.map(({ endpoint }) => endpoint).sort();
        assert.deepEqual(
          endpoints,
          [3, 4, 5, 6, 7].map((i) => subscription(i).endpoint),
        );
      });
    });

    describe('what own flows are told', () => {
      const overs: ReturnType<typeof waitFor>[] = [];
      const wait = (kind: EventKind) => overs.push(waitFor(kind));
      const told = async (nowMs = NOW) => (await ledger.takeEvents(nowMs, LEASE_MS, 50)).map(({ event }) => event);
      afterEach(() => {
        for (const over of overs.splice(0)) over(0);
      });

      it('is written with what happened, offered until it is done, and always with the same id', async () => {
        wait('visit-opened');
        await opened();
        const [first] = await ledger.takeEvents(NOW, LEASE_MS, 50);
        const { id, kind, at, visit } = first!.event;
        assert.deepEqual([kind, at, (visit as { id: string }).id], ['visit-opened', NOW, 'visit01']);
        assert.deepEqual(await told(NOW + LEASE_MS - 1), []);
        const [again] = await told(NOW + LEASE_MS);
        assert.equal(again?.id, id);
        await ledger.outboxDone([first!.outboxId], NOW);
        assert.deepEqual(await told(NOW + 2 * LEASE_MS), []);
      });

      it('is only what somebody waits for', async () => {
        await opened();
        await moved('visit01', 'hold_refused');
        assert.deepEqual(
          (await told()).filter(({ kind }) => kind === 'visit-ended'),
          [],
        );
      });

      it('is gone after a day, told or not', async () => {
        wait('visit-opened');
        await opened();
        await ledger.prune(NOW + 86_400_001, 100);
        assert.deepEqual(await told(NOW), []);
      });

      it('tells a flag once, however often the visit is flagged', async () => {
        wait('visit-flagged');
        await opened();
        await advance('visit01', 'hold_made', { set: { flagged: true } });
        await ledger.flagVisit('visit01', 'disputed_at_bank', {}, NOW);
        const flags = (await told()).filter(({ kind }) => kind === 'visit-flagged');
        assert.deepEqual(
          flags.map(({ visit }) => (visit as { flagged: boolean }).flagged),
          [true],
        );
      });

      it('tells of faults with their count', async () => {
        wait('fault-counted');
        await ledger.countFault('frame.bad-mac', NOW);
        const [event] = (await told()).filter(({ kind }) => kind === 'fault-counted');
        assert.deepEqual(event?.fault, { code: 'frame.bad-mac', count: 1 });
      });

      it('tells of a case that changes its state, and not of one that says the same again', async () => {
        wait('case-state-changed');
        const says = (seq: number, state: 'locked' | 'locked_out') =>
          ledger.recordStatus('123', { ...STATUS, state, seq } as unknown as StatusReport, NOW);
        await says(1, 'locked');
        await says(2, 'locked_out');
        await says(3, 'locked_out');
        const states = (await told()).filter(({ kind }) => kind === 'case-state-changed');
        assert.deepEqual(
          states.map((event) => event.case),
          [{ id: '123', state: 'closed', was: 'ready' }],
        );
      });
    });

    describe('what is counted', () => {
      it('are faults by code, with the last time', async () => {
        await ledger.countFault('frame.bad-mac', NOW);
        assert.equal(await ledger.countFault('frame.bad-mac', NOW + 5), 2);
        await ledger.countFault('seq.replayed', NOW);
        assert.deepEqual(await ledger.faultCounts(), [
          { code: 'frame.bad-mac', count: 2, lastAtMs: NOW + 5 },
          { code: 'seq.replayed', count: 1, lastAtMs: NOW },
        ]);
      });

      it('are webhooks: one that comes again is not news', async () => {
        assert.equal(await ledger.recordWebhook('evt_1', 'charge.captured', NOW), true);
        assert.equal(await ledger.recordWebhook('evt_1', 'charge.captured', NOW), false);
        assert.equal(await ledger.recordWebhook('evt_2', 'charge.captured', NOW), true);
      });
    });

    it('has forgotten nothing when it is opened again', async () => {
      await customer();
      await ledger.setCard('ann', CARD, NOW);
      await opened();
      await moved('visit01', 'hold_made', 'unlock_sent');
      await door({ type: 'opened', id: 'visit01', seq: 7 });
      await ledger.recordStatus('123', { ...STATUS, seq: 9 }, NOW);
      await ledger.countFault('seq.replayed', NOW);
      const remembered = async () => [
        await ledger.customer('ann'),
        await ledger.visit('visit01'),
        await ledger.visitEvents('visit01'),
        await ledger.evidence('visit01'),
        await ledger.money('visit01'),
        await ledger.caseRow('123'),
        await ledger.faultCounts(),
      ];
      const before = await remembered();
      await ledger.close();
      ledger = await place.open();
      assert.deepEqual(await remembered(), before);
      assert.equal((await door({ type: 'opened', id: 'visit01', seq: 7 })).kind, 'seen');
      assertFault(await ledger.recordStatus('123', { ...STATUS, seq: 9 }, NOW), 'seq.replayed');
      // Numbers go on where they stood: a device would refuse them from the beginning.
      assert.deepEqual(
        (await frames()).map(({ payload }) => payload.seq),
        [1, 2],
      );
    });
  });
}

function subscription(number: number): PushSubscription {
  return { endpoint: `https://push.example/${number}`, p256dh: 'p', auth: 'a', language: 'en' };
}

function ids(visits: readonly Visit[]): string[] {
  return visits.map(({ id }) => id);
}

/** Told, and kept for a person. */
async function assertAside(recorded: Awaited<ReturnType<Ledger['recordReport']>>, code: string): Promise<void> {
  assert.equal(recorded.kind, 'held');
  assertFault((recorded as { fault: unknown }).fault, code);
}

function assertFault(result: unknown, code: string): void {
  assert.ok(result instanceof Fault, `no fault, but ${JSON.stringify(result)}`);
  assert.equal(result.code, code);
}

async function assertRejects(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (thrown) => thrown instanceof Fault && thrown.code === code);
}
