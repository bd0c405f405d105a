// What belongs together: the domain's own Map.groupBy, for a Node that has none.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { groupBy } from '../../domain/src/group.ts';

describe('what belongs together', () => {
  it('is found as Map.groupBy finds it, in the same order, whatever the keys', () => {
    const key = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', '', undefined, Number.NaN, -0));
    fc.assert(
      fc.property(fc.array(fc.record({ key, at: fc.nat() })), (items) => {
        const keyOf = (item: { key: unknown }) => item.key;
        assert.deepEqual([...groupBy(items, keyOf)], [...Map.groupBy(items, keyOf)]);
      }),
    );
  });
});
