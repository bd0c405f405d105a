// What recorded files are called, which of them go, and which belong to a visit.
import assert from 'node:assert/strict';
import {
  ageMs,
  type Clip,
  endOverdue,
  isComplete,
  marksOf,
  parseSegmentName,
  pinMark,
  planRing,
  type RingLimits,
  type RingNow,
  type Segment,
  segmentFile,
  shiftClock,
} from '@tapcase/domain';
import fc from 'fast-check';

const NOON = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const LIMITS: RingLimits = { ringBytes: 1_000, ringMs: 24 * HOUR, pinBytes: 300, pinMs: 720 * HOUR, reserveBytes: 50 };
const NOW: RingNow = { nowMs: NOON, boot: 'b2', watchedMs: HOUR, openBytes: 0, freeBytes: 5_000 };

/** A segment of 20 s and 100 bytes that ended `hoursAgo`. */
function segment(hoursAgo: number, rest: Partial<Segment> = {}): Segment {
  const toMs = NOON - hoursAgo * HOUR;
  const fromMs = toMs - 20_000;
  const name = { camera: '0', startMs: fromMs, copy: 1, seconds: 20, marks: [] };
  return { ...name, fromMs, toMs, bytes: 100, boot: 'b2', ...rest };
}
const pin = (visit: string) => [{ visit, pinned: true }];
const hours = (segments: readonly Segment[]) => segments.map(({ toMs }) => Math.round((NOON - toMs) / HOUR));

describe('names of recorded files', () => {
  it('say camera, UTC time, seconds and visits, so that a card explains itself', () => {
    const startMs = Date.UTC(2026, 10, 21, 10, 30);
    const marks = [
      { visit: 'abc123', pinned: false },
      { visit: 'def456', pinned: true },
    ];
    const open = { camera: '0', startMs, copy: 1, seconds: undefined, marks: [] };
    assert.equal(segmentFile(open), '0_20261121T103000Z.mp4');
    const closed = { ...open, seconds: 20, marks };
    assert.equal(segmentFile(closed), '0_20261121T103000Z_20s_abc123_pin-def456.mp4');
    assert.equal(segmentFile({ ...closed, copy: 2, marks: [] }), '0_20261121T103000Z-2_20s.mp4');
  });

  it('are read back as they were given', () => {
    const visits = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{6,24}$/), { maxLength: 8 });
    const parts = fc.tuple(
      fc.stringMatching(/^[A-Za-z0-9-]{1,16}$/),
      fc.integer({ min: 0, max: Date.UTC(2099, 0) / 1000 }),
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 9_999 }),
      visits.map((all) => all.map((visit, n) => ({ visit, pinned: n % 2 === 0 }))),
    );
    fc.assert(
      fc.property(parts, ([camera, start, copy, seconds, marks]) => {
        const given = { camera, startMs: start * 1000, copy, seconds, marks };
        const file = segmentFile(given);
        assert.ok(file.length <= 255);
        assert.deepEqual(parseSegmentName(file), given);
      }),
    );
  });

  for (const foreign of [
    'holiday.mp4',
    '0_20261121T103000Z.mp4.part',
    '0_20260231T103000Z_20s.mp4',
    '0_20261121T103000Z_20s_abc123_abc123.mp4',
    '0_20261121T103000Z_abc123.mp4',
    '0_20261121T103000Z-1_20s.mp4',
    '0_20261121T103000Z_20s_../../x.mp4',
    '0_20261121T103000Z_020s.mp4',
    '0.manifest.jsonl',
    '',
  ]) {
    it(`leave alone what is somebody else’s: ${foreign || 'no name'}`, () => {
      assert.equal(parseSegmentName(foreign), undefined);
    });
  }
});

