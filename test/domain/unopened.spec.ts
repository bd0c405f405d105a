// How often a door is unlocked for somebody who does not open it, on both sides of each boundary.
import assert from 'node:assert/strict';
import { tryAgainAtMs, UNOPENED_ANYWHERE, UNOPENED_AT_CASE } from '@tapcase/domain';
import fc from 'fast-check';

const NOW = 1_763_678_400_000;
const MINUTE_MS = 60_000;
/** At the case, so many minutes ago. */
const at = (caseId: string, ...minutesAgo: number[]) =>
  minutesAgo.map((minutes) => ({ caseId, atMs: NOW - minutes * MINUTE_MS }));
const inMinutes = (minutes: number) => NOW + minutes * MINUTE_MS;

describe('a door that is unlocked and not opened', () => {
  for (const [title, unopened, freeAtMs] of [
    ['never before may be tried', [], null],
    ['once may be tried again', at('a', 0), null],
    ['twice in a row may be tried again: it sticks', at('a', 0, 1), null],
    ['three times in ten minutes waits until the first of them is ten minutes old', at('a', 1, 2, 3), inMinutes(7)],
    ['four times waits for as many to grow old', at('a', 0, 1, 2, 3), inMinutes(8)],
    ['the third one ten minutes ago may be tried again', at('a', 0, 1, 10), null],
    ['the third one a moment less ago is not', [...at('a', 0, 1), { caseId: 'a', atMs: NOW - 599_999 }], NOW + 1],
    ['at other cases five times in an hour may be tried here', [...at('b', 0, 1, 2), ...at('c', 3, 4)], null],
    ['at other cases six times in an hour is not', [...at('b', 0, 1, 2), ...at('c', 3, 4, 50)], inMinutes(10)],
    ['six times, the first of them an hour ago, may be tried again', at('a', 11, 22, 33, 44, 55, 60), null],
    ['six times over the hour is not', at('a', 11, 22, 33, 44, 55, 59), inMinutes(1)],
    ['before a clock that was set back is waited for no longer than usual', at('a', -90, -91, -92), inMinutes(10)],
  ] as const) {
    it(title, () => {
      assert.equal(tryAgainAtMs(unopened, 'a', NOW), freeAtMs);
    });
  }

  it('takes a case from others for less than a tenth of the time, whatever its customer tries', () => {
    const TAKES_MS = 11_000;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: TAKES_MS, max: 5 * MINUTE_MS }), { minLength: 50, maxLength: 100 }),
        (gaps) => {
          const visits: { readonly caseId: string; readonly atMs: number }[] = [];
          let nowMs = NOW;
          for (const gap of gaps) {
            nowMs += gap;
            if (tryAgainAtMs(visits, 'a', nowMs) === null) visits.push({ caseId: 'a', atMs: nowMs });
          }
          for (const { windowMs, max } of [UNOPENED_AT_CASE, UNOPENED_ANYWHERE]) {
            for (const { atMs } of visits) {
              const within = visits.filter((visit) => visit.atMs >= atMs && visit.atMs < atMs + windowMs);
              assert.ok(within.length <= max);
              assert.ok(within.length * TAKES_MS < windowMs / 10);
            }
          }
        },
      ),
    );
  });
});
