// The page on power cannot go stale: it is what its script computes from the firmware's own numbers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { powerPage } from '../tools/power-budget.ts';

describe('docs/power.md', () => {
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'power.md'), 'utf8');

  it('says what the script computes', () => {
    assert.equal(page, powerPage(), 'run: node tools/power-budget.ts');
  });

  it('adds up: a look every 250 ms from deep sleep costs a hundred times the 20 µA that the documents hope for', () => {
    const frozen = /frozen `_boot\.py` \| ([\d.]+) mA/.exec(page);
    // 1.82 mC four times a second.
    assert.equal(frozen?.[1], '7.3');
    // 12 V, 2.5 A for 0.2 s are 6 J; between 12 and 9 V that is 2 · 6 / (144 − 81) farads.
    assert.match(page, /one pulse of a latch[^|]*\| 6\.00 J \| 0\.19 F/);
    assert.match(page, /hold a mag-lock[^|]*\| 42\.00 J \| 1\.3 F/);
  });
});
