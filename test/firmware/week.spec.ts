// Some hours of a simulated week: whatever happens to power and radio, each door event is in the ledger exactly once.
import assert from 'node:assert/strict';
import { broken, runWeek } from '../../scripts/week/run.ts';

/** A good half hour, in which as much happens as in most of a day. */
const HOURS = 0.6;
const HASTE = 24;
/** One in which a board is swapped and, after that, the ledger put back. */
const ROUGH = { seed: 142, days: 0.04, haste: 30, rough: true } as const;

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

  it('holds when it is rough: contacts bounce, the modem fails in every way, a board is swapped and the ledger put back', async () => {
    const lines: string[] = [];
    const week = await runWeek({ ...ROUGH, log: (line) => lines.push(line) });
    const story = () => `${JSON.stringify(week)}\n${lines.slice(-60).join('\n')}`;
    assert.deepEqual(broken(week), [], story());
    assert.deepEqual([week.swaps, week.restores, week.notTried], [1, 1, []], story());
    assert.ok(week.visits >= 15 && week.doorEventsSent >= 50, story());
    assert.ok(
      lines.some((line) => line.includes('new board here')),
      story(),
    );
  });
});
