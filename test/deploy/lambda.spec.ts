// The dataset in S3: whatever order its events come in, and whoever is at work at the same time, it ends up as the evidence
// says. First without a network under every interleaving that can be drawn, then through Amazon's SDK against a stand-in.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Coco, decisionOf, Fault } from '@tapcase/domain';
import fc from 'fast-check';
import sharp from 'sharp';
import { type Bucket, CURRENT, TRIES_MAX } from '../../deploy/lambda/src/bucket.ts';
import { visitsOf } from '../../deploy/lambda/src/events.ts';
import { type Current, type MergeOptions, mergeParts } from '../../deploy/lambda/src/merge.ts';
import { refreshVisit } from '../../deploy/lambda/src/refresh.ts';
import type { StoredPart } from '../../deploy/lambda/src/stored-part.ts';
import { assertCoco } from '../domain/coco-schema.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { skip } from '../needs.ts';
import { memoryBucket, ObjectStore } from './object-store.ts';
import { type S3Double, startS3, type Trouble } from './s3-double.ts';

const LAMBDA = join(import.meta.dirname, '..', '..', 'deploy', 'lambda');
const AT_MS = Date.UTC(2026, 10, 21, 13, 45);
const ALL: MergeOptions = { split: { fraction: 0, seed: 7 }, decidedOnly: false };
const NAMED = (caseId: string) => `c${caseId}`;
const VISIT = { caseId: '123', visit: 'visit01' } as const;

let picture: Buffer;
before(async () => {
  const paint = sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 200, g: 30, b: 40 } } });
  picture = await paint
    .withExif({ IFD0: { Artist: 'ann@example.com' } })
    .jpeg()
    .toBuffer();
});

function facts(visit: string, moment: string, labels: readonly string[], part: object = {}): string {
  return JSON.stringify({
    ...{ visit, moment, camera: '0', atMs: AT_MS, width: 64, height: 48, model: '0123456789ab', threshold: 0.5 },
    boxes: labels.map((label) => ({ label, score: 0.9, x: 1.25, y: 2, w: 10, h: 20 })),
    ...part,
  });
}

/** All files of a visit from which two colas were taken, as a person says. */
function filesOf(visit: string, seenAfter: readonly string[] = []): (readonly [string, string | Uint8Array])[] {
  const decision = {
    ...decisionOf({ id: visit, catalog: DEMO }, null),
    decision: 'correct',
    taken: [{ sku: 'cola', count: 2 }],
  };
  const folder = `evidence/123/${visit}`;
  return [
    [`${folder}/before-0.jpg`, picture],
    [`${folder}/before-0.json`, facts(visit, 'before', ['cola', 'cola'])],
    [`${folder}/after-0.jpg`, picture],
    [`${folder}/after-0.json`, facts(visit, 'after', seenAfter)],
    [`${folder}/decision.json`, JSON.stringify(decision)],
  ];
}

const partOf = (store: ObjectStore, visit = 'visit01') =>
  JSON.parse(store.text(`dataset/parts/c123-${visit}.json`)) as StoredPart;
const current = (store: ObjectStore) => JSON.parse(store.text(CURRENT)) as Current;
const coco = (store: ObjectStore, file: string): Coco => {
  const value: unknown = JSON.parse(store.text(`${current(store).release}annotations/${file}.json`));
  assertCoco(value);
  return value;
};
/** The dataset that a visit's files make when everything comes once, in order, alone. */
async function quiet(visits: readonly string[]): Promise<ObjectStore> {
  const store = new ObjectStore();
  for (const visit of visits) {
    for (const [key, content] of filesOf(visit)) store.put(key, content);
    await refreshVisit(memoryBucket(store), { caseId: '123', visit }, NAMED);
  }
  await mergeParts(memoryBucket(store), ALL);
  return store;
}

