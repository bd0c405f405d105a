// Pictures and decisions to a COCO dataset: what is confirmed, what is to be labelled, what is kept out.
import assert from 'node:assert/strict';
import {
  agreementOf,
  type Bbox,
  buildDataset,
  type Category,
  type Coco,
  cleanJpeg,
  cocoText,
  type Dataset,
  decisionOf,
  type EvidenceFacts,
  Fault,
  IMAGE_FILE,
  imageFile,
  isForValidation,
  offIn,
  parseEvidenceFacts,
  parseEvidenceName,
  parseLabels,
  parseVisitDecision,
  readCategories,
  readPart,
  type SeenPicture,
  type VisitDecision,
  visitPart,
  withLabels,
} from '@tapcase/domain';
import fc from 'fast-check';
import sharp from 'sharp';
import { assertCoco } from './coco-schema.ts';
import { DEMO } from './demo-catalog.ts';

const AT_MS = Date.UTC(2026, 10, 21, 13, 45, 10);
const BOX: Bbox = [10, 20, 30.5, 40];
const ALL = { split: { fraction: 0, seed: 7 }, decidedOnly: false, known: [] };

const boxes = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, () => ({ label, score: 0.9, bbox: BOX })),
  );
const facts = (counts: Readonly<Record<string, number>>, part: Partial<EvidenceFacts> = {}): EvidenceFacts => ({
  ...{ atMs: AT_MS, width: 640, height: 480, model: '0123456789ab', threshold: 0.5, boxes: boxes(counts) },
  ...part,
});
const look = (moment: 'before' | 'after', counts: Readonly<Record<string, number>>, camera = '0'): SeenPicture => ({
  ...{ moment, camera, facts: facts(counts) },
});
const decided = (
  taken: Readonly<Record<string, number>> | null,
  decision: VisitDecision['decision'] = 'correct',
  visit = 'visit01',
): VisitDecision => ({
  ...decisionOf({ id: visit, catalog: DEMO }, null),
  decision,
  taken: taken === null ? null : Object.entries(taken).map(([sku, count]) => ({ sku, count })),
});
const part = (seen: readonly SeenPicture[], decision: VisitDecision | null, id = 'visit01') =>
  visitPart({ id, case: 'c1' }, seen, decision);
const names = ({ images }: Coco) => images.map(({ file_name }) => file_name);
const codeOf = (result: unknown) => (result instanceof Fault ? result.code : result);

