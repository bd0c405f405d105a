// What the why page works out by itself: where things stand on its picture, how a probability reads, what became of a visit;
// and that the customer's app stays small with it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { EvidenceView, LineView, WhyView } from '@tapcase/domain';
import fc from 'fast-check';
import { doneWith, personIn, wentBy } from '../pwa/src/why/done.ts';
import { pictureOf } from '../pwa/src/why/scale-picture.ts';
import { percent, shortPercent, sureness } from '../pwa/src/why/sure.ts';
import { WORDS } from '../pwa/src/words.ts';

/** What a phone on a slow network loads in about a second; with fonts or a framework it would be far more. */
const APP_BYTES_MAX = 60_000;
const DIST = join(import.meta.dirname, '..', 'pwa', 'dist');

const line = (sku: string, count = 1): LineView => ({ sku, count, name: { en: sku, es: sku }, priceMinor: 100 });
const candidate = (lines: readonly LineView[], probability: number): EvidenceView['candidates'][number] => ({
  lines,
  probability,
  grams: 0,
  sigmaGrams: 0,
});
const EVIDENCE: EvidenceView = {
  verdict: 'disputed',
  probability: 0.53,
  reason: { en: '', es: '' },
  candidates: [candidate([line('cola')], 0.53), candidate([line('soda')], 0.46)],
  products: [],
  scale: null,
  zones: [],
  cameras: null,
};
const VISIT: WhyView = {
  id: 'visit1',
  caseId: '123',
  caseName: 'Lobby',
  phase: 'done',
  outcome: 'in_review',
  currency: 'usd',
  lines: [],
  adjustments: [],
  totalMinor: 0,
  chargedMinor: 0,
  refundedMinor: 0,
  review: { state: 'open', decision: null, lines: [], totalMinor: null },
  evidence: EVIDENCE,
  createdAtMs: 1,
  endedAtMs: 2,
};
const CHARGED: WhyView = { ...VISIT, outcome: 'charged', lines: [line('cola')], review: null };
const AGREED: EvidenceView = { ...EVIDENCE, verdict: 'agreed' };

describe('the picture of the scale', () => {
  const cola = { grams: 355, sigmaGrams: 5 };
  const soda = { grams: 350, sigmaGrams: 5 };
  const felt = { grams: 353, sigmaGrams: 0.5 };

  it('353 g lie within the give or take of a cola of 355 g and of a soda of 350 g alike', () => {
    const picture = pictureOf(felt, [cola, soda]);
    for (const { from, to, beyond } of picture.marks) {
      assert.ok(from < picture.felt.place && picture.felt.place < to);
      assert.equal(beyond, null);
    }
    assert.ok(picture.marks[1]!.place < picture.felt.place && picture.felt.place < picture.marks[0]!.place);
  });

  it('points to what lies far off instead of shrinking what is near', () => {
    const [, , nothing, many] = pictureOf(felt, [
      cola,
      soda,
      { grams: 0, sigmaGrams: 0 },
      { grams: 1020, sigmaGrams: 9 },
    ]).marks;
    assert.equal(nothing!.beyond, 'less');
    assert.equal(many!.beyond, 'more');
  });

  it('stays within its frame and counts in round numbers, whatever was weighed', () => {
    const weight = fc.record({
      grams: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      sigmaGrams: fc.double({ min: 0, max: 1e5, noNaN: true }),
    });
    fc.assert(
      fc.property(weight, fc.array(weight, { maxLength: 5 }), (reading, explanations) => {
        const { felt: shown, marks, ticks } = pictureOf(reading, explanations);
        for (const { place, from, to } of [shown, ...marks]) {
          for (const percentOfWidth of [place, from, to]) {
            assert.ok(percentOfWidth >= 0 && percentOfWidth <= 100);
          }
        }
        assert.ok(ticks.length >= 1 && ticks.length <= 6, `${ticks.length} ticks`);
      }),
    );
  });
});

describe('how sure, in words', () => {
  it('never claims certainty, and never rounds up to it', () => {
    assert.equal(percent(1, WORDS.en, 'en-US'), 'more than 99%');
    assert.equal(percent(0.9899, WORDS.en, 'en-US'), '98%');
    assert.equal(percent(0, WORDS.en, 'en-US'), 'less than 1%');
    assert.equal(shortPercent(0.999, 'en-US'), '>99%');
    assert.equal(shortPercent(0.004, 'en-US'), '<1%');
    assert.match(percent(1, WORDS.es, 'es-ES'), /^más del 99\s%$/u);
  });

  it('calls 99 % very sure, 95 % quite, 80 % fairly, and less not sure', () => {
    assert.deepEqual([0.99, 0.9899, 0.95, 0.9499, 0.8, 0.7999].map(sureness), [
      'very',
      'quite',
      'quite',
      'fairly',
      'fairly',
      'little',
    ]);
  });
});

describe('what became of a visit', () => {
  it('a doubtful visit charges nothing, or only what is certain', () => {
    assert.equal(doneWith(VISIT, EVIDENCE), 'notCertain');
    assert.equal(doneWith(CHARGED, EVIDENCE), 'part');
    assert.equal(doneWith(CHARGED, AGREED), 'whole');
    assert.equal(doneWith({ ...CHARGED, outcome: 'released', lines: [] }, AGREED), 'nothingTaken');
    assert.equal(doneWith({ ...CHARGED, outcome: null, phase: 'settling' }, AGREED), 'running');
  });

  it('says whether a person looks, has looked, or need not', () => {
    assert.equal(personIn(VISIT), 'open');
    assert.equal(personIn({ ...VISIT, review: null }), 'open');
    assert.equal(personIn(CHARGED), null);
    assert.equal(personIn({ ...VISIT, review: { ...VISIT.review!, state: 'decided', decision: 'waive' } }), 'waive');
  });

  it('marks the explanation that it went by: the charged one, or the one that a person found', () => {
    assert.equal(wentBy(CHARGED, AGREED), 0);
    assert.equal(wentBy(CHARGED, EVIDENCE), -1);
    assert.equal(wentBy(VISIT, EVIDENCE), -1);
    const review = { state: 'decided', decision: 'correct', lines: [line('soda')], totalMinor: 100 } as const;
    assert.equal(wentBy({ ...VISIT, review }, EVIDENCE), 1);
    assert.equal(wentBy({ ...VISIT, review: { ...review, lines: [line('water')] } }, EVIDENCE), -1);
    assert.equal(wentBy({ ...VISIT, review: { ...review, decision: 'waive', lines: [] } }, EVIDENCE), -1);
  });
});

describe('the customer’s app', () => {
  it(`is under ${APP_BYTES_MAX / 1000} kB as it travels`, () => {
    const files = ['index.html', 'assets/*.js', 'assets/*.css'].flatMap((name) => globSync(join(DIST, name)));
    assert.ok(files.length >= 3, 'not built');
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
    assert.ok(bytes < APP_BYTES_MAX, `${bytes} bytes`);
  });
});
