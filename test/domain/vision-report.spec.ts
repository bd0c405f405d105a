// What the cameras counted travels in one frame of the modem, and the cloud reads from it what was counted.
import assert from 'node:assert/strict';
import {
  type CameraView,
  type Counts,
  evidenceOf,
  Fault,
  FINDING_BYTES_MAX,
  FRAME_BYTES_MAX,
  orThrow,
  parseVisionReport,
  reconcile,
  type SceneDifference,
  SEQ_MAX,
  sealFrame,
  type VisionFinding,
  visionReport,
} from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO } from './demo-catalog.ts';

const HEAD = { type: 'report', id: 'abc123', seq: 1, at: 1, model: '0123456789ab', ms: 12 };
/** Surer than this is not worth its bytes. */
const SURE = 0.95;

type Cameras = Readonly<Record<string, Counts>>;

describe('a report of the cameras', () => {
  it('says what each camera counted before and after, and how surely it saw what has changed', () => {
    assert.deepEqual(reportOf({ 0: { cola: 2 } }, { 0: { cola: 1 } }, { cola: 0.9 }), {
      type: 'report',
      id: 'abc123',
      model: '0123456789ab',
      before: { 0: { cola: 2 } },
      after: { 0: { cola: 1 } },
      scores: { cola: 0.9 },
      ms: 12,
    });
  });

  it('with a fault claims nothing as seen', () => {
    const difference = { before: { 0: { cola: 1 } }, after: { 0: {} }, scores: { cola: 0.9 } };
    const report = visionReport({ visitId: 'abc123', model: null, ms: 1, difference, fault: 'detr.model-missing' });
    assert.deepEqual([report.before, report.after, report.scores], [{}, {}, undefined]);
    assert.equal(report.fault, 'detr.model-missing');
  });

  it('of 50 products and two cameras says every count in one frame', () => {
    const left = shelf(50, (n) => 1 + (n % 5));
    const right = { ...left, 'product-07': 1, 'product-31': 0 };
    const report = reportOf(
      { 0: left, 1: right },
      { 0: { ...left, 'product-07': 2 }, 1: { ...right, 'product-07': 0 } },
    );
    assert.equal(report.partial, undefined);
    assert.equal(report.counts?.['4,1,3,0'], undefined);
    assert.equal(report.counts?.['3,1,2,0'], 'product-07');
    assert.equal(report.counts?.['2,0'], 'product-31');
    const { 'product-31': _, ...seen } = right;
    assert.deepEqual(viewsOf(report), [
      view('0', left, { ...left, 'product-07': 2 }),
      view('1', seen, Object.fromEntries(Object.entries(seen).filter(([label]) => label !== 'product-07'))),
    ]);
  });

  it('of 200 products says what changed, and what the cameras see differently, and that it is not all', () => {
    const left = shelf(200, () => 3);
    const right = { ...left, 'product-199': 2 };
    const report = reportOf({ 0: left, 1: right }, { 0: { ...left, 'product-100': 2 }, 1: right });
    assert.equal(report.partial, true);
    assert.deepEqual(report.counts, { '3,3,2,3': 'product-100', '3,2': 'product-199' });
  });

  it('keeps what changed for one camera only, where the other saw the opposite', () => {
    const many = shelf(200, () => 3);
    const report = reportOf(
      { 0: many, 1: many },
      { 0: { ...many, 'product-100': 4 }, 1: { ...many, 'product-100': 2 } },
    );
    assert.deepEqual(report.counts, { '3,3,4,2': 'product-100' });
  });

  it('gives up the camera that saw everything go before it gives up what the other saw', () => {
    const many = shelf(200, () => 3);
    const report = reportOf({ 0: many, 1: many }, { 0: { ...many, 'product-100': 2 }, 1: {} });
    assert.deepEqual([report.cameras, report.counts, report.partial], [['0'], { '3,2': 'product-100' }, true]);
  });

  it('of changes alone is believed: three taken are no dead camera', () => {
    const views = [{ camera: '0', before: { juice: 1, candy: 2 }, after: { juice: 0, candy: 0 }, partial: true }];
    const { lines } = reconcile({
      catalog: DEMO,
      scale: { removedGrams: 360, sigmaGrams: 2 },
      zones: [],
      cameras: views,
    });
    assert.deepEqual(lines, [
      { sku: 'juice', count: 1 },
      { sku: 'candy', count: 2 },
    ]);
  });

  it('that leaves out a look-alike does not say that it is gone', () => {
    const alike = ['cola', 'soda'];
    const products = DEMO.products.map((one) => (alike.includes(one.sku) ? { ...one, alike: 'can' } : one));
    const stock = Object.fromEntries(products.map(({ sku }) => [sku, 6]));
    const cameras = ['0', '1'].map((camera) => ({ camera, before: { cola: 5 }, after: { cola: 4 }, partial: true }));
    const { lines } = reconcile({
      catalog: { ...DEMO, products },
      scale: { removedGrams: 355, sigmaGrams: 2 },
      zones: [],
      cameras,
      stock,
    });
    assert.deepEqual(lines, [{ sku: 'cola', count: 1 }]);
  });

  it('at last gives up the smallest changes', () => {
    const report = reportOf({ 0: shelf(200, (n) => n + 1) }, { 0: {} });
    const labels = Object.values(report.counts!).flatMap((group) => String(group).split(','));
    assert.equal(labels[0], 'product-199');
    assert.deepEqual(
      labels,
      Array.from(labels, (_, n) => `product-${199 - n}`),
    );
  });

  it('a label with a comma travels whole, and a reserved word not at all', () => {
    const before = { 0: { ...shelf(60, () => 3), 'milk, 1 l': 2, constructor: 1 } };
    const report = reportOf(before, before);
    const { constructor: _, ...counted } = before[0];
    assert.deepEqual(report.counts?.['2'], ['milk, 1 l']);
    assert.deepEqual(viewsOf(report), [view('0', counted, counted)]);
  });

  it('that says all says exactly what was counted, of whatever shelf', () => {
    fc.assert(
      fc.property(scenes(), ({ before, after, scores }) => {
        const report = reportOf(before, after, scores);
        fc.pre(report.partial !== true);
        const told = Object.fromEntries(Object.entries(scores).filter(([, score]) => score < SURE));
        assert.deepEqual(
          viewsOf(report).map(ordered),
          Object.keys(before).map((camera) => ordered(view(camera, before[camera]!, after[camera]!, told))),
        );
      }),
    );
  });

  it('that says not all says every change truly, of a shelf of which a few kinds moved', () => {
    const moves = fc.array(fc.tuple(fc.nat(199), fc.constantFrom('0', '1'), fc.integer({ min: 0, max: 9 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(moves, (moved) => {
        const before: Cameras = { 0: shelf(200, () => 3), 1: shelf(200, () => 3) };
        const after: Record<string, Record<string, number>> = { 0: { ...before[0] }, 1: { ...before[1] } };
        for (const [n, camera, count] of moved) after[camera]![nameOf(n)] = count;
        const report = reportOf(before, after);
        assert.equal(report.partial, true);
        const labels = Object.keys(before[0]!).filter((label) =>
          ['0', '1'].some((camera) => after[camera]![label] !== before[camera]![label]),
        );
        const only = (counts: Counts) => Object.fromEntries(labels.map((label) => [label, counts[label]!]));
        assert.deepEqual(
          viewsOf(report).map(ordered),
          ['0', '1'].map((camera) =>
            ordered({ ...view(camera, only(before[camera]!), only(after[camera]!)), partial: true }),
          ),
        );
      }),
    );
  });

  it('whatever was seen, is valid, fits the modem, and names no count that was not counted', () => {
    fc.assert(
      fc.property(scenes(), fc.option(fc.constant('camera.unreachable')), (difference, fault) => {
        const finding = visionReport({ visitId: 'abc123', model: '0123456789ab', ms: 12.4, difference, fault });
        assert.ok(new TextEncoder().encode(JSON.stringify(finding)).length <= FINDING_BYTES_MAX);
        const payload = { ...finding, seq: SEQ_MAX, at: 9_999_999_999 };
        assert.deepEqual(parseVisionReport(payload), payload);
        const frame = sealFrame({ topic: 't', payload, key: new Uint8Array(32), hmac: () => new Uint8Array(32) });
        assert.ok(!(frame instanceof Fault) && frame.length <= FRAME_BYTES_MAX);
        for (const { camera, before, after } of fault === null ? viewsOf(finding) : []) {
          for (const [label, count] of Object.entries(before))
            assert.equal(count, difference.before[camera]![label] ?? 0);
          for (const [label, count] of Object.entries(after))
            assert.equal(count, difference.after[camera]![label] ?? 0);
        }
      }),
    );
  });
});

describe('a report that nobody of ours has written', () => {
  const compact = (cameras: unknown, counts: unknown) => ({ ...HEAD, cameras, counts });
  const labels = (count: number) => Array.from({ length: count }, (_, n) => `l${n}`);
  const counted = (count: number) => Object.fromEntries(labels(count).map((label) => [label, 1]));
  const bad: readonly (readonly [what: string, report: object])[] = [
    ['neither form', HEAD],
    ['a look before and none after', { ...HEAD, before: {} }],
    ['both forms at once', { ...compact(['0'], {}), before: {}, after: {} }],
    ['counts of no cameras', { ...HEAD, counts: { 5: 'cola' } }],
    ['an empty list of cameras', compact([], {})],
    ['a camera that stands twice', compact(['0', '0'], {})],
    ['more cameras than a case has', compact(labels(17), {})],
    ['counts of a camera that is not there', compact(['0'], { '5,5,4': 'cola' })],
    ['counts of half the cameras', compact(['0', '1', '2'], { '5,4': 'cola' })],
    ['a label that stands twice', compact(['0'], { 5: 'cola', '5,4': 'cola' })],
    ['a label that stands twice in one group', compact(['0'], { 5: 'cola,cola' })],
    ['an empty label', compact(['0'], { 5: 'cola,' })],
    ['a label of a thousand letters', compact(['0'], { 5: 'x'.repeat(1_000) })],
    ['a reserved word as a label', compact(['0'], { 5: ['__proto__'] })],
    ['a reserved word as a camera', { ...HEAD, before: JSON.parse('{"__proto__":{}}') as object, after: {} }],
    ['a negative count', compact(['0'], { '-5': 'cola' })],
    ['half a can', compact(['0'], { '0.5': 'cola' })],
    ['a thousand cans', compact(['0'], { 1000: 'cola' })],
    ['a pattern that is none', compact(['0'], { '5,': 'cola' })],
    ['a score above 1 in a pattern', compact(['0'], { '5,4@101': 'cola' })],
    ['scores beside a pattern', { ...compact(['0'], { '5,4': 'cola' }), scores: { cola: 0.5 } }],
    ['labels that are numbers', compact(['0'], { 5: [1] })],
    ['counts as a list', compact(['0'], ['cola'])],
    ['more labels than anything can name', compact(['0'], { 5: labels(1_001) })],
    ['the same in the plain form', { ...HEAD, before: { 0: counted(1_001) }, after: { 0: {} } }],
    ['a score above 1', { ...HEAD, before: {}, after: {}, scores: { cola: 2 } }],
  ];
  for (const [what, report] of bad) {
    it(`with ${what} is refused`, () => {
      const parsed = parseVisionReport(report);
      assert.equal(parsed instanceof Fault && parsed.code, 'payload.invalid');
    });
  }

  it('is a report or a fault, never a surprise; what it is not sure of is silence', () => {
    const group = fc.oneof(fc.string(), fc.array(fc.string()));
    const pattern = fc.oneof(fc.string(), fc.constantFrom('1', '2,1', '2,2,1,1', '0', '999', '1000'));
    const report = fc.record(
      {
        type: fc.constant('report'),
        id: fc.constant('abc123'),
        seq: fc.constant(1),
        at: fc.constant(1),
        model: fc.option(fc.constant('0123456789ab')),
        ms: fc.constant(1),
        before: fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.nat()))),
        after: fc.anything(),
        cameras: fc.oneof(fc.array(fc.string({ maxLength: 8 })), fc.anything()),
        counts: fc.oneof(fc.dictionary(pattern, group), fc.anything()),
        partial: fc.oneof(fc.boolean(), fc.anything()),
      },
      { requiredKeys: ['type', 'id', 'seq', 'at', 'ms'] },
    );
    fc.assert(
      fc.property(report, (value) => {
        const parsed = parseVisionReport(value);
        if (parsed instanceof Fault) return assert.equal(parsed.code, 'payload.invalid');
        for (const { before, after } of evidenceOf({ door: [], vision: parsed }).cameras ?? []) {
          for (const count of [...Object.values(before), ...Object.values(after)])
            assert.ok(count >= 0 && count < 1_000);
        }
      }),
    );
  });

  it('and was kept from earlier with neither form is silence', () => {
    const vision = { ...HEAD, type: 'report' } as const;
    assert.equal(evidenceOf({ door: [], vision }).cameras, null);
    const broken = { ...vision, cameras: ['0'], counts: { x: 'cola' } };
    assert.equal(evidenceOf({ door: [], vision: broken }).cameras, null);
  });
});