describe('a dataset from pictures and decisions', () => {
  it('confirms both pictures where two colas went and a person says two colas', () => {
    const { train, toLabel } = buildDataset(
      [part([look('before', { cola: 3, chips: 1 }), look('after', { cola: 1, chips: 1 })], decided({ cola: 2 }))],
      ALL,
    );
    assert.deepEqual(names(train), ['c1-visit01-after-0.jpg', 'c1-visit01-before-0.jpg']);
    assert.deepEqual(toLabel.images, []);
    const [after, before] = train.images;
    assert.deepEqual(before?.tapcase, {
      ...{ visit: 'visit01', moment: 'before', camera: '0', case: 'c1', model: '0123456789ab', threshold: 0.5 },
      counts: { chips: 1, cola: 3 },
      ...{ decision: 'correct', boxes: 'confirmed', agrees: true },
      changes: [{ labels: ['cola'], skus: ['cola'], seen: 2, decided: 2 }],
    });
    assert.equal(after?.date_captured, '2026-11-21 00:00:00');
    assert.equal(train.annotations.length, 6);
    assert.deepEqual(train.annotations[0], {
      ...{ id: 1, image_id: 1, category_id: 2, bbox: BOX, area: 1220, iscrowd: 0, segmentation: [] },
      ...{ score: 0.9, source: 'model' },
    });
    assertCoco(train);
  });

  it('lists both pictures to be labelled where one cola too few was seen to go, and says of each by how much it is off', () => {
    const { train, toLabel } = buildDataset(
      [part([look('before', { cola: 2 }), look('after', { cola: 1, water: 1 })], decided({ cola: 2 }))],
      ALL,
    );
    assert.deepEqual(train.images, []);
    assert.deepEqual(
      toLabel.images.map(({ tapcase }) => [tapcase.moment, tapcase.boxes, tapcase.agrees, tapcase.off]),
      [
        [
          'after',
          'disputed',
          false,
          [
            { labels: ['cola'], missing: 0, tooMany: 1 },
            { labels: ['water'], missing: 0, tooMany: 1 },
          ],
        ],
        [
          'before',
          'disputed',
          false,
          [
            { labels: ['cola'], missing: 1, tooMany: 0 },
            { labels: ['water'], missing: 1, tooMany: 0 },
          ],
        ],
      ],
    );
    assertCoco(toLabel);
  });

  it('judges each camera for itself: what one sees right is learned from, what the other sees wrong is labelled', () => {
    const seen = [
      ...[look('before', { cola: 2 }), look('after', { cola: 1 })],
      ...[look('before', { cola: 2 }, '1'), look('after', { cola: 2 }, '1')],
    ];
    const { train, toLabel } = buildDataset([part(seen, decided({ cola: 1 }, 'confirm'))], ALL);
    assert.deepEqual(names(train), ['c1-visit01-after-0.jpg', 'c1-visit01-before-0.jpg']);
    assert.deepEqual(names(toLabel), ['c1-visit01-after-1.jpg', 'c1-visit01-before-1.jpg']);
  });

  const undecided: readonly (readonly [string, readonly SeenPicture[], VisitDecision | null])[] = [
    ['nobody decided', [look('before', { cola: 1 }), look('after', {})], decided(null, null)],
    ['nobody could tell', [look('before', { cola: 1 }), look('after', {})], decided(null, 'waive')],
    ['the ledger does not know the visit', [look('before', { cola: 1 }), look('after', {})], null],
    ['there is no picture of afterwards', [look('before', { cola: 1 })], decided({ cola: 1 })],
    ['what was taken is no product of its catalog', [look('before', {}), look('after', {})], decided({ pear: 1 })],
  ];
  for (const [why, seen, decision] of undecided) {
    it(`only proposes boxes where ${why}, and leaves the picture out when only decided ones are wanted`, () => {
      const { train } = buildDataset([part(seen, decision)], ALL);
      assert.ok(train.images.length > 0);
      for (const { tapcase } of train.images) {
        assert.deepEqual([tapcase.boxes, tapcase.agrees, tapcase.changes], ['proposed', null, []]);
      }
      assert.deepEqual(buildDataset([part(seen, decision)], { ...ALL, decidedOnly: true }).train.images, []);
    });
  }

  it('takes products that share a label together, because nobody can tell them apart by it', () => {
    const products = [
      { sku: 'cola', labels: ['can', 'cola'] },
      { sku: 'soda', labels: ['can'] },
      { sku: 'bag', labels: ['cola', 'bag'] },
      { sku: 'water', labels: ['bottle'] },
    ];
    const decision: VisitDecision = {
      ...{ visit: 'visit01', decision: 'correct', products },
      taken: [
        { sku: 'cola', count: 1 },
        { sku: 'bag', count: 1 },
      ],
    };
    const looked = { before: { boxes: boxes({ can: 2, bag: 1 }) }, after: { boxes: boxes({ can: 1 }) } };
    assert.deepEqual(agreementOf(looked, decision), {
      agrees: true,
      changes: [{ labels: ['bag', 'can', 'cola'], skus: ['bag', 'cola', 'soda'], seen: 2, decided: 2 }],
    });
    const wrong = agreementOf({ ...looked, after: { boxes: boxes({}) } }, decision)!;
    assert.deepEqual(offIn('after', wrong), [{ labels: ['bag', 'can', 'cola'], missing: 1, tooMany: 0 }]);
    assert.deepEqual(offIn('before', wrong), [{ labels: ['bag', 'can', 'cola'], missing: 0, tooMany: 1 }]);
  });

  it('leaves out boxes of what is no product, and says how many there were', () => {
    const { train, strangers } = buildDataset(
      [part([look('before', { person: 2, cola: 1 })], decided(null, null))],
      ALL,
    );
    assert.deepEqual([train.annotations.length, strangers], [1, { person: 2 }]);
    assert.deepEqual(train.images[0]?.tapcase.counts, { cola: 1, person: 2 });
  });

  it('knows nothing of who it was: of a visit with a card and an address only its number and its products go in', () => {
    const visit = {
      id: 'visit01',
      catalog: DEMO,
      customerId: 'ann',
      card: { stripeCustomer: 'cus_1' },
      intent: 'pi_1',
    };
    const review = {
      decision: 'correct',
      lines: [{ sku: 'cola', count: 1 }],
      decidedBy: 'owner',
      note: 'ann@example.com',
    };
    const decision = decisionOf(visit, review as Parameters<typeof decisionOf>[1]);
    const dataset = buildDataset([part([look('before', { cola: 1 }), look('after', {})], decision)], ALL);
    const text = JSON.stringify([decision, dataset]);
    assert.doesNotMatch(text, /ann@|customer|cus_|pi_1|owner|13:45|1795268710/);
    assert.deepEqual(parseVisitDecision(JSON.parse(JSON.stringify(decision)), 'visit01'), decision);
  });

  it('learns from what a person drew on a disputed picture, and asks for it no more', () => {
    const disputed = part([look('before', { cola: 2 }), look('after', { cola: 1 })], decided({ cola: 2 }));
    const asked = buildDataset([disputed], ALL).toLabel;
    // As a tool gives it back: folders before the names, other numbers, one box taken away, no scores.
    const drawn = parseLabels({
      categories: [{ id: 5, name: 'cola' }],
      images: asked.images.map((image) => ({ ...image, file_name: `upload/${image.file_name}` })),
      annotations: asked.annotations.slice(1).map(({ image_id, bbox }) => ({ image_id, category_id: 5, bbox })),
    });
    assert.ok(!(drawn instanceof Fault));
    const { train, toLabel } = buildDataset([disputed], { ...ALL, labelled: drawn });
    assert.deepEqual(toLabel.images, []);
    assert.deepEqual(
      train.images.map(({ tapcase }) => [tapcase.boxes, tapcase.agrees, tapcase.off]),
      [
        ['labelled', false, undefined],
        ['labelled', false, undefined],
      ],
    );
    assert.deepEqual(
      train.annotations.map(({ source, score, category_id }) => [source, score, category_id]),
      [
        ['person', undefined, 2],
        ['person', undefined, 2],
      ],
    );
    assertCoco(train);
    const other = new Map([...drawn].map(([name, one]) => [name, { ...one, width: 641 }]));
    assert.equal(buildDataset([disputed], { ...ALL, labelled: other }).toLabel.images.length, 2);
  });

  it('takes no labels of a file that is half right', () => {
    const image = { id: 1, file_name: 'a.jpg', width: 64, height: 48 };
    const box = { image_id: 1, category_id: 1, bbox: [0, 0, 10, 10] };
    const good = { categories: [{ id: 1, name: 'cola' }], images: [image], annotations: [box] };
    assert.ok(!(parseLabels(good) instanceof Fault));
    const bad = [
      null,
      { ...good, images: [image, { ...image, file_name: 'b.jpg' }] },
      { ...good, images: [image, { ...image, id: 2 }] },
      { ...good, annotations: [{ ...box, image_id: 2 }] },
      { ...good, annotations: [{ ...box, category_id: 2 }] },
      { ...good, annotations: [{ ...box, bbox: [60, 0, 10, 10] }] },
      { ...good, annotations: [{ ...box, bbox: [0, 0, 10] }] },
    ];
    for (const value of bad) assert.equal(codeOf(parseLabels(value)), 'dataset.bad-labels', JSON.stringify(value));
  });

  it('writes a text that reads back as what was meant', () => {
    const { train } = buildDataset([part([look('before', { cola: 2 }), look('after', {})], decided({ cola: 2 }))], ALL);
    const value: unknown = JSON.parse([...cocoText(train)].join(''));
    assertCoco(value);
    assert.deepEqual(value, train);
    const empty: unknown = JSON.parse([...cocoText(buildDataset([], ALL).train)].join(''));
    assertCoco(empty);
  });

  it('keeps to COCO, and gives the same dataset for the same visits in whatever order', () => {
    const counts = fc.dictionary(fc.constantFrom('cola', 'soda', 'water', 'person'), fc.integer({ min: 0, max: 4 }));
    const visit = fc.record({ before: counts, after: fc.option(counts), taken: fc.option(counts) });
    const property = fc.property(
      fc.array(visit, { maxLength: 12 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (visits, fraction) => {
        const parts = visits.map(({ before, after, taken }, at) => {
          const id = `visit${String(at).padStart(2, '0')}`;
          const { person: _, ...lines } = taken ?? {};
          const seen = [look('before', before), ...(after === null ? [] : [look('after', after)])];
          return part(seen, decided(taken === null ? null : lines, taken === null ? null : 'correct', id), id);
        });
        const options = { ...ALL, split: { fraction, seed: 1 } };
        const dataset = buildDataset(parts, options);
        assert.deepEqual(buildDataset(parts.toReversed(), options), dataset);
        for (const coco of [dataset.train, dataset.val, dataset.toLabel]) assertCoco(coco);
        assertApart(dataset);
        assert.equal(
          [dataset.train, dataset.val, dataset.toLabel].reduce((sum, { images }) => sum + images.length, 0),
          parts.reduce((sum, { pictures }) => sum + pictures.length, 0),
        );
      },
    );
    fc.assert(property, { numRuns: 100 });
  });
});

/** No visit both in what is learned from and in what is measured with; no number twice. */
function assertApart({ train, val, toLabel }: Dataset): void {
  const visits = (coco: Coco) => new Set(coco.images.map(({ tapcase }) => tapcase.visit));
  const measured = visits(val);
  assert.ok([...visits(train)].every((visit) => !measured.has(visit)));
  const ids = [train, val, toLabel].flatMap(({ images }) => images.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
}

describe('which visits are for validation', () => {
  const id = fc.stringMatching(/^[a-z0-9]{6,24}$/);
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  it('is said by visit, share and seed alone, and a larger share only adds visits', () => {
    const property = fc.property(id, fc.nat(), share, share, (visit, seed, a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      const isIn = isForValidation(visit, { fraction: less, seed });
      assert.equal(isForValidation(visit, { fraction: less, seed }), isIn);
      if (isIn) assert.ok(isForValidation(visit, { fraction: more, seed }));
      assert.ok(!isForValidation(visit, { fraction: 0, seed }));
      assert.ok(isForValidation(visit, { fraction: 1, seed }));
    });
    fc.assert(property);
  });

  it('is a tenth of 20,000 visits, give or take what chance does, under each of five seeds, and another tenth under each', () => {
    const visits = Array.from({ length: 20_000 }, (_, at) => `visit${at.toString(36)}`);
    const sets = [1, 2, 3, 4, 5].map(
      (seed) => new Set(visits.filter((one) => isForValidation(one, { fraction: 0.1, seed }))),
    );
    // One standard deviation is 42.
    for (const { size } of sets) assert.ok(Math.abs(size - 2_000) < 4 * 42, String(size));
    // By chance a tenth of a tenth: 200, one standard deviation 13.
    const common = [...sets[0]!].filter((visit) => sets[1]!.has(visit)).length;
    assert.ok(Math.abs(common - 200) < 4 * 14, String(common));
  });
});

describe('categories', () => {
  it('begin at 0 in order of their names, and keep their numbers when products come and go', () => {
    const first = withLabels([], ['soda', 'cola', 'cola']);
    assert.deepEqual(
      first.map(({ id, name }) => [id, name]),
      [
        [0, 'cola'],
        [1, 'soda'],
      ],
    );
    const later = withLabels(first, ['apple', 'soda']);
    assert.deepEqual(
      later.map(({ id, name }) => [id, name]),
      [
        [0, 'cola'],
        [1, 'soda'],
        [2, 'apple'],
      ],
    );
    assert.deepEqual(readCategories(JSON.parse(JSON.stringify(later))), later);
  });

  it('are not read from what is none', () => {
    const twice: Category[] = [0, 1].map((id) => ({ id, name: 'cola', supercategory: 'product' }));
    for (const bad of [null, {}, [null], [{ id: 1, name: 'cola' }], [{ id: 0 }], twice]) {
      assert.equal(readCategories(bad), undefined, JSON.stringify(bad));
    }
  });

  it('are those of the catalogs, in number no more than a model can have', () => {
    const labels = Array.from({ length: 1_200 }, (_, at) => `label ${at}`);
    assert.equal(withLabels([], labels).length, 999);
  });
});

describe('evidence', () => {
  const name = { caseId: '123', visit: 'visit01', file: { kind: 'facts', moment: 'before', camera: '0' } } as const;
  const said = {
    ...{ visit: 'visit01', moment: 'before', camera: '0', atMs: AT_MS, width: 640, height: 480 },
    ...{ model: '0123456789ab', threshold: 0.5 },
    boxes: [{ label: 'cola', score: 0.91, x: 0.4, y: 20.004, w: 100.2, h: 460.5 }],
  };

  it('cuts a box that a crop left a hair outside at the edge of its picture', () => {
    const result = parseEvidenceFacts(said, name);
    assert.ok(!(result instanceof Fault));
    assert.deepEqual(result.boxes, [{ label: 'cola', score: 0.91, bbox: [0.4, 20, 100.2, 460] }]);
  });

  const broken: readonly (readonly [string, object])[] = [
    ['speak of another visit', { visit: 'visit02' }],
    ['speak of another moment', { moment: 'after' }],
    ['speak of another camera', { camera: '1' }],
    ['have a box far outside', { boxes: [{ label: 'cola', score: 1, x: 600, y: 0, w: 100, h: 10 }] }],
    ['have a box turned inside out', { boxes: [{ label: 'cola', score: 1, x: 60, y: 0, w: -10, h: 10 }] }],
    ['have a box that is none', { boxes: [{ label: 'cola', score: 1, x: 60, y: 0, w: 0.001, h: 10 }] }],
    ['have a score above 1', { boxes: [{ label: 'cola', score: 2, x: 0, y: 0, w: 10, h: 10 }] }],
    ['have a box with no label', { boxes: [{ label: ' ', score: 1, x: 0, y: 0, w: 10, h: 10 }] }],
    ['have thousands of boxes', { boxes: Array.from({ length: 301 }, () => said.boxes[0]) }],
    ['have no size', { width: 0 }],
    ['have a size that no picture has', { height: 100_000 }],
    ['are from the year 1', { atMs: 0 }],
    ['name a model as no model is called', { model: '../../x' }],
  ];
  for (const [what, change] of broken) {
    it(`is refused where its facts ${what}`, () => {
      assert.equal(codeOf(parseEvidenceFacts({ ...said, ...change }, name)), 'dataset.bad-facts');
    });
  }

  it('is refused or read, whatever its facts are, and a box that is read lies in its picture', () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: -50, max: 700 }));
    const box = fc.record({ label: fc.string(), score: number, x: number, y: number, w: number, h: number });
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ ...eachConstant(said), boxes: fc.array(box, { maxLength: 3 }) }),
    );
    const property = fc.property(anything, (value) => {
      const result = parseEvidenceFacts(value, name);
      if (result instanceof Fault) return assert.equal(result.code, 'dataset.bad-facts');
      for (const { bbox } of result.boxes) {
        const [x, y, w, h] = bbox;
        assert.ok(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 640.001 && y + h <= 480.001, String(bbox));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('is known by its name, and a name that could lead elsewhere is none', () => {
    assert.deepEqual(parseEvidenceName('fridge-1/visit01/after-cam_1.jpg'), {
      ...{ caseId: 'fridge-1', visit: 'visit01' },
      file: { kind: 'picture', moment: 'after', camera: 'cam_1' },
    });
    assert.deepEqual(parseEvidenceName('1/visit01/decision.json'), {
      caseId: '1',
      visit: 'visit01',
      file: { kind: 'decision' },
    });
    const bad = ['', '../visit01/after-0.jpg', '1/visit01/after-0.jpg/x', '1/../after-0.jpg', '1/VISIT01/after-0.jpg'];
    const worse = [
      '1/visit01/after-0.png',
      '1/visit01/after-.jpg',
      '1/visit01/during-0.jpg',
      '1/visit01/after-0.jpg\n',
      '1/visit01',
    ];
    for (const path of [...bad, ...worse]) assert.equal(codeOf(parseEvidenceName(path)), 'dataset.bad-name', path);
  });

  it('names its picture so that the name says case, visit, moment and camera, and nothing else is called so', () => {
    const file = imageFile({ id: 'visit01', case: 'c0123456789ab' }, 'before', 'cam_1');
    assert.equal(file, 'c0123456789ab-visit01-before-cam_1.jpg');
    assert.match(file, IMAGE_FILE);
    for (const other of ['holiday.jpg', 'README', 'c1-visit01-before-0.png']) assert.doesNotMatch(other, IMAGE_FILE);
  });

  it('with a decision of another visit, or of no decision, is refused', () => {
    const good = decided({ cola: 1 });
    assert.equal(codeOf(parseVisitDecision(good, 'visit02')), 'dataset.bad-decision');
    for (const bad of [null, {}, { ...good, decision: 'maybe' }, { ...good, taken: [{ sku: 'cola', count: 0.5 }] }]) {
      assert.equal(codeOf(parseVisitDecision(bad, 'visit01')), 'dataset.bad-decision');
    }
  });

  it('of another release is not read as a part', () => {
    const good = part([look('before', { cola: 1 })], null);
    assert.deepEqual(readPart(JSON.stringify(good)), good);
    for (const bad of ['', '{', 'null', '{"format":2,"pictures":[]}', '{"format":1}']) {
      assert.equal(codeOf(readPart(bad)), 'dataset.bad-part', bad);
    }
  });
});

function eachConstant(values: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fc.constant(value)]));
}

