// For runner.spec.ts: what a spec can do wrong without ending the process.
import assert from 'node:assert/strict';

describe('what goes wrong', () => {
  it('passes', () => {});
  it('is not equal', () => assert.equal(1, 2));
  it('throws beside the test', (done) => {
    setImmediate(() => {
      throw new Error('thrown beside it');
    });
    setImmediate(() => setImmediate(done));
  });
  it('leaves a rejection that nobody handles', (done) => {
    void Promise.reject(new Error('rejected beside it'));
    setImmediate(() => setImmediate(done));
  });
  describe('a hook', () => {
    before(() => {
      throw new Error('no shop today');
    });
    it('is the first that never runs', () => {});
    it('is the second that never runs', () => {});
  });
});
