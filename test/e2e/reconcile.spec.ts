// npm run reconcile as a process of its own: what a person types, what comes out, what it says of files that are broken.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Catalog, createScore, orThrow, parseCatalog, type ScoreResult } from '@tapcase/domain';
import { LINE_BYTES_MAX } from '../../scripts/reconcile/lines.ts';
import type { ReplayResult } from '../../scripts/reconcile/replay.ts';
import { replayed } from '../../scripts/reconcile/stream.ts';
import { skip } from '../needs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'scripts', 'reconcile', 'main.ts');
const EXAMPLES = join(ROOT, 'docs', 'examples', 'reconcile');
const CATALOG = join(EXAMPLES, 'catalog.json');
const CASES = join(EXAMPLES, 'cases.jsonl');
/** Both sources silent: nothing to think about, so that a test of many lines is about the lines. */
const SILENT = '{"id":"s","scale":null,"cameras":null,"truth":[]}';
const WATER = '{"id":"w","scale":{"removedGrams":511,"sigmaGrams":2},"cameras":null}';

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly results: readonly ReplayResult[];
}

/** `input` goes to standard input, which is closed after it. */
async function run(args: readonly string[], input: string | Uint8Array | AsyncIterable<string> = ''): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT });
  const chunks = typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
  // A command that did not start reads nothing: its closed pipe is no news.
  const fed = pipeline(Readable.from(chunks), child.stdin).catch(() => undefined);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
    fed,
  ]);
  const results = stdout.startsWith('{') ? parsed(stdout) : [];
  return { code: code as number | null, stdout, stderr, results };
}

function parsed(lines: string): ReplayResult[] {
  assert.ok(lines.endsWith('\n'));
  return lines
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as ReplayResult);
}

const replay = (input: string | Uint8Array | AsyncIterable<string>) =>
  run(['--catalog', CATALOG, '--cases', '-'], input);