describe('a picture without what is not picture', () => {
  const paint = (width = 37, height = 23) =>
    sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 40 } } });
  const EXIF = { IFD0: { Artist: 'ann@example.com', ImageDescription: 'Lobby, 13:45' } };

  for (const progressive of [false, true]) {
    it(`loses its Exif and its comment and keeps every pixel${progressive ? ', progressive as well' : ''}`, async () => {
      const plain = await paint().jpeg({ progressive }).toBuffer();
      const bytes = await paint().withExif(EXIF).jpeg({ progressive }).toBuffer();
      assert.ok(bytes.includes('ann@example.com'));
      const comment = Buffer.from([0xff, 0xfe, 0, 7, ...Buffer.from('Lobby')]);
      const told = Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2), Buffer.from('and more behind')]);
      const clean = cleanJpeg(told);
      assert.ok(!(clean instanceof Fault), String(clean));
      assert.deepEqual([clean.width, clean.height], [37, 23]);
      const text = Buffer.from(clean.bytes).toString('latin1');
      assert.doesNotMatch(text, /ann@|Lobby|Exif|behind/);
      assert.deepEqual(await sharp(clean.bytes).raw().toBuffer(), await sharp(plain).raw().toBuffer());
      assert.deepEqual(cleanJpeg(clean.bytes), clean);
    });
  }

  it('is refused where it is cut off anywhere', async () => {
    const bytes = await paint().jpeg().toBuffer();
    for (let length = 0; length < bytes.length; length += 1) {
      assert.equal(codeOf(cleanJpeg(bytes.subarray(0, length))), 'dataset.bad-picture', `${length} of ${bytes.length}`);
    }
  });

  it('is refused where it is a PNG, has no picture in it, or two', async () => {
    const bytes = await paint().jpeg().toBuffer();
    const frame = bytes.subarray(bytes.indexOf(Buffer.from([0xff, 0xc0])), bytes.indexOf(Buffer.from([0xff, 0xc4])));
    const two = Buffer.concat([bytes.subarray(0, 2), frame, bytes.subarray(2)]);
    const many = Buffer.concat([
      bytes.subarray(0, 2),
      ...Array.from({ length: 1_001 }, () => Buffer.from([0xff, 0xfe, 0, 2])),
    ]);
    const none = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
    for (const bad of [await paint().png().toBuffer(), two, many, Buffer.concat([many, bytes]), none]) {
      assert.equal(codeOf(cleanJpeg(bad)), 'dataset.bad-picture');
    }
  });

  it('is refused or cleaned, whatever its bytes are', async () => {
    const bytes = await paint().jpeg().toBuffer();
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const property = fc.property(damage, (changes) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, value] of changes) copy[at] = value;
      const result = cleanJpeg(copy);
      if (result instanceof Fault) return assert.equal(result.code, 'dataset.bad-picture');
      assert.ok(result.bytes.length <= copy.length && result.width > 0 && result.height > 0);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