describe('the ring', () => {
  it('lets go what is older than a day, and nothing a moment earlier', () => {
    const { remove } = planRing([segment(24.001), segment(24), segment(1)], LIMITS, NOW);
    assert.deepEqual(remove.length, 1);
    assert.equal(remove[0]!.toMs, NOON - 24.001 * HOUR);
  });

  it('lets the oldest go while there is too much, the file being written counted in', () => {
    const ten = Array.from({ length: 10 }, (_, n) => segment(10 - n));
    assert.deepEqual(hours(planRing(ten, LIMITS, NOW).remove), []);
    assert.deepEqual(hours(planRing(ten, LIMITS, { ...NOW, openBytes: 1 }).remove), [10]);
    assert.deepEqual(hours(planRing(ten, LIMITS, { ...NOW, openBytes: 101 }).remove), [10, 9]);
  });

  it('makes room for everything else on the card, and says when it cannot', () => {
    const two = [segment(2), segment(1)];
    const short = planRing(two, LIMITS, { ...NOW, freeBytes: 0 });
    assert.deepEqual([hours(short.remove), short.full], [[2], false]);
    const full = planRing(two, { ...LIMITS, reserveBytes: 500 }, { ...NOW, freeBytes: 0 });
    assert.deepEqual([hours(full.remove), full.full], [[2, 1], true]);
  });

  it('never lets a pinned one go, for no want of room', () => {
    const plan = planRing([segment(50, { marks: pin('visit1') }), segment(30)], LIMITS, { ...NOW, freeBytes: 0 });
    assert.deepEqual(hours(plan.remove), [30]);
    assert.deepEqual(plan.unpin, []);
  });

  it('gives up the oldest pins when they are too much, as whole visits, and says which', () => {
    const segments = [
      ...[segment(9, { marks: pin('visit1') }), segment(8, { marks: pin('visit1') })],
      ...[segment(7, { marks: [...pin('visit2'), ...pin('visit3')] }), segment(6, { marks: pin('visit3') })],
    ];
    const plan = planRing(segments, LIMITS, NOW);
    assert.deepEqual([plan.unpin, plan.evicted], [['visit1'], ['visit1']]);
    assert.deepEqual(planRing(segments, { ...LIMITS, pinBytes: 400 }, NOW).unpin, []);
    const tight = planRing(segments, { ...LIMITS, pinBytes: 199 }, NOW);
    // The third file is pinned by two visits: letting one of them go frees nothing.
    assert.deepEqual(tight.unpin, ['visit1', 'visit2', 'visit3']);
  });

  it('ends a pin after its days, which is no loss to speak of; the file is then too old for the ring', () => {
    const plan = planRing([segment(721, { marks: pin('visit1') })], LIMITS, NOW);
    assert.deepEqual([plan.unpin, plan.evicted, plan.remove.length], [['visit1'], [], 1]);
  });

  it('goes by the order of recording where the clock jumped back', () => {
    const plan = planRing([segment(1), segment(20), segment(19)], { ...LIMITS, ringBytes: 250 }, NOW);
    assert.deepEqual(hours(plan.remove), [1]);
  });

  describe('whose clock was wrong', () => {
    it('lets a file that seems to lie ahead neither go at once nor stay for ever', () => {
      const ahead = segment(-1_000, { boot: 'b1' });
      assert.equal(planRing([ahead], LIMITS, NOW).remove.length, 0);
      assert.equal(planRing([ahead], LIMITS, { ...NOW, watchedMs: 25 * HOUR }).remove.length, 1);
    });

    it('does not take a file of 1970 for old: nobody had set the clock', () => {
      const unset = segment(0, { boot: 'b1', fromMs: 0, toMs: 20_000 });
      assert.equal(planRing([unset], LIMITS, NOW).remove.length, 0);
      assert.equal(ageMs(unset, { ...NOW, watchedMs: 7 }), 7);
    });

    it('believes its own boot, which it has put right', () => {
      assert.equal(ageMs(segment(3), NOW), 3 * HOUR);
      assert.equal(ageMs(segment(-3), NOW), 0);
      assert.equal(ageMs({ boot: 'b2', toMs: 1_000 }, { ...NOW, nowMs: 5_000 }), 4_000);
    });

    it('moves what this boot recorded along when the clock is put right, and nothing else', () => {
      const own = shiftClock(segment(3), 'b2', 2 * HOUR);
      assert.equal(NOON - own.toMs, HOUR);
      assert.equal(own.toMs - own.fromMs, 20_000);
      const other = segment(3, { boot: 'b1' });
      assert.equal(shiftClock(other, 'b2', 2 * HOUR), other);
    });
  });
});

describe('a visit’s video', () => {
  const clip: Clip = { visit: 'visit1', fromMs: 10_000, toMs: 30_000, pinned: false, boot: 'b2' };
  const of = (fromMs: number, toMs: number, clips: readonly Clip[] = [clip]) =>
    marksOf({ fromMs, toMs, marks: [] }, clips).map(({ visit }) => visit);

  it('is every file that shows something of it, and no file that ends as it begins', () => {
    assert.deepEqual(of(0, 10_000), []);
    assert.deepEqual(of(0, 10_001), ['visit1']);
    assert.deepEqual(of(12_000, 14_000), ['visit1']);
    assert.deepEqual(of(29_999, 50_000), ['visit1']);
    assert.deepEqual(of(30_000, 50_000), []);
    assert.deepEqual(of(900_000, 920_000, [{ ...clip, toMs: undefined }]), ['visit1']);
  });

  it('shares a file with other visits, eight at most, the earlier ones first', () => {
    const many = Array.from({ length: 10 }, (_, n) => ({ ...clip, visit: `visit${n}` }));
    assert.deepEqual(
      of(0, 40_000, many),
      many.slice(0, 8).map(({ visit }) => visit),
    );
  });

  it('stays pinned however often it is marked', () => {
    const marks = marksOf({ fromMs: 0, toMs: 20_000, marks: pin('visit1') }, [clip]);
    assert.deepEqual(marks, pin('visit1'));
    assert.deepEqual(pinMark(marks, 'visit1', false), [{ visit: 'visit1', pinned: false }]);
  });

  it('is complete when its time is over and the file being written began after it', () => {
    assert.equal(isComplete(clip, undefined, 30_000), true);
    assert.equal(isComplete(clip, undefined, 29_999), false);
    assert.equal(isComplete(clip, 29_000, 60_000), false);
    assert.equal(isComplete(clip, 30_000, 60_000), true);
    assert.equal(isComplete({ ...clip, toMs: undefined }, undefined, 60_000), false);
  });

  it('is ended after 35 minutes when nobody says that it ended', () => {
    const open = { ...clip, toMs: undefined };
    const latestMs = 10_000 + 35 * 60_000;
    assert.equal(endOverdue(open, latestMs), open);
    assert.equal(endOverdue(open, latestMs + 1).toMs, latestMs);
  });
});