function reportOf(before: Cameras, after: Cameras, scores: SceneDifference['scores'] = {}): VisionFinding {
  const difference = { before, after, scores };
  return visionReport({ visitId: 'abc123', model: '0123456789ab', ms: 12.4, difference, fault: null });
}

/** As the cloud reads it. */
function viewsOf(finding: VisionFinding): readonly CameraView[] {
  const vision = orThrow(parseVisionReport(JSON.parse(JSON.stringify({ ...finding, seq: 1, at: 1 }))));
  return evidenceOf({ door: [], vision }).cameras!;
}

function view(camera: string, before: Counts, after: Counts, scores: Counts = {}): CameraView {
  return { camera, before, after, scores, partial: false };
}

/** The order of labels says nothing. */
function ordered({ before, after, scores = {}, ...rest }: CameraView) {
  const sorted = (counts: Counts) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...rest, before: sorted(before), after: sorted(after), scores: sorted(scores) };
}

function nameOf(n: number): string {
  return `product-${String(n).padStart(2, '0')}`;
}

function shelf(labels: number, countOf: (n: number) => number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: labels }, (_, n) => [nameOf(n), countOf(n)]));
}

/** Two looks of up to three cameras at a shelf of short and long names; small shelves and such as fit no frame. */
function scenes(): fc.Arbitrary<SceneDifference> {
  const label = fc.oneof(
    fc.constantFrom('cola', 'soda', 'water', 'chips', 'milk, 1 l'),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => text.length <= 40 && !(text in {}) && text !== 'prototype'),
  );
  const count = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 999 }));
  const counts = fc.dictionary(label, count, { maxKeys: 60, noNullPrototype: true });
  const looks = fc.tuple(counts, fc.option(counts)).map(([before, after]) => ({ before, after: after ?? before }));
  const cameras = fc.dictionary(fc.constantFrom('0', '1', '2'), looks, { noNullPrototype: true });
  const score = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
  return cameras.chain((all) => {
    const side = (moment: 'before' | 'after') =>
      Object.fromEntries(Object.entries(all).map(([camera, both]) => [camera, both[moment]]));
    const [before, after] = [side('before'), side('after')];
    const labels = [...new Set(Object.values({ ...before, ...after }).flatMap((counted) => Object.keys(counted)))];
    const changed = labels.filter((name) =>
      Object.keys(before).some((camera) => before[camera]![name] !== after[camera]![name]),
    );
    return fc
      .tuple(...changed.map(() => score))
      .map((scores) => ({ before, after, scores: Object.fromEntries(changed.map((name, at) => [name, scores[at]!])) }));
  });
}