describe('the dataset in a bucket', () => {
  it('has of each visit a part, its pictures without what is not picture, and of all of them one COCO dataset', async () => {
    const store = await quiet(['visit01', 'visit02']);
    assert.deepEqual(
      Object.keys(store.state('dataset/')).map((key) => key.replace(/[0-9a-f]{16}/, '*')),
      [
        'dataset/current.json',
        'dataset/images/c123-visit01-after-0.jpg',
        'dataset/images/c123-visit01-before-0.jpg',
        'dataset/images/c123-visit02-after-0.jpg',
        'dataset/images/c123-visit02-before-0.jpg',
        'dataset/parts/c123-visit01.json',
        'dataset/parts/c123-visit02.json',
        'dataset/releases/*/annotations/instances_train.json',
        'dataset/releases/*/annotations/instances_val.json',
        'dataset/releases/*/annotations/to_label.json',
      ],
    );
    const { images, annotations } = coco(store, 'instances_train');
    assert.deepEqual(
      images.map(({ tapcase }) => tapcase.boxes),
      ['confirmed', 'confirmed', 'confirmed', 'confirmed'],
    );
    assert.equal(annotations.length, 4);
    assert.equal(/ann@|Exif|13:45/.exec(JSON.stringify(store.state('dataset/')))?.[0], undefined);
    for (const image of images) assert.ok(store.objects.has(`dataset/images/${image.file_name}`));
    assert.deepEqual(current(store).counts, { parts: 2, badParts: 0, train: 4, val: 0, toLabel: 0 });
  });

  it('changes nothing when events come again', async () => {
    const store = await quiet(['visit01']);
    const before = store.state('dataset/');
    assert.equal(await refreshVisit(memoryBucket(store), VISIT, NAMED), 'unchanged');
    assert.equal((await mergeParts(memoryBucket(store), ALL)).kind, 'unchanged');
    assert.deepEqual(store.state('dataset/'), before);
  });

  it('reads only what is new: one facts file more costs one picture more', async () => {
    const store = await quiet(['visit01']);
    store.put('evidence/123/visit01/after-0.json', facts('visit01', 'after', ['cola']));
    const asked: string[] = [];
    await refreshVisit(
      memoryBucket(store, async (what) => asked.push(what)),
      VISIT,
      NAMED,
    );
    assert.deepEqual(
      asked.filter((what) => what.startsWith('read evidence')),
      [
        'read evidence/123/visit01/after-0.json',
        'read evidence/123/visit01/after-0.jpg',
        'read evidence/123/visit01/decision.json',
      ],
    );
    await mergeParts(memoryBucket(store), ALL);
    assert.equal(coco(store, 'to_label').images.length, 2);
  });

  it('keeps the numbers of categories from one merge to the next', async () => {
    const store = await quiet(['visit01']);
    const names = current(store).categories.map(({ name }) => name);
    const decision = { visit: 'visit02', decision: null, taken: null, products: [{ sku: 'apple', labels: ['apple'] }] };
    store.put('evidence/123/visit02/decision.json', JSON.stringify(decision));
    await refreshVisit(memoryBucket(store), { caseId: '123', visit: 'visit02' }, NAMED);
    await mergeParts(memoryBucket(store), ALL);
    assert.deepEqual(
      current(store).categories.map(({ name }) => name),
      [...names, 'apple'],
    );
  });

  it('passes over what is broken, says so in the part, and takes it when it has come right', async () => {
    const store = new ObjectStore();
    for (const [key, content] of filesOf('visit01')) store.put(key, content);
    const folder = 'evidence/123/visit01';
    store.put(`${folder}/before-0.jpg`, picture.subarray(0, 100));
    store.put(`${folder}/after-0.json`, facts('visit01', 'after', [], { width: 10 }));
    store.put(`${folder}/decision.json`, 'null');
    store.put(`${folder}/before-1.jpg`, picture);
    store.put(`${folder}/after-1.json`, '{}');
    store.put(`${folder}/before-2.jpg`, picture);
    store.put(`${folder}/before-2.json`, '{');
    store.put(`${folder}/readme`, 'hello');
    await refreshVisit(memoryBucket(store), VISIT, NAMED);
    assert.deepEqual(partOf(store).pictures, []);
    assert.deepEqual(partOf(store).skipped, {
      'after-0.json': 'dataset.wrong-size',
      'after-1.json': 'dataset.no-picture',
      'before-0.json': 'dataset.bad-picture',
      'before-1.jpg': 'dataset.no-facts',
      'before-2.json': 'dataset.bad-facts',
      'decision.json': 'dataset.bad-decision',
      readme: 'dataset.bad-name',
    });
    for (const [key, content] of filesOf('visit01')) store.put(key, content);
    await refreshVisit(memoryBucket(store), VISIT, NAMED);
    assert.equal(partOf(store).pictures.length, 2);
    assert.equal(partOf(store).decision, 'correct');
  });

  it('counts a part of another release, and makes it anew when the visit’s next event comes', async () => {
    const store = await quiet(['visit01']);
    store.put('dataset/parts/c123-visit01.json', '{"format":0}');
    await mergeParts(memoryBucket(store), ALL);
    assert.equal(current(store).counts.badParts, 1);
    await refreshVisit(memoryBucket(store), VISIT, NAMED);
    await mergeParts(memoryBucket(store), ALL);
    assert.deepEqual(current(store).counts, { parts: 1, badParts: 0, train: 2, val: 0, toLabel: 0 });
  });

  it('touches nothing where current.json is somebody else’s', async () => {
    const store = await quiet(['visit01']);
    store.put(CURRENT, '{"mine":true}');
    await assert.rejects(mergeParts(memoryBucket(store), ALL), { code: 'dataset.not-ours' });
    assert.equal(store.text(CURRENT), '{"mine":true}');
  });

  it('gives up with dataset.contended where others are first each time', async () => {
    const store = new ObjectStore();
    for (const [key, content] of filesOf('visit01')) store.put(key, content);
    let tries = 0;
    const loser: Bucket = {
      ...memoryBucket(store),
      write: async () => {
        tries += 1;
        return false;
      },
    };
    await assert.rejects(refreshVisit(loser, VISIT, NAMED), { code: 'dataset.contended' });
    assert.equal(tries, TRIES_MAX);
    await assert.rejects(mergeParts(loser, ALL), { code: 'dataset.contended' });
  });

  // Each run starts a function for each file as it arrives, some twice, all at once, with merges between; the scheduler
  // draws which of them makes the next request.
  it('is the same under every interleaving of functions, whatever comes twice, late or out of order', async () => {
    const expected = (await quiet(['visit01', 'visit02'])).state('dataset/');
    const arrivals = fc.shuffledSubarray(
      [...filesOf('visit01'), ...filesOf('visit02')].map((_, at) => at),
      { minLength: 10 },
    );
    const property = fc.asyncProperty(arrivals, fc.scheduler(), fc.nat(3), async (order, scheduler, merges) => {
      const store = new ObjectStore();
      const files = [...filesOf('visit01'), ...filesOf('visit02')];
      const bucket = memoryBucket(store, (what) => scheduler.schedule(Promise.resolve(), what));
      const running: Promise<unknown>[] = [];
      const arrive = async (at: number) => {
        const [key, content] = files[at]!;
        await scheduler.schedule(Promise.resolve(), `arrive ${key}`);
        store.put(key, content);
        const place = { caseId: '123', visit: key.split('/')[2]! };
        for (let times = 0; times <= at % 2; times += 1)
          running.push(untilDone(() => refreshVisit(bucket, place, NAMED)));
      };
      const arriving = order.map(arrive);
      for (let count = 0; count < merges; count += 1) running.push(untilDone(() => mergeParts(bucket, ALL)));
      await scheduler.waitFor(Promise.all(arriving));
      await scheduler.waitFor(Promise.all(running));
      await mergeParts(memoryBucket(store), ALL);
      const { [CURRENT]: _, ...rest } = store.state('dataset/');
      const { [CURRENT]: now, ...wanted } = expected;
      assert.deepEqual(without(rest, 'dataset/releases/'), without(wanted, 'dataset/releases/'));
      assert.deepEqual(current(store), JSON.parse(now!));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('loses no picture, before whichever request of one function another comes in and does its work', async () => {
    const files = filesOf('visit01');
    for (let at = 0, isTried = true; isTried; at += 1) {
      const store = new ObjectStore();
      for (const [key, content] of files.slice(0, 2)) store.put(key, content);
      let asked = 0;
      isTried = false;
      const slow = memoryBucket(store, async () => {
        if (asked++ !== at) return;
        isTried = true;
        for (const [key, content] of files) store.put(key, content);
        await refreshVisit(memoryBucket(store), VISIT, NAMED);
      });
      await refreshVisit(slow, VISIT, NAMED);
      assert.equal(partOf(store).pictures.length, isTried ? 2 : 1, `before request ${at}`);
      if (!isTried) assert.ok(at >= 7, `only ${at} requests`);
    }
  });
});

/** Lambda sends an event again that was not done. */
async function untilDone(action: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await action();
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'dataset.contended') throw error;
    }
  }
}

function without(state: Readonly<Record<string, string>>, prefix: string) {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !key.startsWith(prefix)));
}

