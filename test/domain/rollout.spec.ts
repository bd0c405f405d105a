// Who is offered new firmware, and when nobody else is: both sides of each boundary.
import assert from 'node:assert/strict';
import { isInStage, type OfferedCase, type Rollout, stageOf, UPDATE_FAILED } from '@tapcase/domain';
import fc from 'fast-check';

const HOUR_MS = 3_600_000;
const NOW = 1_763_678_400_000;
const rollout = (part: Partial<Rollout> = {}): Rollout => ({
  ...{ version: '1.4.0', caseIds: [], percent: 0, haltPercent: 10 },
  ...part,
});
const well = (caseId: string): OfferedCase => ({
  ...{ caseId, offeredAtMs: NOW - 5 * HOUR_MS, hadFailed: false, firmware: '1.4.0', faults: [] },
  ...{ heardAtMs: NOW - 30_000, silentAfterMs: HOUR_MS },
});
const fleet = (count: number) => Array.from({ length: count }, (_, i) => well(`case-${i}`));

describe('a rollout', () => {
  it('offers nothing to anybody at 0 percent but to the cases that are named, and everything to all at 100', () => {
    for (const id of ['1', '123', 'lobby']) {
      assert.equal(isInStage(rollout(), id), false);
      assert.equal(isInStage(rollout({ percent: 100 }), id), true);
      assert.equal(isInStage(rollout({ caseIds: [id] }), id), true);
    }
  });

  it('a larger share has all the cases of a smaller one', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
    const share = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(id, share, share, (caseId, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        return !isInStage(rollout({ percent: less }), caseId) || isInStage(rollout({ percent: more }), caseId);
      }),
    );
  });

  it('takes about the share that was asked for, and others for another version', () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => String(100 + i));
    const chosen = (version: string) => ids.filter((id) => isInStage(rollout({ version, percent: 20 }), id));
    assert.ok(Math.abs(chosen('1.4.0').length - 400) < 80, `${chosen('1.4.0').length}`);
    const both = chosen('1.4.0').filter((id) => chosen('1.5.0').includes(id));
    assert.ok(both.length < 160, `${both.length} in both`);
  });

  it('runs while nobody is in trouble, also before anybody was offered anything', () => {
    assert.deepEqual(stageOf(rollout(), [], NOW), { kind: 'running', troubled: [] });
    assert.deepEqual(stageOf(rollout(), fleet(10), NOW), { kind: 'running', troubled: [] });
  });

  it('halts when the given share has gone back to what it had', () => {
    const back = (one: OfferedCase) => ({ ...one, firmware: '1.3.0', faults: ['tof.silent', UPDATE_FAILED] });
    const one = fleet(11).map((each, i) => (i === 0 ? back(each) : each));
    assert.deepEqual(stageOf(rollout(), one, NOW), { kind: 'running', troubled: ['case-0'] });
    assert.equal(stageOf(rollout(), one.slice(0, 10), NOW).kind, 'halted');
    assert.equal(stageOf(rollout(), [back(well('only'))], NOW).kind, 'halted');
  });

  it('does not count an update that failed before, nor one of a case that runs the version by now', () => {
    const before = { ...well('a'), hadFailed: true, firmware: '1.3.0', faults: [UPDATE_FAILED] };
    const after = { ...well('b'), faults: [UPDATE_FAILED] };
    assert.deepEqual(stageOf(rollout(), [before, after], NOW).troubled, []);
  });

  it('halts when cases fall silent after the offer, not a moment earlier', () => {
    const silent = (heardAtMs: number | null, offeredAtMs: number) => ({ ...well('a'), heardAtMs, offeredAtMs });
    const troubled = (one: OfferedCase) => stageOf(rollout(), [one], NOW).troubled.length;
    assert.equal(troubled(silent(NOW - HOUR_MS, NOW - 5 * HOUR_MS)), 0);
    assert.equal(troubled(silent(NOW - HOUR_MS - 1, NOW - 5 * HOUR_MS)), 1);
    // It was heard before the offer, and its time since then is not over.
    assert.equal(troubled(silent(NOW - 3 * HOUR_MS, NOW - HOUR_MS)), 0);
    assert.equal(troubled(silent(null, NOW - HOUR_MS - 1)), 1);
    assert.equal(troubled({ ...silent(NOW - 2 * HOUR_MS, NOW - 3 * HOUR_MS), silentAfterMs: 24 * HOUR_MS }), 0);
  });
});
