// The life of a visit: the whole table of phases and events, its deadlines, and what no order of events can bring about.
import assert from 'node:assert/strict';
import { deadlineMs, Fault, nextPhase, occupiesCase, PHASES, type Phase, type VisitEvent } from '@tapcase/domain';
import fc from 'fast-check';

const EVENTS: readonly VisitEvent[] = [
  'hold_made',
  'hold_refused',
  'unlock_sent',
  'door_unlocked',
  'door_opened',
  'door_closed',
  'door_timeout',
  'door_open_too_long',
  'door_refused',
  'case_silent',
  'basket_decided',
  'settle_started',
  'settled',
];

// One row a phase, one column an event, in the order of EVENTS; "-" is refused, "=" stays.
// biome-ignore format: one row a phase, so that the columns can be read
const TABLE: Readonly<Record<Phase, string>> = {
  //            made refused unlock    unlocked opened closed timeout    too_long turned     silent     basket     settle   settled
  requested:  'held done    -         -        -      -      -          -        -          settling   -          -        -',
  held:       '-    -       unlocking -        -      -      -          -        -          settling   -          -        -',
  unlocking:  '-    -       -         unlocked open   closed reconciled open     reconciled reconciled -          -        -',
  unlocked:   '-    -       -         =        open   closed reconciled open     =          reconciled -          -        -',
  open:       '-    -       -         =        =      closed -          =        =          reconciled -          -        -',
  closed:     '-    -       -         =        =      =      -          =        =          -          reconciled -        -',
  reconciled: '-    -       -         =        =      =      =          =        =          -          -          settling done',
  settling:   '-    -       -         =        =      =      =          =        =          -          -          =        done',
  done:       '-    -       -         =        =      =      =          =        =          -          -          -        -',
};

const anyEvents = fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 });

describe('a visit', () => {
  it('has no phase that the table below forgets', () => {
    assert.deepEqual([...PHASES].sort(), Object.keys(TABLE).sort());
  });

  for (const [phase, row] of Object.entries(TABLE) as [Phase, string][]) {
    const cells = row.trim().split(/\s+/);
    for (const [column, event] of EVENTS.entries()) {
      const cell = cells[column]!;
      it(`${phase}, then ${event}: ${cell === '-' ? 'refused' : cell === '=' ? 'stays' : cell}`, () => {
        const next = nextPhase(phase, event);
        if (cell !== '-') return assert.equal(next, cell === '=' ? phase : cell);
        assert.ok(next instanceof Fault);
        assert.equal(next.code, 'visit.wrong-phase');
      });
    }
  }

  it('that is done stays done, whatever comes', () => {
    for (const event of EVENTS) {
      const next = nextPhase('done', event);
      assert.ok(next instanceof Fault || next === 'done');
    }
  });

  it('is settled at most once, in whatever order and however often the news comes', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { path } = live(events);
        assert.ok(path.filter((event) => event === 'settled' || event === 'hold_refused').length <= 1);
        assert.ok(path.filter((event) => event === 'basket_decided').length <= 1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('opens the door only for money that is held, and never twice', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { path } = live(events);
        const unlocks = path.filter((event) => event === 'unlock_sent').length;
        assert.ok(unlocks <= 1);
        if (unlocks === 1) assert.ok(path.indexOf('hold_made') < path.indexOf('unlock_sent'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never gives the case back to its customer once the next one may have it', () => {
    for (const phase of PHASES.filter((each) => !occupiesCase(each))) {
      for (const event of EVENTS) {
        const next = nextPhase(phase, event);
        assert.ok(next instanceof Fault || !occupiesCase(next), `${phase} ${event}`);
      }
    }
  });

  it('always finds its end when nothing is heard any more', () => {
    const onItsOwn: readonly VisitEvent[] = ['case_silent', 'basket_decided', 'settle_started', 'settled'];
    for (const start of PHASES) {
      let phase: Phase = start;
      for (const event of onItsOwn) {
        const next = nextPhase(phase, event);
        if (!(next instanceof Fault)) phase = next;
      }
      assert.equal(phase, 'done', `from ${start}`);
    }
  });

  it('rests in no phase without a deadline but the last', () => {
    for (const phase of PHASES) {
      const afterMs = deadlineMs(phase, 2_000);
      if (phase === 'done') assert.equal(afterMs, null);
      else assert.ok(afterMs !== null && afterMs >= 0, phase);
    }
    assert.equal(deadlineMs('closed', 2_000), 2_000);
    assert.equal(deadlineMs('closed', 0), 0);
  });

  it('leaves each phase the time that the world in it may take', () => {
    const [SECOND_MS, MINUTE_MS] = [1_000, 60_000];
    const expected: readonly (readonly [Phase, number])[] = [
      // Longer than the Stripe SDK's own 80 s.
      ['requested', 90 * SECOND_MS],
      ['held', 90 * SECOND_MS],
      ['settling', 90 * SECOND_MS],
      // An unlock's 10 s, the controller's 10 s, a modem's reconnect.
      ['unlocking', 2 * MINUTE_MS],
      ['unlocked', 5 * MINUTE_MS],
      // Whoever holds a door open and takes their time is no broken case.
      ['open', 30 * MINUTE_MS],
      ['reconciled', 5 * SECOND_MS],
    ];
    for (const [phase, afterMs] of expected) assert.equal(deadlineMs(phase, 2_000), afterMs, phase);
  });

  it('keeps its case until the door is shut, and no longer', () => {
    const occupied = PHASES.filter(occupiesCase);
    assert.deepEqual(occupied, ['requested', 'held', 'unlocking', 'unlocked', 'open']);
  });
});

/** Which of `events` were taken, and where they led. */
function live(events: readonly VisitEvent[]): { readonly phase: Phase; readonly path: readonly VisitEvent[] } {
  let phase: Phase = 'requested';
  const path: VisitEvent[] = [];
  for (const event of events) {
    const next = nextPhase(phase, event);
    if (next instanceof Fault) continue;
    path.push(event);
    phase = next;
  }
  return { phase, path };
}