function eventOf(keys: readonly string[], bucket = 'shop', eventName = 'ObjectCreated:Put') {
  const encoded = (key: string) => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
  return {
    Records: keys.map((key) => ({ eventName, s3: { bucket: { name: bucket }, object: { key: encoded(key) } } })),
  };
}

describe('an S3 event', () => {
  it('names each visit once, and what the functions wrote themselves is none', () => {
    const keys = [...filesOf('visit01').map(([key]) => key), 'evidence/456/visit02/after-0.json'];
    const noise = ['dataset/current.json', 'evidence/123/x/after-0.json', 'evidence/123/visit01/my picture.jpg'];
    assert.deepEqual(visitsOf(eventOf([...keys, ...noise]), 'shop'), {
      visits: [VISIT, { caseId: '456', visit: 'visit02' }],
      ignored: 3,
    });
  });

  it('of another bucket, of a removal, or of another kind altogether is left alone', () => {
    const key = 'evidence/123/visit01/after-0.json';
    assert.equal(visitsOf(eventOf([key], 'other'), 'shop').ignored, 1);
    assert.equal(visitsOf(eventOf([key], 'shop', 'ObjectRemoved:Delete'), 'shop').ignored, 1);
    const broken = {
      Records: [
        null,
        7,
        {},
        { eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'shop' }, object: { key: '%E0%A4%A' } } },
      ],
    };
    assert.deepEqual(visitsOf(broken, 'shop'), { visits: [], ignored: 4 });
    fc.assert(fc.property(fc.jsonValue(), (event) => assert.deepEqual(visitsOf(event, 'shop').visits, [])));
  });
});

