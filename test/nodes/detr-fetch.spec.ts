// npm run model:fetch against a hub of our own: Hugging Face's layout and headers, and everything that goes wrong on the way.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchModel } from '../../scripts/model-fetch.ts';
import { download, type Remote, remoteOf } from '../../scripts/model-fetch-download.ts';
import { tinyModelFolder } from './tiny-detr.ts';

const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);

interface Habits {
  /** After so many bytes of a body the connection is cut, this many times. */
  readonly cutAfter?: number;
  cuts: number;
  readonly noRanges?: boolean;
  readonly wrongHash?: boolean;
  readonly noHead?: boolean;
  readonly status?: number;
}

describe('model:fetch', () => {
  const source = tinyModelFolder();
  const files = new Map([
    ['onnx/model.onnx', readFileSync(join(source, 'model.onnx'))],
    ['config.json', readFileSync(join(source, 'config.json'))],
    ['preprocessor_config.json', readFileSync(join(source, 'preprocessor_config.json'))],
  ]);
  const bytes = files.get('onnx/model.onnx')!;
  let habits: Habits = { cuts: 0 };
  let asked: string[] = [];
  let out = '';
  const hub = createServer((request, response) => answer(request, response));
  let base = '';
  before((done) => {
    hub.listen(0, '127.0.0.1', () => {
      base = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
      done();
    });
  });
  after(() => {
    hub.closeAllConnections();
    hub.close();
    rmSync(source, { recursive: true, force: true });
  });
  beforeEach(() => {
    habits = { cuts: 0 };
    asked = [];
    out = mkdtempSync(join(tmpdir(), 'tapcase-fetch-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  const wanted = (more: object = {}) => ({
    repository: 'Xenova/tiny',
    hub: base,
    revision: 'main',
    file: 'onnx/model.onnx',
    out,
    sha256: null,
    ...more,
  });
  const quiet = () => {};
  const remote = (more: Partial<Remote> = {}): Remote => ({
    url: `${base}/blob/onnx/model.onnx`,
    size: bytes.length,
    sha256: sha256(bytes),
    gitSha1: null,
    commit: null,
    ...more,
  });
  const fetchFile = (more: Partial<Remote> = {}) =>
    download(remote(more), join(out, 'model.onnx'), { bytesMax: 1e6, say: quiet, pauseMs: 1 });

  it('brings the three files, all of one commit, and tries the model', async () => {
    const said: string[] = [];
    await fetchModel(wanted(), (text) => said.push(text));
    assert.deepEqual(readdirSync(out).sort(), ['config.json', 'model.onnx', 'preprocessor_config.json']);
    assert.deepEqual(readFileSync(join(out, 'model.onnx')), bytes);
    assert.match(said.at(-1)!, new RegExp(`detr, 2 labels, SHA-256 ${sha256(bytes)}`));
    const bodies = asked.filter((one) => one.startsWith('GET /Xenova'));
    assert.ok(bodies.length === 3 && bodies.every((one) => one.includes(COMMIT)), bodies.join());
  });

  it('brings nothing twice', async () => {
    await fetchModel(wanted(), quiet);
    asked = [];
    await fetchModel(wanted(), quiet);
    assert.deepEqual(
      asked.filter((one) => one.startsWith('GET')),
      [],
    );
  });

  it('goes on where the connection broke, again and again', async () => {
    habits = { cuts: 3, cutAfter: 200 };
    const { part } = await fetchFile();
    assert.deepEqual(readFileSync(part), bytes);
    const begins = asked.map((one) => Number(/range=bytes=(\d+)-/.exec(one)?.[1] ?? 0));
    assert.deepEqual(begins, [0, 200, 400, 600]);
  });

  it('goes on in the next run with what an earlier one left', async () => {
    writeFileSync(join(out, `model.onnx.${sha256(bytes).slice(0, 12)}.part`), bytes.subarray(0, 500));
    await fetchFile();
    assert.match(asked[0]!, /range=bytes=500-/);
  });

  it('begins anew with a server that knows no ranges', async () => {
    habits = { cuts: 1, cutAfter: 300, noRanges: true };
    const { part } = await fetchFile();
    assert.deepEqual(readFileSync(part), bytes);
  });

  it('begins anew when what was there is spoilt', async () => {
    writeFileSync(join(out, `model.onnx.${sha256(bytes).slice(0, 12)}.part`), Buffer.alloc(500));
    const { part } = await fetchFile();
    assert.deepEqual(readFileSync(part), bytes);
  });

  it('gives up after five tries that brought nothing, and keeps what it had', async () => {
    const part = join(out, `model.onnx.${sha256(bytes).slice(0, 12)}.part`);
    writeFileSync(part, bytes.subarray(0, 500));
    habits = { cuts: 99, cutAfter: 0 };
    await assert.rejects(fetchFile(), { code: 'fetch.unreachable' });
    assert.equal(asked.length, 5);
    assert.equal(readFileSync(part).length, 500);
    assert.ok(!existsSync(join(out, 'model.onnx')));
  });

  it('leaves the old model where it is when the new one has another hash than the hub said', async () => {
    await fetchModel(wanted(), quiet);
    habits = { cuts: 0, wrongHash: true };
    await assert.rejects(fetchModel(wanted(), quiet), { code: 'fetch.wrong-hash' });
    assert.deepEqual(readFileSync(join(out, 'model.onnx')), bytes);
    assert.deepEqual(readdirSync(out).sort(), ['config.json', 'model.onnx', 'preprocessor_config.json']);
  });

  it('checks the hash that the owner gives before the hub’s', async () => {
    await assert.rejects(fetchModel(wanted({ sha256: '0'.repeat(64) }), quiet), { code: 'fetch.wrong-hash' });
    assert.deepEqual(readdirSync(out), []);
    await fetchModel(wanted({ sha256: sha256(bytes) }), quiet);
  });

  it('refuses a file of another size than the hub said, and one beyond the limit', async () => {
    await assert.rejects(fetchFile({ size: bytes.length - 1 }), { code: 'fetch.too-large' });
    const small = { bytesMax: 100, say: quiet, pauseMs: 1 };
    await assert.rejects(download(remote(), join(out, 'x'), small), { code: 'fetch.too-large' });
    await assert.rejects(download(remote({ size: null }), join(out, 'x'), small), { code: 'fetch.too-large' });
    assert.deepEqual(
      readdirSync(out).filter((name) => !name.endsWith('.part')),
      [],
    );
  });

  it('says what is not there, what wants a sign-in, and that nobody answers', async () => {
    await assert.rejects(fetchModel(wanted({ repository: 'no/such' }), quiet), { code: 'fetch.not-found' });
    await assert.rejects(fetchModel(wanted({ file: 'onnx/other.onnx' }), quiet), { code: 'fetch.not-found' });
    habits = { cuts: 0, status: 401 };
    await assert.rejects(fetchModel(wanted(), quiet), { code: 'fetch.refused' });
    habits = { cuts: 0, status: 503 };
    await assert.rejects(fetchModel(wanted(), quiet), { code: 'fetch.unreachable' });
    await assert.rejects(fetchModel(wanted({ hub: 'http://127.0.0.1:1' }), quiet), { code: 'fetch.unreachable' });
  });

  it('takes a file from a plain server without any of the hub’s headers', async () => {
    habits = { cuts: 0, noHead: true };
    const plain = await remoteOf(`${base}/blob/onnx/model.onnx`);
    assert.deepEqual([plain.size, plain.sha256, plain.gitSha1], [null, null, null]);
    const { part } = await download(plain, join(out, 'model.onnx'), { bytesMax: 1e6, say: quiet, pauseMs: 1 });
    assert.deepEqual(readFileSync(part), bytes);
  });

  it('follows no ring of redirects', async () => {
    await assert.rejects(remoteOf(`${base}/ring`), { code: 'fetch.refused' });
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    asked.push(`${request.method} ${url} range=${request.headers.range ?? ''}`);
    if (habits.status !== undefined) return void response.writeHead(habits.status).end();
    if (url === '/ring') return void response.writeHead(302, { location: '/ring' }).end();
    const [, revision, path = ''] = /^\/Xenova\/tiny\/resolve\/(main|[0-9a-f]{40})\/(.+)$/.exec(url) ?? [];
    if (revision !== undefined) return redirectOrServe(request, response, path);
    if (url.startsWith('/blob/')) return serve(request, response, url.slice('/blob/'.length));
    response.writeHead(404).end();
  }

  /** Large files lie elsewhere: the hub says what they are, and where. */
  function redirectOrServe(request: IncomingMessage, response: ServerResponse, path: string): void {
    const body = files.get(path);
    response.setHeader('x-repo-commit', COMMIT);
    if (body === undefined) return void response.writeHead(404).end();
    if (!path.endsWith('.onnx')) return serve(request, response, path, `"${gitSha1(body)}"`);
    const hash = habits.wrongHash === true ? 'f'.repeat(64) : sha256(body);
    response
      .writeHead(302, { location: `/blob/${path}`, 'x-linked-size': body.length, 'x-linked-etag': `"${hash}"` })
      .end();
  }

  function serve(request: IncomingMessage, response: ServerResponse, path: string, etag?: string): void {
    const body = files.get(path);
    if (body === undefined) return void response.writeHead(404).end();
    if (request.method === 'HEAD' && habits.noHead === true) return void response.writeHead(405).end();
    const from = habits.noRanges === true ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from > 0) response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`);
    if (etag !== undefined) response.setHeader('etag', etag);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from });
    if (request.method === 'HEAD') return void response.end();
    if (habits.cutAfter === undefined || habits.cuts <= 0) return void response.end(body.subarray(from));
    habits.cuts -= 1;
    if (habits.cutAfter === 0) return void response.destroy();
    const until = Math.min(from + habits.cutAfter, body.length);
    response.write(body.subarray(from, until));
    cutOnceThere(response, until);
  }

  /** Not before the client has kept what was sent: a cut drops what is still on the way. */
  function cutOnceThere(response: ServerResponse, bytes: number): void {
    const [part] = readdirSync(out).filter((name) => name.endsWith('.part'));
    const kept = part === undefined ? 0 : statSync(join(out, part)).size;
    if (kept >= bytes) response.destroy();
    else setImmediate(() => cutOnceThere(response, bytes));
  }
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What git calls a file. */
function gitSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
