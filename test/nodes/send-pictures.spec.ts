// Pictures on their way out of tapcase-send: what the cloud wants to see is sent signed, one file at a time, through outages and restarts.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import {
  EMPTY,
  GIVE_UP_MS,
  LOOK_MS,
  markDone,
  nextOf,
  restoreQueue,
  retryAfterMs,
  WANTED_MAX,
  want,
} from '../../nodes/node-red-contrib-tapcase-edge/src/send/pictures/queue.ts';
import { tapcaseSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import { within } from '../patience.ts';
import { bench, helper, type Outcome, withRuntime, withStoppedClock } from './harness.ts';

const KEY = 'ab'.repeat(32);
const KEEP = { command: { type: 'keep', id: 'abc123', seq: 1, at: 1, exp: 2 } };
const TICK = { payload: 'tick' };
/** What is not asked for does not happen. */
const NEVER_MS = 2 ** 31 - 1;

interface Put {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

describe('tapcase-send of pictures', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  let server: Server;
  let puts: Put[];
  let answer: (put: Put, response: ServerResponse) => void;
  const kept = (_put: Put, response: ServerResponse) => response.writeHead(201).end('{}');
  const no = (status: number, code: string) => (_put: Put, response: ServerResponse) => {
    const body = JSON.stringify({ error: { code, message: '' } });
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picture-queue-'));
    mkdirSync(join(folder, 'pictures'));
    puts = [];
    answer = kept;
    server = createServer((request, response) => {
      void buffer(request).then((body) => {
        const put = { path: request.url!, headers: request.headers, body };
        puts.push(put);
        answer(put, response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const picture = (name: string, text = name) => writeFileSync(join(folder, 'pictures', name), text);
  const remember = (entry: object) =>
    writeFileSync(join(folder, 'picture-queue.json'), JSON.stringify({ wanted: [entry] }));
  const remembered = () => JSON.parse(readFileSync(join(folder, 'picture-queue.json'), 'utf8')) as typeof EMPTY;
  const load = (computer: object = {}, refs: object = {}, tickMs = NEVER_MS) =>
    bench({
      node: { id: 'n', type: 'tapcase-send', keys: 'config.keys', state: 'config.state', ...refs },
      outputs: 3,
      modules: [caseKeys, deviceState, tapcaseSend({ tickMs })],
      configNodes: [
        { id: 'config.keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
        {
          ...{ id: 'config.state', type: 'tapcase-edge', folder, caseId: '123', serialPort: 'none' },
          ...{ snapshotsFolder: join(folder, 'pictures'), cloudUrl: url(), ...computer },
        },
      ],
      credentials: { 'config.keys': { deviceKey: KEY } },
    });

  it('sends a visit’s pictures and facts one a tick, and nobody else’s', async () => {
    for (const name of ['abc123-before-0.json', 'abc123-before-0.jpg', 'abc123-after-1.jpg']) picture(name);
    for (const name of ['xyz789-before-0.jpg', 'abc123-before-0.jpg.new', 'notes.txt']) picture(name);
    const { send } = await load();
    const sentFiles = [];
    for (const message of [KEEP, TICK, TICK]) sentFiles.push(fileOf(await send(message)));
    assert.deepEqual(sentFiles, ['abc123-after-1.jpg', 'abc123-before-0.jpg', 'abc123-before-0.json']);
    assert.deepEqual(
      puts.map(({ path, headers }) => [path, headers['content-type']]),
      [
        ['/api/evidence/123/abc123/after-1.jpg', 'image/jpeg'],
        ['/api/evidence/123/abc123/before-0.jpg', 'image/jpeg'],
        ['/api/evidence/123/abc123/before-0.json', 'application/octet-stream'],
      ],
    );
    assert.equal(puts[2]!.body.toString(), 'abc123-before-0.json');
  });

  it('goes on by itself with what was wanted before', async () => {
    picture('abc123-before-0.jpg');
    remember({ visit: 'abc123', sinceMs: Date.now(), done: [] });
    await load({}, {}, 5);
    const sent = new Promise((resolve) => helper.getNode('out2').once('input', resolve as never));
    const message = (await within('a picture that was sent', sent)) as Outcome['message'];
    assert.deepEqual(message.sent, { visit: 'abc123', file: 'abc123-before-0.jpg' });
  });

  it('signs method, path, time and what is in the body, with the Pi’s own key', async () => {
    picture('abc123-before-0.jpg', 'pixels');
    await (await load()).send(KEEP);
    const { path, headers, body } = puts[0]!;
    const hash = createHash('sha256').update(body).digest('hex');
    const text = `PUT\n${path}\n${String(headers['x-tapcase-at'])}\n${hash}`;
    assert.equal(headers['x-tapcase-mac'], createHmac('sha256', Buffer.from(KEY, 'hex')).update(text).digest('hex'));
    assert.equal(Number(headers['x-tapcase-at']), Math.floor(Date.now() / 1000));
  });

  it('goes on after a restart where it was', async () => {
    picture('abc123-after-0.jpg');
    picture('abc123-before-0.jpg');
    assert.equal(fileOf(await (await load()).send(KEEP)), 'abc123-after-0.jpg');
    await helper.unload();
    assert.equal(fileOf(await (await load()).send(TICK)), 'abc123-before-0.jpg');
    assert.equal(puts.length, 2);
  });

  it('waits for pictures that are taken after the wish, and then is done', async () => {
    const sinceMs = Date.now();
    const wanted = ['abc123', 'later1'].map((visit) => ({ visit, sinceMs, done: [] }));
    writeFileSync(join(folder, 'picture-queue.json'), JSON.stringify({ wanted }));
    picture('later1-before-0.jpg');
    const { send } = await load();
    // There is nothing of the first yet, which keeps nobody else waiting.
    assert.equal(fileOf(await send(TICK)), 'later1-before-0.jpg');
    picture('abc123-after-0.jpg');
    assert.equal(fileOf(await send(KEEP)), 'abc123-after-0.jpg');
    assert.deepEqual(remembered().wanted[0]!.done, ['abc123-after-0.jpg']);
    await helper.unload();
    remember({ visit: 'abc123', sinceMs: Date.now() - LOOK_MS - 1, done: ['abc123-after-0.jpg'] });
    const again = await load();
    // Its turn is over without a word, and the next visit is served.
    picture('def456-before-0.jpg');
    assert.equal(fileOf(await again.send({ command: { ...KEEP.command, id: 'def456' } })), 'def456-before-0.jpg');
    assert.deepEqual(
      remembered().wanted.map(({ visit }) => visit),
      ['def456'],
    );
  });

  it('says so when no picture of a wanted visit is on the card', async () => {
    remember({ visit: 'abc123', sinceMs: Date.now() - LOOK_MS - 1, done: [] });
    assert.equal(codeOf(await (await load()).send(TICK)), 'picture.missing');
    assert.deepEqual(remembered(), EMPTY);
  });

  it('says so when pictures could not be sent for a week', async () => {
    picture('abc123-before-0.jpg');
    remember({ visit: 'abc123', sinceMs: Date.now() - GIVE_UP_MS - 1, done: [] });
    assert.equal(codeOf(await (await load()).send(TICK)), 'picture.too-late');
    assert.deepEqual([remembered(), puts], [EMPTY, []]);
  });

  for (const [why, status, code] of [
    ['is broken', 500, 'node.bug'],
    ['is busy', 429, 'api.too-many'],
    ['finds the Pi’s clock off', 403, 'picture.clock-skew'],
    ['sends it elsewhere', 302, ''],
  ] as const) {
    it(`keeps what a cloud that ${why} did not take, and says once that it is away`, async () => {
      picture('abc123-before-0.jpg');
      answer = no(status, code);
      const { send, node } = await load();
      assert.equal(codeOf(await send(KEEP)), 'picture.unreachable');
      // At once it is not asked again.
      for (let i = 0; i < 3; i += 1) node('n').receive(TICK);
      await helper.unload();
      assert.equal(puts.length, 1);
      answer = kept;
      assert.equal(fileOf(await (await load()).send(TICK)), 'abc123-before-0.jpg');
    });
  }

  it('keeps it too when nobody answers at all', async () => {
    picture('abc123-before-0.jpg');
    const { send } = await load({ cloudUrl: 'http://127.0.0.1:9' });
    assert.equal(codeOf(await send(KEEP)), 'picture.unreachable');
    assert.deepEqual(remembered().wanted[0]?.done, []);
  });

  it('takes a no for an answer: the file is not sent again, the next one is', async () => {
    picture('abc123-after-0.jpg');
    picture('abc123-before-0.jpg');
    answer = no(409, 'picture.differs');
    const { send } = await load();
    const refused = await send(KEEP);
    assert.equal(codeOf(refused), 'picture.refused');
    assert.match(String((refused.message.error as { message: string }).message), /409 picture\.differs/);
    answer = kept;
    assert.equal(fileOf(await send(TICK)), 'abc123-before-0.jpg');
  });

  it('never sends what the cloud is known to refuse for its size', async () => {
    picture('abc123-before-0.jpg', 'x'.repeat(2 * 1024 * 1024 + 1));
    assert.equal(codeOf(await (await load()).send(KEEP)), 'picture.refused');
    assert.deepEqual(puts, []);
  });

  it('sends one at a time, however fast the ticks come', async () => {
    picture('abc123-before-0.jpg');
    picture('abc123-after-0.jpg');
    let open = 0;
    let openMax = 0;
    answer = (put, response) => {
      open += 1;
      openMax = Math.max(openMax, open);
      setImmediate(() => {
        open -= 1;
        kept(put, response);
      });
    };
    const { collect, node } = await load();
    const two = collect(KEEP, 1);
    for (let i = 0; i < 20; i += 1) node('n').receive(TICK);
    await two;
    assert.deepEqual([openMax, puts.length], [1, 1]);
  });

  it('with no cloud, pictures stay on the card', async () => {
    picture('abc123-before-0.jpg');
    const { node } = await load({ cloudUrl: 'none' });
    node('n').receive(KEEP);
    node('n').receive(TICK);
    await helper.unload();
    assert.deepEqual(puts, []);
  });

  it('sends pictures in the open to nobody but this machine', async () => {
    for (const bad of ['http://shop.example', 'ftp://shop.example', 'shop.example', '', 'http://127.0.0.1.example']) {
      assert.equal(codeOf(await (await load({ cloudUrl: bad })).send(KEEP)), 'config.invalid', bad);
      await helper.unload();
    }
  });

  it('tells Catch when case, folder, keys or state are not as they should be', async () => {
    picture('abc123-before-0.jpg');
    const refusals: [object, object, string][] = [
      [{ caseId: 'no/case' }, {}, 'config.invalid'],
      [{ snapshotsFolder: '' }, {}, 'config.invalid'],
      [{}, { keys: '' }, 'config.missing-node'],
      [{}, { state: '' }, 'config.missing-node'],
      [{ caseId: '456' }, {}, 'keys.unknown-device'],
    ];
    for (const [computer, refs, code] of refusals) {
      assert.equal(codeOf(await (await load(computer, refs)).send(KEEP)), code);
      await helper.unload();
    }
    assert.equal(codeOf(await (await load()).send({ command: { type: 'keep', id: '../etc' } })), 'payload.invalid');
    await helper.unload();
    const { send } = await load();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    const other = { command: { ...KEEP.command, id: 'other1' } };
    assert.equal(codeOf(await send(other)), 'state.unwritable');
  });

  it('gives the oldest of too many up, and says so', async () => {
    const wanted = Array.from({ length: WANTED_MAX }, (_, i) => ({
      visit: `visit${i}`,
      sinceMs: Date.now(),
      done: [],
    }));
    writeFileSync(join(folder, 'picture-queue.json'), JSON.stringify({ wanted }));
    assert.equal(codeOf(await (await load()).send(KEEP)), 'picture.too-many');
    assert.equal(remembered().wanted.length, WANTED_MAX);
    assert.equal(remembered().wanted[0]?.visit, 'visit1');
  });
});

describe('the queue of wanted visits', () => {
  const NOW = 1_763_678_400_000; // fixed day: the queue is given the time.

  it('wants a visit once', () => {
    const { queue } = want(EMPTY, 'abc123', NOW);
    assert.equal(want(queue, 'abc123', NOW + 1).queue, queue);
  });

  it('looks for pictures for ten minutes, on both sides of the limit, and whichever way a clock is set', () => {
    const wanted = { visit: 'abc123', sinceMs: NOW, done: ['a'] };
    for (const sign of [1, -1]) {
      assert.equal(nextOf(wanted, ['a'], NOW + sign * LOOK_MS).kind, 'look-again');
      assert.equal(nextOf(wanted, ['a'], NOW + sign * (LOOK_MS + 1)).kind, 'finished');
      assert.equal(nextOf({ ...wanted, done: [] }, [], NOW + sign * (LOOK_MS + 1)).kind, 'missing');
      assert.deepEqual(nextOf(wanted, ['a', 'b'], NOW + sign * GIVE_UP_MS), { kind: 'send', file: 'b' });
      assert.equal(nextOf(wanted, ['b'], NOW + sign * (GIVE_UP_MS + 1)).kind, 'too-late');
    }
  });

  it('leaves a cloud that does not answer alone for 5, 10, 20 seconds, and never more than ten minutes', () => {
    assert.deepEqual([1, 2, 3, 8, 50].map(retryAfterMs), [5_000, 10_000, 20_000, 600_000, 600_000]);
  });

  it('takes up whatever was kept, and never more than it may hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.ok(restoreQueue(value).wanted.length <= WANTED_MAX);
        assert.ok(restoreQueue({ wanted: [value] }).wanted.length <= 1);
      }),
    );
    const queue = markDone(want(EMPTY, 'abc123', NOW).queue, 'abc123', 'abc123-before-0.jpg');
    assert.deepEqual(restoreQueue(JSON.parse(JSON.stringify(queue))), queue);
  });
});

function fileOf(outcome: Outcome): string {
  assert.ok(outcome.kind === 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.port, 2);
  return (outcome.message.sent as { file: string }).file;
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'fault' ? outcome.code : 'no fault';
}