describe('the functions through Amazon’s SDK', () => {
  let s3: S3Double;
  /** As it is deployed: one file, packed, with the SDK beside it. */
  let functions: {
    refresh(event: unknown): Promise<Record<string, number>>;
    merge(): Promise<{ kind: string; release: string }>;
  };
  const environment = { ...process.env };

  before(async function () {
    if (!existsSync(join(LAMBDA, 'node_modules', '@aws-sdk', 'client-s3'))) {
      skip(this, '@aws-sdk/client-s3 is not installed (npm ci --prefix deploy/lambda)');
    }
    run(join('vite', 'bin', 'vite.js'), 'build', LAMBDA, '--logLevel', 'warn');
    s3 = await startS3('shop');
    Object.assign(process.env, {
      ...{ BUCKET: 'shop', DATASET_KEY: 'ab'.repeat(32), SPLIT: '0', AWS_REGION: 'eu-west-1' },
      ...{ AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a test' },
    });
    functions = await import(pathToFileURL(join(LAMBDA, 'dist', 'index.mjs')).href);
  });
  beforeEach(() => {
    s3.store.objects.clear();
    s3.requests.length = 0;
    s3.trouble = () => undefined;
  });
  after(async () => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    await s3?.stop();
  });
  const put = (files: ReturnType<typeof filesOf>) => {
    for (const [key, content] of files) s3.store.put(key, content);
  };
  const keysOf = (...visits: readonly string[]) => visits.flatMap((visit) => filesOf(visit).map(([key]) => key));
  const quietly = async <T>(action: () => Promise<T>): Promise<T> => {
    const { log, error } = console;
    Object.assign(console, { log: () => {}, error: () => {} });
    try {
      return await action();
    } finally {
      Object.assign(console, { log, error });
    }
  };
  const refresh = (event: unknown) => quietly(() => functions.refresh(event));
  const merge = () => quietly(() => functions.merge());

  it('have the types that the SDK wants', () => {
    run(join('typescript', 'bin', 'tsc'), '-p', LAMBDA);
  });

  it('make a dataset of what arrives, with listings of several pages, and count what is not theirs', async () => {
    put([...filesOf('visit01'), ...filesOf('visit02'), ...filesOf('visit03', ['cola'])]);
    assert.deepEqual(await refresh(eventOf([...keysOf('visit01', 'visit02', 'visit03'), 'evidence/readme'])), {
      ...{ written: 3, unchanged: 0, ignored: 1 },
    });
    const { kind, release } = await merge();
    assert.equal(kind, 'written');
    assert.deepEqual(current(s3.store).counts, { parts: 3, badParts: 0, train: 4, val: 0, toLabel: 2 });
    assert.equal(current(s3.store).release, release);
    const [image] = coco(s3.store, 'instances_train').images;
    assert.match(image!.tapcase.case, /^c[0-9a-f]{12}$/);
    assert.deepEqual(
      await sharp(s3.store.objects.get(`dataset/images/${image!.file_name}`)!.bytes)
        .metadata()
        .then(({ width }) => width),
      64,
    );
    assert.deepEqual(await merge(), { kind: 'unchanged', release });
    // Nothing was ever written outside, or without a condition; the double would have said so in its list.
    assert.ok(s3.requests.every((what) => !what.startsWith('PUT') || what.startsWith('PUT dataset/')));
  });

  it('run eight at a time on one visit and lose nothing', async () => {
    put(filesOf('visit01'));
    await quietly(() =>
      Promise.all(Array.from({ length: 8 }, () => functions.refresh(eventOf(keysOf('visit01'))).catch(() => {}))),
    );
    await refresh(eventOf(keysOf('visit01')));
    await merge();
    assert.deepEqual(current(s3.store).counts, { parts: 1, badParts: 0, train: 2, val: 0, toLabel: 0 });
  });

  /** The last: at every so manyth request. The SDK waits a second and more where it is asked to slow down. */
  const troubles: readonly (readonly [string, Trouble, RegExp, number])[] = [
    ['S3 asks to slow down', 'slow-down', /^PUT.*(parts|current)/, 2],
    ['another write is under way', 'conflict', /^PUT/, 2],
    ['a connection breaks before anything happened', 'lost-before', /./, 3],
    ['an answer is lost after the object was written', 'lost-after', /^PUT/, 2],
  ];
  for (const [what, trouble, where, every] of troubles) {
    it(`end with the same dataset where ${what}`, async () => {
      put([...filesOf('visit01'), ...filesOf('visit02')]);
      await refresh(eventOf(keysOf('visit01', 'visit02')));
      await merge();
      const expected = s3.store.state('dataset/');
      for (const key of Object.keys(expected)) s3.store.objects.delete(key);
      let asked = 0;
      s3.trouble = (request) => {
        if (!where.test(request)) return undefined;
        asked += 1;
        return asked % every === 1 ? trouble : undefined;
      };
      for (const visit of ['visit01', 'visit02']) await refresh(eventOf(keysOf(visit)));
      await merge();
      assert.ok(asked >= 3);
      assert.deepEqual(s3.store.state('dataset/'), expected);
    });
  }

  it('say that an event is not done where S3 stays away, and do it when it comes again', async () => {
    put([...filesOf('visit01'), ...filesOf('visit02')]);
    s3.trouble = (request) => (request.includes('visit01') ? 'slow-down' : undefined);
    const event = eventOf(keysOf('visit01', 'visit02'));
    await assert.rejects(refresh(event), { code: 'dataset.unfinished' });
    assert.equal(partNames().length, 1);
    s3.trouble = () => undefined;
    assert.deepEqual(await refresh(event), { written: 1, unchanged: 1, ignored: 0 });
    assert.equal(partNames().length, 2);
  });
  const partNames = () => Object.keys(s3.store.state('dataset/parts/'));

  it('pass over a picture that is too large without reading it', async () => {
    put(filesOf('visit01'));
    s3.store.put('evidence/123/visit01/after-0.jpg', new Uint8Array(9 * 1024 * 1024));
    await refresh(eventOf(keysOf('visit01')));
    const part = JSON.parse(s3.store.text(partNames()[0]!)) as StoredPart;
    assert.equal(part.skipped['after-0.json'], 'dataset.too-large');
    assert.equal(part.pictures.length, 1);
  });

  it('leave a visit of hundreds of files to a person', async () => {
    for (let at = 0; at < 140; at += 1) s3.store.put(`evidence/123/visit01/before-${at}.jpg`, 'x');
    await assert.rejects(refresh(eventOf(['evidence/123/visit01/before-0.jpg'])), (error: Fault) => {
      assert.equal((error.cause as Fault).code, 'dataset.too-many');
      return true;
    });
  });

  for (const [name, value] of [
    ['BUCKET', ''],
    ['DATASET_KEY', 'secret'],
    ['SPLIT', '2'],
    ['SEED', '-1'],
    ['DECIDED_ONLY', 'yes'],
  ] as const) {
    it(`do not start with a ${name} that is none`, async () => {
      const before = process.env[name];
      process.env[name] = value;
      try {
        const fresh = (await import(
          `${pathToFileURL(join(LAMBDA, 'dist', 'index.mjs')).href}?${name}`
        )) as typeof functions;
        await assert.rejects(
          quietly(() => fresh.merge()),
          (error: Fault) => {
            assert.equal(error.code, 'lambda.bad-environment');
            assert.ok(!error.message.includes('secret'));
            return true;
          },
        );
      } finally {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      }
    });
  }
});

