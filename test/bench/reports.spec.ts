// What one frame costs the answer, on visits of the benchmark: reports of small, usual and large cases, read back.
import assert from 'node:assert/strict';
import { FINDING_BYTES_MAX } from '@tapcase/domain';
import { measureReports } from '../../tools/measure-reports.ts';

const VISITS = 60;

describe('the report of a benchmark visit', () => {
  it('of 10 products is sent as it is', () => {
    const { plain, sentBytes, lostChanges } = measureReports({ products: 10, visits: VISITS });
    assert.deepEqual([plain, lostChanges], [1, 0]);
    assert.ok(sentBytes[1] <= FINDING_BYTES_MAX);
  });

  it('of 50 products says every count in nine visits of ten, and every change in all', () => {
    const { partial, sentBytes, lostChanges, exactSent, exactCounted } = measureReports({
      products: 50,
      visits: VISITS,
    });
    assert.ok(partial <= 0.1, `${partial}`);
    assert.ok(sentBytes[1] <= FINDING_BYTES_MAX);
    assert.equal(lostChanges, 0);
    assert.equal(exactSent, exactCounted);
  });

  it('of 200 products is cut short, and at most 4 baskets of 100 are read worse than what was counted', () => {
    const { partial, sentBytes, exactSent, exactCounted } = measureReports({ products: 200, visits: VISITS });
    assert.equal(partial, 1);
    assert.ok(sentBytes[1] <= FINDING_BYTES_MAX);
    assert.ok(exactSent >= exactCounted - 0.04, `${exactSent} of ${exactCounted}`);
  });
});
