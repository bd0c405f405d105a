// npm run dataset:export: a real ledger, a folder of evidence as the cloud keeps it, and what may be wrong with either. As a
// process of its own where that is what is asked, otherwise as that process calls it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Coco, Fault } from '@tapcase/domain';
import sharp from 'sharp';
import { openLedger } from '../../ledger/src/open.ts';
import type { Ledger, ReviewOrder } from '../../ledger/src/port.ts';
import { openPostgresLedger } from '../../ledger/src/postgres.ts';
import { datasetExport } from '../../scripts/dataset/command.ts';
import { exportDataset } from '../../scripts/dataset/export.ts';
import { parseOptions } from '../../scripts/dataset/options.ts';
import { assertCoco } from '../domain/coco-schema.ts';
import { needs } from '../needs.ts';
import { startPostgres } from '../postgres.ts';
import { reviewedVisit } from './reviewed-visit.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'scripts', 'dataset-export.ts');
const AT_MS = Date.UTC(2026, 10, 21, 13, 45);
const DAY_MS = 86_400_000;
const WHO = { by: 'owner', note: 'ann@example.com took it', atMs: AT_MS + DAY_MS } as const;
const TWO_COLAS: ReviewOrder = { ...WHO, decision: 'correct', lines: [{ sku: 'cola', count: 2 }] };

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run dataset:export', () => {
  let folder: string;
  let evidence: string;
  let out: string;
  let picture: Buffer;

  before(async () => {
    const paint = sharp({ create: { width: 64, height: 48, channels: 3, background: { r: 200, g: 30, b: 40 } } });
    picture = await paint
      .withExif({ IFD0: { Artist: 'ann@example.com' } })
      .jpeg()
      .toBuffer();
  });
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'tapcase-dataset-'));
    evidence = join(folder, 'evidence');
    out = join(folder, 'out');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const put = (path: string, content: string | Uint8Array) => {
    fs.mkdirSync(dirname(join(evidence, path)), { recursive: true });
    fs.writeFileSync(join(evidence, path), content);
  };
  const facts = (visit: string, moment: string, labels: readonly string[], part: object = {}) =>
    JSON.stringify({
      ...{ visit, moment, camera: '0', atMs: AT_MS, width: 64, height: 48, model: '0123456789ab', threshold: 0.5 },
      boxes: labels.map((label) => ({ label, score: 0.9, x: 1.25, y: 2, w: 10, h: 20 })),
      ...part,
    });
  const look = (visit: string, moment: string, labels: readonly string[], part: object = {}, caseId = '123') => {
    put(`${caseId}/${visit}/${moment}-0.jpg`, picture);
    put(`${caseId}/${visit}/${moment}-0.json`, facts(visit, moment, labels, part));
  };
  const pair = (visit: string, before: readonly string[], after: readonly string[], part: object = {}) => {
    look(visit, 'before', before, part);
    look(visit, 'after', after, part);
  };
  const withLedger = async (fill: (ledger: Ledger) => Promise<void>) => {
    const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
    await fill(ledger);
    await ledger.close();
  };
  const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> => {
    let [stdout, stderr] = ['', ''];
    const out = (text: string) => {
      stdout += text;
    };
    const err = (text: string) => {
      stderr += text;
    };
    return { code: await datasetExport(args, { environment, out, err }), stdout, stderr };
  };
  const runProcess = async (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Ran> => {
    const { EVIDENCE_DIR, LEDGER_FILE, DATABASE_URL, DATASET_KEY, ...clean } = process.env;
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT, env: { ...clean, ...environment } });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number | null, stdout, stderr };
  };
  const words = (...more: string[]) => [
    ...['--evidence', evidence, '--ledger', join(folder, 'ledger.sqlite'), '--out', out, '--split', '0', ...more],
  ];
  const read = (path: string) => fs.readFileSync(join(out, path), 'utf8');
  const coco = (file: string): Coco => {
    const value: unknown = JSON.parse(read(`annotations/${file}.json`));
    assertCoco(value);
    return value;
  };
  const visitsIn = (file: string) =>
    coco(file).images.map(({ tapcase }) => [tapcase.visit, tapcase.moment, tapcase.boxes]);
  /** Every file of the dataset with its content. */
  const all = () =>
    Object.fromEntries(
      fs
        .readdirSync(out, { recursive: true, encoding: 'utf8' })
        .filter((name) => fs.statSync(join(out, name)).isFile())
        .sort()
        .map((name) => [name, fs.readFileSync(join(out, name)).toString('hex')]),
    );

  it('writes what people confirmed to learn from, what they decided otherwise to be labelled, and nothing of who they were', async () => {
    await withLedger(async (ledger) => {
      await reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS);
      await reviewedVisit(ledger, { id: 'visit02', caseId: '123' }, TWO_COLAS);
      await reviewedVisit(ledger, { id: 'visit03', caseId: '123' }, null);
    });
    pair('visit01', ['cola', 'cola', 'chips'], ['chips']);
    pair('visit02', ['cola', 'cola', 'chips'], ['cola', 'chips']);
    pair('visit03', ['cola', 'person'], []);
    const ran = await runProcess(words());
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(visitsIn('instances_train').sort(), [
      ['visit01', 'after', 'confirmed'],
      ['visit01', 'before', 'confirmed'],
      ['visit03', 'after', 'proposed'],
      ['visit03', 'before', 'proposed'],
    ]);
    assert.deepEqual(visitsIn('to_label').sort(), [
      ['visit02', 'after', 'disputed'],
      ['visit02', 'before', 'disputed'],
    ]);
    const images = [...coco('instances_train').images, ...coco('to_label').images];
    assert.deepEqual(fs.readdirSync(join(out, 'images')).sort(), images.map(({ file_name }) => file_name).sort());
    assert.match(ran.stdout, /^visits +3; decided: confirm 0, correct 2, waive 0; not in the ledger: 0$/m);
    assert.match(ran.stdout, /^labels of no product +person 1$/m);
    assert.match(ran.stdout, /^files skipped +none$/m);
    const written = Buffer.from(Object.values(all()).join(''), 'hex').toString('latin1');
    assert.equal(/ann@|"ann"|cus_|pi_visit|owner|13:45|"123"/.exec(written)?.[0], undefined);
    const key = fs.statSync(`${out}.key`);
    assert.equal(key.mode & 0o777, 0o600);
  });

  it('writes the same bytes again, whatever time it is, and brings a folder up to date', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS));
    pair('visit01', ['cola', 'cola'], []);
    assert.equal((await run(words())).code, 0);
    const first = all();
    assert.equal((await run(words())).code, 0);
    assert.deepEqual(all(), first);
    pair('visit02', ['cola'], ['cola']);
    const more = await run(words());
    assert.match(more.stdout, /not in the ledger: 1$/m);
    assert.equal(coco('instances_train').images.length, 4);
    // The picture is deleted where it came from: it goes here too.
    fs.rmSync(join(evidence, '123', 'visit02'), { recursive: true });
    assert.match((await run(words())).stdout, /^pictures dropped +2$/m);
    assert.deepEqual(all(), first);
  });

  it('goes on where it was killed, and says as long as it is not complete', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit000', caseId: '123' }, TWO_COLAS));
    for (let at = 0; at < 6; at += 1) pair(`visit${String(at).padStart(3, '0')}`, ['cola', 'cola'], []);
    const kill = ['--import', join(import.meta.dirname, 'killed-at-rename.ts')];
    const env = { ...process.env, TEST_KILL_AT: '6' };
    const child = spawn(process.execPath, [...kill, COMMAND, ...words()], { cwd: ROOT, stdio: 'ignore', env });
    const [, signal] = await once(child, 'close');
    assert.equal(signal, 'SIGKILL');
    assert.equal(JSON.parse(read('dataset.json')).state, 'writing');
    const pictures = fs.readdirSync(join(out, 'images'));
    // The file that says `writing`, four pictures, and one that was not in its place yet.
    assert.deepEqual([pictures.length, pictures.filter((name) => name.endsWith('.tmp')).length], [5, 1]);
    for (const name of pictures.filter((name) => name.endsWith('.jpg'))) {
      await sharp(join(out, 'images', name))
        .raw()
        .toBuffer();
    }
    assert.equal((await run(words())).code, 0);
    const resumed = all();
    assert.equal(JSON.parse(read('dataset.json')).state, 'complete');
    assert.ok(Object.keys(resumed).every((name) => !name.endsWith('.tmp')));
    fs.rmSync(out, { recursive: true });
    assert.equal((await run(words())).code, 0);
    assert.deepEqual(all(), resumed);
  });

  it('keeps the numbers of categories when a product is new, and after a product is gone', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS));
    pair('visit01', ['cola', 'cola'], []);
    await run(words());
    const before = coco('instances_train').categories;
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit02', caseId: '123', also: 'apple' }, TWO_COLAS));
    fs.rmSync(join(evidence, '123', 'visit01'), { recursive: true });
    pair('visit02', ['cola', 'cola', 'apple'], ['apple']);
    await run(words());
    const { categories, annotations } = coco('instances_train');
    assert.deepEqual(categories.slice(0, before.length), before);
    assert.equal(categories.at(-1)?.name, 'apple');
    assert.equal(annotations.filter(({ category_id }) => category_id === before.length).length, 2);
  });

  it('passes over what is broken, names each file with the reason, writes the rest and ends with 1', async () => {
    await withLedger(async (ledger) => {
      await reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS);
      await reviewedVisit(ledger, { id: 'visit09', caseId: '456' }, TWO_COLAS);
    });
    pair('visit01', ['cola', 'cola'], []);
    pair('visit02', [], []);
    put('123/visit02/before-0.jpg', picture.subarray(0, 200));
    put('123/visit02/after-0.json', '{"visit":');
    pair('visit03', [], [], { width: 640 });
    look('visit04', 'before', []);
    fs.rmSync(join(evidence, '123/visit04/before-0.jpg'));
    look('visit05', 'before', []);
    fs.rmSync(join(evidence, '123/visit05/before-0.json'));
    look('visit06', 'before', []);
    put('123/visit06/before-0.json', ' '.repeat(300_000));
    pair('visit09', [], []);
    put('123/visit07/\u001b[31mred.jpg', picture);
    fs.mkdirSync(join(evidence, '123/visit08'));
    fs.symlinkSync('/etc/passwd', join(evidence, '123/visit08/before-0.jpg'));
    const ran = await run(words());
    assert.equal(ran.code, 1);
    const told = ran.stderr
      .trim()
      .split('\n')
      .map((line) => line.replace(/: (\S+?): .*/, ': $1'))
      .sort();
    assert.deepEqual(told, [
      'dataset.bad-facts: 123/visit02/after-0.json',
      'dataset.bad-name: 123/visit07/?[31mred.jpg',
      'dataset.bad-name: 123/visit08/before-0.jpg',
      'dataset.bad-picture: 123/visit02/before-0.jpg',
      'dataset.no-facts: 123/visit05/before-0.jpg',
      'dataset.no-picture: 123/visit04/before-0.json',
      'dataset.too-large: 123/visit06/before-0.json',
      'dataset.wrong-case: 123/visit09',
      'dataset.wrong-size: 123/visit03/after-0.jpg',
      'dataset.wrong-size: 123/visit03/before-0.jpg',
    ]);
    assert.deepEqual(
      visitsIn('instances_train').map(([visit]) => visit),
      ['visit01', 'visit01'],
    );
    assert.match(ran.stdout, /^files skipped +.*dataset\.wrong-size 2/m);
  });

  it('takes only visits since a day, only decided ones, and a share of visits to validate with', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS));
    pair('visit01', ['cola', 'cola'], []);
    pair('visit02', ['cola'], [], { atMs: AT_MS - DAY_MS });
    pair('visit03', ['cola'], []);
    await run(words('--since', '2026-11-21'));
    assert.deepEqual([...new Set(visitsIn('instances_train').map(([visit]) => visit))], ['visit01', 'visit03']);
    await run(words('--decided-only'));
    assert.deepEqual([...new Set(visitsIn('instances_train').map(([visit]) => visit))], ['visit01']);
    assert.equal(fs.readdirSync(join(out, 'images')).length, 2);
    // Under seed 2 one of the three is among the half that validates, or two; and never one visit on both sides.
    await run([...words(), '--split', '0.5', '--seed', '2']);
    const [train, val] = ['instances_train', 'instances_val'].map(
      (file) => new Set(visitsIn(file).map(([visit]) => visit)),
    );
    assert.equal(train!.size + val!.size, 3);
    assert.ok(val!.size > 0 && train!.size > 0 && [...train!].every((visit) => !val!.has(visit)));
  });

  it('takes no more pictures and boxes than there is room for, and names those that it leaves out', async () => {
    for (const visit of ['visit01', 'visit02', 'visit03']) look(visit, 'before', ['cola', 'cola']);
    const ledger = await openLedger({ file: ':memory:' });
    await reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS);
    const left: string[] = [];
    const skip = (path: string, { code }: Fault) => left.push(`${code}: ${path}`);
    const options = parseOptions(words(), {});
    assert.ok(!(options instanceof Fault) && options !== 'help');
    for (const [pictures, boxes] of [
      [1, 100],
      [100, 3],
    ] as const) {
      const { dataset } = await exportDataset(options, ledger, skip, { pictures, boxes });
      assert.equal(dataset.train.images.length, 1);
    }
    await ledger.close();
    const both = ['dataset.too-many: 123/visit02/before-0.jpg', 'dataset.too-many: 123/visit03/before-0.jpg'];
    assert.deepEqual(left, [...both, ...both]);
  });

  it('takes the boxes that people drew, as they come back from what was to be labelled', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS));
    pair('visit01', ['cola', 'cola'], ['cola']);
    await run(words());
    const labels = join(folder, 'labels.json');
    fs.writeFileSync(labels, read('annotations/to_label.json'));
    const ran = await run(words('--labels', labels));
    assert.match(ran.stdout, /^train +2 pictures, 3 boxes; confirmed by a decision: 0, labelled by a person: 2$/m);
    assert.match(ran.stdout, /^to label +0 pictures/m);
    fs.writeFileSync(labels, '{"images":');
    const broken = await run(words('--labels', labels));
    assert.equal(broken.code, 2);
    assert.match(broken.stderr, /^dataset: dataset\.bad-labels: /);
  });

  it('tells decisions for those who have no ledger, one file a visit', async () => {
    await withLedger((ledger) => reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS));
    pair('visit01', ['cola', 'cola'], []);
    await run(words('--decisions', join(folder, 'decisions')));
    const told = JSON.parse(fs.readFileSync(join(folder, 'decisions/123/visit01/decision.json'), 'utf8'));
    assert.deepEqual([told.visit, told.decision, told.taken], ['visit01', 'correct', [{ sku: 'cola', count: 2 }]]);
    assert.deepEqual(Object.keys(told).sort(), ['decision', 'products', 'taken', 'visit']);
  });

  it('reads the ledger on PostgreSQL by its address in DATABASE_URL', async function () {
    const postgres = await startPostgres(needs(this, 'postgres'));
    try {
      const url = await postgres.database();
      const ledger = await openPostgresLedger({ url, poolMax: 1 });
      await reviewedVisit(ledger, { id: 'visit01', caseId: '123' }, TWO_COLAS);
      await ledger.close();
      pair('visit01', ['cola', 'cola'], []);
      const ran = await runProcess(['--out', out], { DATABASE_URL: url, EVIDENCE_DIR: evidence });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /decided: confirm 0, correct 1, waive 0/);
    } finally {
      await postgres.stop();
    }
  });

  it('gives the same case another pseudonym under another key', async () => {
    await withLedger(async () => {});
    look('visit01', 'before', []);
    const caseUnder = async (key: string) => {
      assert.equal((await run(words(), { DATASET_KEY: key.repeat(64) })).code, 0);
      return coco('instances_train').images[0]?.tapcase.case;
    };
    const first = await caseUnder('a');
    assert.match(first!, /^c[0-9a-f]{12}$/);
    assert.notEqual(await caseUnder('b'), first);
    assert.equal(await caseUnder('a'), first);
    assert.ok(!fs.existsSync(`${out}.key`));
  });

  const refused: readonly (readonly [string, string, () => readonly string[]])[] = [
    ['words that it does not know', 'dataset.usage', () => [...words(), '--yes']],
    [
      'a database that is none',
      'dataset.usage',
      () => ['--evidence', evidence, '--database', 'mysql://x', '--out', out],
    ],
    ['a folder in the evidence', 'dataset.usage', () => [...words(), '--out', join(evidence, 'out')]],
    ['a folder that holds the evidence', 'dataset.usage', () => [...words(), '--out', folder]],
    ['a folder with something else in it', 'dataset.not-ours', () => [...words(), '--out', join(folder, 'other')]],
    [
      'a folder that cannot be made',
      'dataset.unwritable',
      () => [...words(), '--out', join(folder, 'ledger.sqlite', 'x')],
    ],
    ['a ledger that is not there', 'dataset.no-ledger', () => [...words(), '--ledger', join(folder, 'none')]],
    ['evidence that is not there', 'dataset.unreadable', () => [...words(), '--evidence', join(folder, 'none')]],
    ['a ledger that is none', 'ledger.cannot-open', () => [...words(), '--ledger', join(folder, 'other', 'text')]],
  ];
  for (const [at, [what, code, args]] of refused.entries()) {
    it(`ends with 2 and ${code} for ${what}`, async () => {
      await withLedger(async () => {});
      look('visit01', 'before', []);
      fs.mkdirSync(join(folder, 'other'));
      fs.writeFileSync(join(folder, 'other', 'text'), 'something else, of more than one page\n'.repeat(200));
      // One of them as a process, for its exit code and its streams.
      const ran = await (at === 0 ? runProcess : run)(args());
      assert.equal(ran.code, 2, ran.stderr);
      assert.match(ran.stderr, new RegExp(`^dataset: ${code.replace('.', '\\.')}: `));
      assert.equal(ran.stdout, '');
      assert.equal(fs.existsSync(join(folder, 'none')), false);
    });
  }

  const misunderstood: readonly (readonly [string, () => readonly string[]])[] = [
    ['no evidence', () => ['--out', out]],
    ['no folder to write to', () => ['--evidence', evidence]],
    ['no ledger', () => ['--evidence', evidence, '--out', out]],
    ['a day that is none', () => words('--since', '2026-02-30')],
    ['a share above nine tenths', () => [...words(), '--split', '1']],
    ['half a seed', () => words('--seed', '0.5')],
    ['two ledgers', () => words('--database', 'postgres://x')],
  ];
  for (const [what, args] of misunderstood) {
    it(`takes no words with ${what}`, () => {
      const result = parseOptions(args(), {});
      assert.ok(result instanceof Fault);
      assert.equal(result.code, 'dataset.usage');
    });
  }

  it('takes no key that is none', () => {
    const result = parseOptions(words(), { DATASET_KEY: 'secret' });
    assert.ok(result instanceof Fault && !result.message.includes('secret'));
  });

  it('explains itself', async () => {
    const { code, stdout } = await runProcess(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /--decided-only/);
  });
});
