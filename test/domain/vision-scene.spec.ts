// What each camera saw before and after becomes counts, and the labels whose counts have changed.
import assert from 'node:assert/strict';
import { diffViews, type Views } from '@tapcase/domain';
import fc from 'fast-check';

describe('what was counted', () => {
  it('two of three colas taken is three before and one after', () => {
    const difference = diffViews({ 0: see('cola', 'cola', 'cola') }, { 0: see('cola') });
    assert.deepEqual(difference, { before: { 0: { cola: 3 } }, after: { 0: { cola: 1 } }, scores: { cola: 0.9 } });
  });

  it('a can that one camera sees and the other does not is no change of either', () => {
    const both = { 0: see('cola', 'cola'), 1: see('cola', 'soda') };
    assert.deepEqual(diffViews(both, both).scores, {});
  });

  it('a can more for one camera and a can less for the other is a change', () => {
    const { scores } = diffViews({ 0: see('cola'), 1: see() }, { 0: see(), 1: see('cola') });
    assert.deepEqual(scores, { cola: 0.9 });
  });

  it('a label has the mean score of all its sightings', () => {
    const before = { 0: [...see('chips'), { label: 'cola', score: 0.7 }, { label: 'cola', score: 0.8 }] };
    assert.deepEqual(diffViews(before, { 0: [] }).scores, { chips: 0.9, cola: 0.75 });
  });

  it('a camera that failed in between does not make its shelf look empty', () => {
    const difference = diffViews({ 0: see('cola'), 1: see('cola', 'soda') }, { 0: see('cola') });
    assert.deepEqual(difference, { before: { 0: { cola: 1 } }, after: { 0: { cola: 1 } }, scores: {} });
  });

  it('the same look twice changes nothing; looks exchanged change the same; order never matters', () => {
    fc.assert(
      fc.property(views(), views(), (before, after) => {
        assert.deepEqual(diffViews(before, before).scores, {});
        const [there, back] = [diffViews(before, after), diffViews(after, before)];
        assert.deepEqual([there.before, there.after, there.scores], [back.after, back.before, back.scores]);
        const reversed = Object.fromEntries(
          Object.entries(before).map(([camera, seen]) => [camera, seen.toReversed()]),
        );
        assert.deepEqual(diffViews(reversed, after), diffViews(before, after));
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
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom('__proto__', 'constructor', 'toString'),
  );
  const seen = fc.record({ label, score: fc.double({ min: 0, max: 1, noNaN: true }) });
  return fc.dictionary(fc.constantFrom('0', '1', '2'), fc.array(seen, { maxLength: 40 }), { noNullPrototype: true });
}
