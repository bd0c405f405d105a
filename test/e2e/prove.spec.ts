// The proof at a size for every day: whatever is killed, lost, repeated or reordered, nobody is charged wrongly.
// npm run prove is the same with thousands of visits.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prove } from '../../prove/prove.ts';
import { needs } from '../needs.ts';

/** A case for every visit: nobody waits for a case that has fallen silent. */
const SIZE = { visits: 24, kills: 9, cases: 24 };

describe('the proof', () => {
  for (const [store, instances, seed] of [
    ['sqlite', 1, 7],
    ['postgres', 2, 22],
  ] as const) {
    it(`on ${store}: no double charge, nothing above the basket, nothing lost, no hold left, a receipt each`, async function () {
      if (store === 'postgres') needs(this, 'postgres');
      if (instances > 1) needs(this, 'mosquitto');
      const folder = mkdtempSync(join(tmpdir(), 'tapcase-prove-'));
      try {
        const lines: string[] = [];
        const proof = await prove({ ...SIZE, store, instances, seed, folder, log: (line) => lines.push(line) });
        const { doubleCharged, overCharged, lost, stuckHolds, stuckVisits, receiptsMissing, unlearnt } = proof;
        const { outcomes, reviews, stories } = proof;
        const verdict = { doubleCharged, overCharged, lost, stuckHolds, stuckVisits, receiptsMissing, unlearnt };
        const none = {
          ...{ doubleCharged: 0, overCharged: 0, lost: 0, stuckHolds: 0, stuckVisits: 0, receiptsMissing: 0 },
          unlearnt: 0,
        };
        assert.deepEqual(verdict, none, [`seed ${seed}`, ...proof.findings, ...lines].join('\n'));
        // A proof in which nothing was sold, nobody died, or nobody was asked would prove nothing.
        assert.equal(proof.kills, SIZE.kills);
        assert.ok((outcomes.charged ?? 0) > 0, `seed ${seed}: ${JSON.stringify(outcomes)}`);
        const troubles = [stories.zombie, stories.clock, stories.restore];
        assert.ok(
          troubles.some((times) => times! > 0),
          `seed ${seed}: ${JSON.stringify(stories)}`,
        );
        assert.ok(Object.keys(reviews).length > 1, `seed ${seed}: staff decided ${JSON.stringify(reviews)}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