/** A program of the repository's own packages; what it says is the failure. */
function run(script: string, ...args: readonly string[]): void {
  const root = join(LAMBDA, '..', '..');
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', script), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
}

describe('what is deployed', () => {
  const template = readFileSync(join(LAMBDA, 'template.yaml'), 'utf8');

  it('may read evidence, read and write the dataset, and nothing else', () => {
    const actions = [...template.matchAll(/s3:[A-Za-z*]+/g)]
      .map(([action]) => action)
      .filter((one) => !one.includes('ObjectCreated'));
    assert.deepEqual([...new Set(actions)].sort(), ['s3:GetObject', 's3:ListBucket', 's3:PutObject', 's3:prefix']);
    assert.doesNotMatch(template, /Resource: *['"]?\*/);
    assert.doesNotMatch(template, /Action: *['"]?\*/);
    assert.match(template, /BlockPublicAcls: true/);
  });

  it('names functions that there are, and variables that they read', () => {
    const source = readFileSync(join(LAMBDA, 'src', 'index.ts'), 'utf8');
    for (const [, name] of template.matchAll(/Handler: index\.(\w+)/g))
      assert.match(source, new RegExp(`export async function ${name}\\(`));
    for (const name of ['BUCKET', 'DATASET_KEY', 'SPLIT', 'SEED', 'DECIDED_ONLY']) {
      assert.match(template, new RegExp(`^ +${name}: `, 'm'));
      assert.match(source, new RegExp(`\\b${name}\\b`));
    }
  });

  it('is locked without the address of any registry', () => {
    const lock = readFileSync(join(LAMBDA, 'package-lock.json'), 'utf8');
    assert.doesNotMatch(lock, /"resolved"|https?:\/\/(?!github)/);
  });
});
