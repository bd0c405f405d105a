// Some hours of a simulated week: whatever happens to power and radio, each door event is in the ledger exactly once.
import assert from 'node:assert/strict';
import { broken, runWeek } from '../../scripts/week/run.ts';

/** A good half hour, in which as much happens as in most of a day. */
const HOURS = 0.6;
const HASTE = 24;

describe('a simulated week', () => {
  it('ends with every door event recorded exactly once, after outages, dips, pulled plugs, a warm fridge and an update', async () => {
    const { now } = Date;
    const lines: string[] = [];
    const week = await runWeek({ seed: 3, days: HOURS / 24, haste: HASTE, log: (line) => lines.push(line) });
    const story = () => `${JSON.stringify(week)}\n${lines.slice(-60).join('\n')}`;
    assert.deepEqual(broken(week), [], story());
    // It was a week worth surviving.
    assert.ok(week.visits >= 10 && week.doorEventsSent >= 35, story());
    assert.equal(Date.now, now, 'virtual time has leaked out of the week');
    assert.deepEqual([week.updates, week.lockouts, week.notTried], [1, 1, []], story());
    assert.ok(week.outages >= 2 && week.brownouts >= 2 && week.plugPulls >= 1, story());
  });
});