describe('npm run reconcile', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-reconcile-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('does with the example files what docs/reconcile.md says', async () => {
    const page = readFileSync(join(ROOT, 'docs', 'reconcile.md'), 'utf8');
    const [, words = ''] = /^npm run reconcile -- (.+)$/m.exec(page) ?? [];
    const args = words.split(' ');
    assert.deepEqual(args.slice(0, 4), [
      '--catalog',
      'docs/examples/reconcile/catalog.json',
      '--cases',
      'docs/examples/reconcile/cases.jsonl',
    ]);
    const { code, stdout, stderr, results } = await run(args);
    assert.equal(code, 0, stderr);
    const ids = ['two-colas', 'water-in-the-dark', 'one-camera-blind', 'cola-or-soda', 'nothing-taken'];
    assert.deepEqual(
      results.map(({ id, line }) => [id, line]),
      ids.map((id, index) => [id, index + 1]),
    );
    assert.deepEqual(Object.keys(JSON.parse(stdout.split('\n')[0]!)), [
      ...[
        'id',
        'line',
        'verdict',
        'probability',
        'lines',
        'candidates',
        'reason',
        'work',
        'chargedMinor',
        'truthMinor',
      ],
    ]);
    for (const key of Object.keys(results[0]!)) assert.ok(page.includes(`\`${key}\``), `the page explains ${key}`);
    assert.match(stderr, /^visits with a truth +5$/m);
    assert.match(stderr, /^overcharged visits +0\.00 % \(0 of 5;/m);
    assert.match(stderr, /^5 results, 0 bad lines$/m);
  });

  it('charges nothing of a can that may be a cola or a soda, and says both', async () => {
    const { results } = await run(['--catalog', CATALOG, '--cases', CASES]);
    const { verdict, lines, candidates, chargedMinor, truthMinor, reason } = results[3]!;
    assert.deepEqual([verdict, lines, chargedMinor, truthMinor], ['disputed', [], 0, 180]);
    const named = candidates
      .slice(0, 2)
      .flatMap((candidate) => candidate.lines.map(({ sku, count }) => `${count} ${sku}`));
    // Which of the two comes first is a hair's breadth, and none of the customer's concern.
    assert.deepEqual(named.sort(), ['1 cola', '1 soda']);
    assert.ok(reason.en.length > 0 && reason.es.length > 0);
  });

  it('charges two colas, what one camera alone saw, and nothing for looking', async () => {
    const { results } = await run(['--catalog', CATALOG, '--cases', CASES]);
    const charged = new Map(results.map((result) => [result.id, result]));
    assert.deepEqual(charged.get('two-colas')?.lines, [{ sku: 'cola', count: 2 }]);
    assert.equal(charged.get('two-colas')?.chargedMinor, 400);
    assert.equal(charged.get('one-camera-blind')?.chargedMinor, 370);
    assert.equal(charged.get('nothing-taken')?.chargedMinor, 0);
    assert.notEqual(charged.get('nothing-taken')?.verdict, 'disputed');
  });

  it('writes results and score into files, and the same answers every time', async () => {
    const [out, again, score] = ['out.jsonl', 'again.jsonl', 'score.json'].map((name) => join(folder, name));
    const first = await run(['--catalog', CATALOG, '--cases', CASES, '--out', out!, '--score', score!]);
    assert.deepEqual([first.code, first.stdout], [0, '']);
    await run(['--catalog', CATALOG, '--cases', CASES, '--out', again!]);
    assert.equal(readFileSync(out!, 'utf8'), readFileSync(again!, 'utf8'));
    const { visits, exactBaskets, calibration, money } = JSON.parse(readFileSync(score!, 'utf8')) as ScoreResult;
    assert.deepEqual([visits, exactBaskets.of, calibration.bins.length], [5, 5, 15]);
    assert.equal(money.usd?.truthMinor, 400 + 120 + 370 + 180);
  });

  it('says that nothing was scored when no case says its truth', async () => {
    const score = join(folder, 'none.json');
    const { code, stderr } = await run(['--catalog', CATALOG, '--cases', '-', '--score', score], WATER);
    assert.equal(code, 0);
    assert.equal(stderr, 'no case says its truth: nothing was scored\n1 results, 0 bad lines\n');
    assert.equal((JSON.parse(readFileSync(score, 'utf8')) as ScoreResult).visits, 0);
  });

  it('names each bad line with its code and answers the others', async () => {
    const lines = [
      WATER,
      '{"id":"x","scale":{"removedGrams":NaN,"sigmaGrams":2},"cameras":null}',
      '',
      '{"id":"x","scale":{"removedGrams":355,"sigmaGrams":-2},"cameras":null}',
      '{"id":"x","scale":null,"cameras":[{"camera":"0","before":{"cola":-1},"after":{}}]}',
      WATER,
      '{"id":"x","scale":null,"cameras":null,"truth":[{"sku":"caviar","count":1}]}',
      '{"id":"x","scale":null,"cameras":null,"catalog":{"currency":"usd","products":[]}}',
      '{"id":"x","scale":null,"cameras":null,"truth":[{"sku":"cola","count":999}],"catalog":CATALOG}',
      '[]',
      '{"id":"\u001b[31m',
    ];
    const dear = JSON.parse(readFileSync(CATALOG, 'utf8')) as Catalog;
    const catalog = { ...dear, products: dear.products.map((product) => ({ ...product, priceMinor: 1_000_000 })) };
    const { code, results, stderr } = await replay(lines.join('\n').replace('CATALOG', JSON.stringify(catalog)));
    assert.equal(code, 1);
    assert.deepEqual(
      results.map(({ line }) => line),
      [1, 6],
    );
    const told = [...stderr.matchAll(/^-:(\d+): (\S+):/gm)].map(([, line, faultCode]) => `${line} ${faultCode}`);
    assert.deepEqual(told, [
      '2 cases.not-json',
      '4 cases.invalid',
      '5 cases.invalid',
      '7 cases.unknown-sku',
      '8 catalog.invalid',
      '9 money.too-large',
      '10 cases.invalid',
      '11 cases.not-json',
    ]);
    assert.match(stderr, /2 results, 8 bad lines/);
    assert.ok(!stderr.includes('\u001b'), 'a file does not colour the terminal');
    const codes = new Set(told.map((line) => line.split(' ')[1]!));
    const page = readFileSync(join(ROOT, 'docs', 'reconcile.md'), 'utf8');
    for (const faultCode of codes) assert.ok(page.includes(`\`${faultCode}\``), `the page explains ${faultCode}`);
  });

  it('needs a catalog from somewhere: each case’s own is enough', async () => {
    const catalog = readFileSync(CATALOG, 'utf8').replaceAll('\n', ' ');
    const own = `${WATER.slice(0, -1)},"catalog":${catalog}}`;
    const { code, results, stderr } = await run(['--cases', '-'], `${own}\n${WATER}\n`);
    assert.deepEqual([code, results.map(({ line }) => line)], [1, [1]]);
    assert.match(stderr, /^-:2: cases\.no-catalog: /m);
  });

  const files: readonly [what: string, input: string | Uint8Array, lines: readonly number[]][] = [
    ['an empty file', '', []],
    ['a file of blank lines', '\n \r\n\n', []],
    ['lines that end as on Windows, after a byte order mark', `\ufeff${WATER}\r\n${WATER}\r\n`, [1, 2]],
    ['a last line without an end', `${WATER}\n\n${WATER}`, [1, 3]],
  ];
  for (const [what, input, lines] of files) {
    it(`reads ${what}`, async () => {
      const { code, results, stderr } = await replay(input);
      assert.equal(code, 0, stderr);
      assert.deepEqual(
        results.map(({ line }) => line),
        lines,
      );
    });
  }

  it('passes over bytes that are no text', async () => {
    const input = Buffer.concat([Buffer.from(`${WATER}\n`), Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(WATER)]);
    const { code, results, stderr } = await replay(input);
    assert.deepEqual([code, results.length], [1, 2]);
    assert.match(stderr, /^-:2: cases\.not-json: not UTF-8$/m);
  });

  it('passes over a line of 100 MB in little memory', async () => {
    async function* huge() {
      yield `${WATER}\n{"id":"`;
      for (let megabytes = 0; megabytes < 100; megabytes += 1) yield 'x'.repeat(1_000_000);
      yield `"}\n${WATER}`;
    }
    const { code, results, stderr } = await replay(huge());
    assert.deepEqual([code, results.map(({ line }) => line)], [1, [1, 3]]);
    assert.match(stderr, /^-:2: cases\.too-long: 1000000\d\d bytes, /m);
  });

  it('takes a line of just the length that is allowed, and none that is a byte longer', async () => {
    const padded = (bytes: number) => `${WATER}${' '.repeat(bytes - WATER.length)}\n`;
    const { results, stderr } = await replay(padded(LINE_BYTES_MAX) + padded(LINE_BYTES_MAX + 1));
    assert.deepEqual(
      results.map(({ line }) => line),
      [1],
    );
    assert.match(stderr, /^-:2: cases\.too-long: /m);
  });

  it('answers 20,000 lines in their order', async () => {
    const { code, results, stderr } = await replay(`${SILENT}\n`.repeat(20_000));
    assert.equal(code, 0);
    assert.equal(results.length, 20_000);
    assert.ok(results.every(({ line }, index) => line === index + 1));
    assert.match(stderr, /^visits with a truth +20000$/m);
  });

  it('reads no further than the results are taken: 20,000 lines do not pile up behind a slow reader', async () => {
    let read = 0;
    let written = 0;
    let aheadMax = 0;
    async function* source() {
      for (; read < 20_000; read += 1) yield Buffer.from(`${SILENT}\n`);
    }
    const slow = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write(_line, _encoding, taken) {
        written += 1;
        aheadMax = Math.max(aheadMax, read - written);
        // A whole turn of the event loop for each line: time enough to read all of the file, if nobody held back.
        setImmediate(taken);
      },
    });
    const catalog = orThrow(parseCatalog(JSON.parse(readFileSync(CATALOG, 'utf8'))));
    const tally = { results: 0, bad: 0 };
    const lines = replayed(source(), {
      catalog,
      policy: {},
      score: createScore(),
      tally,
      bad: (_, fault) => assert.fail(fault),
    });
    await pipeline(Readable.from(lines), slow);
    assert.deepEqual([written, tally], [20_000, { results: 20_000, bad: 0 }]);
    assert.ok(aheadMax < 100, `${aheadMax} lines were read ahead`);
  });

  const starts: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['no cases', [], /replay\.usage: --cases FILE is missing/],
    ['a word it does not know', ['--cases', CASES, '--wrong'], /replay\.usage: .*--wrong/],
    ['cases that are not there', ['--catalog', CATALOG, '--cases', '/nowhere'], /replay\.unreadable: ENOENT/],
    ['cases that are a folder', ['--catalog', CATALOG, '--cases', ROOT], /replay\.unreadable: EISDIR/],
    ['a catalog that is not there', ['--catalog', '/nowhere', '--cases', CASES], /replay\.unreadable: ENOENT/],
    ['a catalog that is no JSON', ['--catalog', CASES, '--cases', CASES], /catalog\.not-json: /],
    ['a catalog that is none', ['--catalog', join(ROOT, 'package.json'), '--cases', CASES], /catalog\.invalid: /],
    ['a policy that is none', ['--policy', join(ROOT, 'package.json'), '--cases', CASES], /policy\.invalid: .*no name/],
    ['a policy that is no JSON', ['--policy', CASES, '--cases', CASES], /policy\.not-json: /],
    ['results with nowhere to go', ['--cases', CASES, '--out', '/nowhere/out'], /replay\.unwritable: ENOENT/],
    [
      'results on a disk that is full',
      ['--catalog', CATALOG, '--cases', CASES, '--out', '/dev/full'],
      /replay\.unwritable: ENOSPC/,
    ],
  ];
  for (const [what, args, says] of starts) {
    it(`ends with 2 and a code for ${what}`, async function () {
      if (args.includes('/dev/full') && !existsSync('/dev/full')) skip(this, 'this system has no /dev/full');
      const { code, stdout, stderr } = await run(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
      assert.equal(stderr.split('\n').length, 2, `one line, no stack: ${stderr}`);
    });
  }

  it('decides by another policy where it is given one', async () => {
    const path = join(folder, 'policy.json');
    writeFileSync(path, JSON.stringify({ thresholds: { charge: 0.5, certain: 0.5 } }));
    const { results } = await run(['--catalog', CATALOG, '--cases', CASES, '--policy', path]);
    assert.notEqual(results[3]!.verdict, 'disputed');
    writeFileSync(path, JSON.stringify({ thresholds: { charge: 2, certain: 0.5 } }));
    const refused = await run(['--catalog', CATALOG, '--cases', CASES, '--policy', path]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /reconcile\.bad-thresholds: charge/);
    writeFileSync(path, JSON.stringify({ model: { temperature: 1 } }));
    assert.match((await run(['--cases', CASES, '--policy', path])).stderr, /reconcile\.bad-model: /);
    writeFileSync(path, ' '.repeat(LINE_BYTES_MAX + 1));
    assert.match((await run(['--cases', CASES, '--policy', path])).stderr, /policy\.too-long: /);
  });

  it('refuses a catalog of more than it reads', async () => {
    const path = join(folder, 'long.json');
    writeFileSync(path, ' '.repeat(LINE_BYTES_MAX + 1));
    const { code, stderr } = await run(['--catalog', path, '--cases', CASES]);
    assert.equal(code, 2);
    assert.match(stderr, /catalog\.too-long: /);
  });

  it('writes over nothing that it reads, under whatever name', async () => {
    const cases = join(folder, 'cases.jsonl');
    copyFileSync(CASES, cases);
    const before = readFileSync(cases, 'utf8');
    for (const words of [
      ['--out', `${folder}/./cases.jsonl`],
      ['--score', cases],
    ]) {
      const { code, stderr } = await run(['--catalog', CATALOG, '--cases', cases, ...words]);
      assert.equal(code, 2);
      assert.match(stderr, /replay\.usage: .* would be written over/);
      assert.equal(readFileSync(cases, 'utf8'), before);
    }
    const fresh = ['--out', join(folder, 'fresh'), '--score', `${folder}/./fresh`];
    assert.equal((await run(['--catalog', CATALOG, '--cases', cases, ...fresh])).code, 2);
  });

  it('stops when nobody reads on, and says so', async () => {
    const child = spawn(process.execPath, [COMMAND, '--catalog', CATALOG, '--cases', '-'], { cwd: ROOT });
    const stderr = text(child.stderr);
    const fed = pipeline(Readable.from([readFileSync(CASES, 'utf8').repeat(4_000)]), child.stdin).catch(
      () => undefined,
    );
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    await fed;
    assert.equal(code, 2);
    assert.match(await stderr, /replay\.unwritable: /);
  });

  it('explains itself', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const option of ['--cases', '--catalog', '--out', '--score', 'Exit code']) assert.ok(stdout.includes(option));
  });
});
