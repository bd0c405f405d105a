// However much is sent at one time, the shop holds a bounded part of it: who does not go on sending makes room for who does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PICTURE_BYTES_MAX } from '@tapcase/domain';
import { shopApp } from '../../host/http.ts';
import { createReadiness } from '../../host/readiness.ts';
import { BODY_BYTES_MAX } from '../../host/routes.ts';
import { skip } from '../needs.ts';
import { until, within } from '../patience.ts';

describe('what is being sent to the shop', () => {
  let server: Server;
  const sockets: Socket[] = [];
  /** Those that a flow does not answer, while it is to answer none. */
  const waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];
  let answersNobody = false;

  before(async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has all of 127.0.0.0/8');
    const app = shopApp({
      ...{ publicUrl: 'http://shop.test', pwaFolder: 'pwa/dist', picturesFolder: 'pictures' },
      readiness: createReadiness({ ledgers: [], brokers: [] }),
    });
    app.use((request, response) => {
      if (answersNobody) return void waiting.push({ request, response });
      // As a node does that reads the bytes itself.
      if (request.readableEnded) response.sendStatus(204);
      else request.resume().once('end', () => response.sendStatus(204));
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    answersNobody = false;
    waiting.length = 0;
    for (const socket of sockets.splice(0)) socket.destroy();
    // What they held is held until the shop has heard that they went.
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    server.close();
    server.closeAllConnections();
    await within('the end of all of them', closed);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  after(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const SIGNED = `x-tapcase-at: 1\r\nx-tapcase-mac: ${'a'.repeat(64)}\r\n`;
  const PICTURE = 'PUT /api/evidence/123/abc123/before-0.jpg';
  /** Says that it has so many bytes, and sends `body`, which may be less. */
  const begin = (address: string, bytes: number, headers = SIGNED, target = PICTURE, body: string | Buffer = 'x') => {
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      localAddress: address,
    });
    sockets.push(socket);
    const seen = { socket, said: '', isGone: false };
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text) => {
      seen.said += text;
    });
    socket.on('close', () => {
      seen.isGone = true;
    });
    const type = target.startsWith('PUT') ? 'image/jpeg' : 'application/json';
    socket.write(
      `${target} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n${headers}content-length: ${bytes}\r\n\r\n`,
    );
    socket.write(body);
    return seen;
  };
  /** As a phone does, all at once. */
  const whole = (address: string, target: string, body: string | Buffer = '{}', headers = '') =>
    begin(address, body.length, headers, target, body);
  const answered = async (seen: { readonly said: string; readonly isGone: boolean }) => {
    await until('an answer', () => seen.said.includes('\r\n\r\n') || seen.isGone);
    return seen.said;
  };
  const isGone = ({ isGone }: { readonly isGone: boolean }) => isGone;
  const idle = (address: string, target: string, bytes: number) =>
    begin(address, bytes, target.startsWith('PUT') ? SIGNED : '', target);
  /** Whoever sends nothing more, as many as there is room for, and two more. */
  const fill = async (address: string, target = PICTURE, bytes = PICTURE_BYTES_MAX, count = 4) => {
    const all = Array.from({ length: count + 2 }, () => idle(address, target, bytes));
    await until('the first ones to be let go', () => all.filter(isGone).length >= 2);
    return all;
  };
  /** Whole ones that no flow answers: `count` of them are at it. */
  const whileWaiting = async (count: number, send: () => void) => {
    answersNobody = true;
    send();
    await until('all of them', () => waiting.filter(({ request }) => request.complete).length === count);
  };
  /** The shop has its head. */
  const heard = async <T>(send: () => T) => {
    const head = once(server, 'request');
    const sent = send();
    await within('its head', head);
    return sent;
  };
  const addresses = (from: number, count: number) => Array.from({ length: count }, (_, at) => `127.0.0.${from + at}`);

  it('is refused unread where it is a picture that nobody has signed', async () => {
    for (const headers of ['', 'x-tapcase-at: 1\r\nx-tapcase-mac: 1\r\n', SIGNED.replace('1', 'x')]) {
      const said = await answered(begin('127.0.0.1', PICTURE_BYTES_MAX, headers));
      assert.match(said, /^HTTP\/1.1 403 /);
      assert.match(said, /picture\.bad-signature/);
    }
  });

  /** What fills a room of its own, from sixteen addresses: how many of them one address may hold, and who comes then. */
  const rooms = [
    ['phones', 'POST /api/sign-in', BODY_BYTES_MAX, 32, 'POST /api/sign-out'],
    ['webhooks', 'POST /api/stripe/webhook', BODY_BYTES_MAX, 32, 'POST /api/stripe/webhook'],
    ['pictures', PICTURE, PICTURE_BYTES_MAX, 4, PICTURE],
    ['own flows', 'POST /own/call', BODY_BYTES_MAX, 32, 'POST /own/call'],
  ] as const;

  for (const [who, target, bytes, count, honest] of rooms) {
    const headers = honest === PICTURE ? SIGNED : '';
    it(`keeps nobody else waiting where seventeen addresses begin what fills the room of ${who}, and send no more`, async () => {
      const all = (await Promise.all(addresses(10, 17).map((address) => fill(address, target, bytes, count)))).flat();
      await until('no more than there is room for', () => all.filter((each) => !each.isGone).length <= 16 * count);
      for (const address of ['127.0.0.99', '127.0.0.10', '127.0.0.26']) {
        for (let at = 0; at < 3; at += 1) {
          assert.match(await answered(whole(address, honest, '{}', headers)), /^HTTP\/1.1 204 /, address);
        }
      }
    });
  }

  it('lets go of the one of the same address that began first, and of nobody else’s', async () => {
    const other = await heard(() => idle('127.0.0.3', PICTURE, PICTURE_BYTES_MAX));
    const all: ReturnType<typeof begin>[] = [];
    for (let at = 0; at < 6; at += 1) {
      all.push(await heard(() => idle('127.0.0.2', PICTURE, PICTURE_BYTES_MAX)));
    }
    await until('the first ones to be let go', () => all.filter(isGone).length === 2);
    assert.deepEqual(all.map(isGone), [true, true, false, false, false, false]);
    assert.ok(!other.isGone);
    // Nor of another kind: there is room for it.
    const phone = begin('127.0.0.2', 1, '', 'POST /api/sign-out');
    assert.match(await answered(phone), /^HTTP\/1.1 400 /);
    assert.deepEqual(all.map(isGone), [true, true, false, false, false, false]);
  });

  it('lets go of nothing that is here and waits for an answer: what is too much then is refused, with a time to come again', async () => {
    const picture = Buffer.alloc(PICTURE_BYTES_MAX);
    const kept: ReturnType<typeof begin>[] = [];
    await whileWaiting(3, () => {
      for (let at = 0; at < 3; at += 1) kept.push(whole('127.0.0.2', PICTURE, picture, SIGNED));
    });
    const slow = await heard(() => idle('127.0.0.2', PICTURE, PICTURE_BYTES_MAX));
    await whileWaiting(4, () => kept.push(whole('127.0.0.2', PICTURE, picture, SIGNED)));
    await until('the slow one’s end', () => slow.isGone);
    const said = await answered(whole('127.0.0.2', PICTURE, '{}', SIGNED));
    assert.match(said, /^HTTP\/1.1 503 /);
    assert.match(said, /\r\nRetry-After: \d/);
    assert.match(said, /api\.busy/);
    assert.ok(!kept.some(isGone));
    for (const { response } of waiting.splice(0)) response.writeHead(204).end();
    for (const seen of kept) assert.match(await answered(seen), /^HTTP\/1.1 204 /);
    answersNobody = false;
    await until('room again', async () =>
      (await answered(whole('127.0.0.2', PICTURE, '{}', SIGNED))).includes(' 204 '),
    );
  });

  it('lets go of what was written ahead of its turn, and of whoever does not read an answer', async () => {
    const picture = Buffer.alloc(PICTURE_BYTES_MAX);
    const held: ReturnType<typeof begin>[] = [];
    await whileWaiting(4, () => {
      for (let at = 0; at < 2; at += 1) {
        held.push(whole('127.0.0.2', 'POST /api/stripe/webhook'));
        held
          .at(-1)!
          .socket.write(
            `${PICTURE} HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\n${SIGNED}content-length: ${picture.length}\r\n\r\n`,
          );
        held.at(-1)!.socket.write(picture);
      }
    });
    await whileWaiting(6, () => {
      for (let at = 0; at < 2; at += 1) held.push(whole('127.0.0.2', PICTURE, picture, SIGNED));
    });
    for (const { socket } of held.slice(2)) socket.pause();
    const [, , , , ...unread] = waiting;
    // More than lies between the two.
    for (const { response } of unread) response.end(Buffer.alloc(32 * 1024 * 1024));
    for (let at = 0; at < 4; at += 1) whole('127.0.0.2', PICTURE, picture, SIGNED);
    await until(
      'their end',
      () => held.slice(0, 2).every(isGone) && unread.every(({ response }) => response.destroyed),
    );
  });

  it('is bounded over all addresses together, also where all of it is here', async () => {
    const body = Buffer.alloc(BODY_BYTES_MAX, ' ');
    await whileWaiting(512, () => {
      for (const address of addresses(30, 16)) {
        for (let at = 0; at < 32; at += 1) whole(address, 'POST /api/stripe/webhook', body);
      }
    });
    assert.match(await answered(whole('127.0.0.99', 'POST /api/stripe/webhook')), /^HTTP\/1.1 503 /);
    assert.equal(waiting.length, 512);
  });

  it('is not unpacked: a few bytes would be many', async () => {
    for (const target of ['PUT /api/evidence/123/abc123/before-0.jpg', 'POST /api/sign-out']) {
      const said = await answered(begin('127.0.0.4', 1, `${SIGNED}content-encoding: gzip\r\n`, target));
      assert.match(said, /^HTTP\/1.1 415 /);
    }
  });
});
