// For runner.spec.ts: a property that is false for most numbers.
import fc from 'fast-check';

describe('a random test', () => {
  it('fails', () => fc.assert(fc.property(fc.integer(), (number) => number < 0)));
});
