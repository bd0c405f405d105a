// What two cameras saw before and after becomes what was taken, and a report that fits the modem.
import assert from 'node:assert/strict';
import {
  diffViews,
  Fault,
  FINDING_BYTES_MAX,
  FRAME_BYTES_MAX,
  mergeCameras,
  parseVisionReport,
  sealFrame,
  type Views,
  visionReport,
} from '@tapcase/domain';
import fc from 'fast-check';

describe('what was taken', () => {
  it('two of three colas taken is two colas', () => {
    const { removed } = diffViews({ 0: see('cola', 'cola', 'cola') }, { 0: see('cola') });
    assert.deepEqual(removed, [['cola', 2, 0.9]]);
  });

  it('a can hidden from one camera is counted by the other, and never twice', () => {
    assert.deepEqual(mergeCameras({ 0: see('cola', 'cola'), 1: see('cola', 'soda') }), { cola: 2, soda: 1 });
  });

  it('a can put in is a negative count', () => {
    const { removed } = diffViews({ 0: see('cola') }, { 0: see('cola', 'soda') });
    assert.deepEqual(removed, [['soda', -1, 0.9]]);
  });

  it('the largest change comes first, with the mean score of all sightings', () => {
    const before = { 0: [...see('chips'), { label: 'cola', score: 0.7 }, { label: 'cola', score: 0.8 }] };
    const { removed } = diffViews(before, { 0: [] });
    assert.deepEqual(removed, [
      ['cola', 2, 0.75],
      ['chips', 1, 0.9],
    ]);
  });

  it('a camera that failed in between does not make its shelf look empty', () => {
    const difference = diffViews({ 0: see('cola'), 1: see('cola', 'soda') }, { 0: see('cola') });
    assert.deepEqual(difference, {
      removed: [],
      before: { 0: { cola: 1 }, 1: { cola: 1, soda: 1 } },
      after: { 0: { cola: 1 } },
    });
  });

  it('the same look twice removes nothing; looks exchanged remove the opposite; order never matters', () => {
    fc.assert(
      fc.property(views(), views(), (before, after) => {
        assert.deepEqual(diffViews(before, before).removed, []);
        const there = diffViews(before, after).removed;
        const back = diffViews(after, before).removed;
        assert.deepEqual(
          back.map(([label, count, score]) => [label, -count, score]),
          there.map((change) => [...change]),
        );
        const reversed = Object.fromEntries(
          Object.entries(before).map(([camera, seen]) => [camera, seen.toReversed()]),
        );
        assert.deepEqual(diffViews(reversed, after), diffViews(before, after));
      }),
    );
  });
});

describe('the report', () => {
  const input = { visitId: 'abc123', model: '0123456789ab', ms: 12.4, fault: null };

  it('says what the cameras counted before and after, and what went', () => {
    const difference = diffViews({ 0: see('cola', 'cola') }, { 0: see('cola') });
    assert.deepEqual(visionReport({ ...input, difference }), {
      type: 'report',
      id: 'abc123',
      model: '0123456789ab',
      before: { 0: { cola: 2 } },
      after: { 0: { cola: 1 } },
      removed: [['cola', 1, 0.9]],
      ms: 12,
    });
  });

  it('with a fault claims nothing as taken', () => {
    const difference = diffViews({ 0: see('cola') }, { 0: [] });
    const report = visionReport({ ...input, model: null, difference, fault: 'detr.model-missing' });
    assert.deepEqual(report.removed, []);
    assert.equal(report.fault, 'detr.model-missing');
  });

  it('gives up the counts of what did not change before it gives up a change', () => {
    const many = Array.from({ length: 60 }, (_, i) => `a label of some length ${i}`);
    const report = visionReport({ ...input, difference: diffViews({ 0: see(...many, 'cola') }, { 0: see(...many) }) });
    assert.deepEqual(report.before, { 0: { cola: 1 } });
    assert.deepEqual(report.removed, [['cola', 1, 0.9]]);
  });

  it('whatever was seen, it is a valid report and its frame fits the modem', () => {
    fc.assert(
      fc.property(views(), views(), fc.option(fc.constant('camera.unreachable')), (before, after, fault) => {
        const finding = visionReport({ ...input, difference: diffViews(before, after), fault });
        assert.ok(new TextEncoder().encode(JSON.stringify(finding)).length <= FINDING_BYTES_MAX);
        const payload = { ...finding, seq: Number.MAX_SAFE_INTEGER, at: 9_999_999_999 };
        assert.deepEqual(parseVisionReport(payload), payload);
        const frame = sealFrame({ topic: 't', payload, key: new Uint8Array(32), hmac: () => new Uint8Array(32) });
        assert.ok(!(frame instanceof Fault) && frame.length <= FRAME_BYTES_MAX);
      }),
    );
  });
});

function see(...labels: readonly string[]) {
  return labels.map((label) => ({ label, score: 0.9 }));
}

function views(): fc.Arbitrary<Views> {
  const label = fc.oneof(
    fc.constantFrom('cola', 'soda', 'water', 'chips'),
    // The label's own limit; "__proto__" and its like are keys that a parser of records refuses.
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => text.length <= 40 && text !== 'prototype' && !(text in {})),
  );
  const seen = fc.record({ label, score: fc.double({ min: 0, max: 1, noNaN: true }) });
  return fc.dictionary(fc.constantFrom('0', '1', '2'), fc.array(seen, { maxLength: 40 }), { noNullPrototype: true });
}
