// However much is sent at one time, the shop holds a bounded part of it, and refuses the rest before it is read.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PICTURE_BYTES_MAX } from '@tapcase/domain';
import { shopApp } from '../../host/http.ts';
import { createReadiness } from '../../host/readiness.ts';
import { skip } from '../needs.ts';
import { until, within } from '../patience.ts';

describe('what is being sent to the shop', () => {
  let server: Server;
  const sockets: Socket[] = [];

  before(async function () {
    if (process.platform !== 'linux') skip(this, 'only Linux has all of 127.0.0.0/8');
    const app = shopApp({
      ...{ publicUrl: 'http://shop.test', pwaFolder: 'pwa/dist', picturesFolder: 'pictures' },
      readiness: createReadiness({ ledgers: [], brokers: [] }),
    });
    app.use((_request, response) => void response.sendStatus(204));
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
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
  /** Says that it has so many bytes, and sends one. */
  const begin = (
    address: string,
    bytes: number,
    headers = SIGNED,
    target = 'PUT /api/evidence/123/abc123/before-0.jpg',
  ) => {
    const socket = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      localAddress: address,
    });
    sockets.push(socket);
    const seen = { socket, said: '' };
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text) => {
      seen.said += text;
    });
    const type = target.startsWith('PUT') ? 'image/jpeg' : 'application/json';
    socket.write(
      `${target} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n${headers}content-length: ${bytes}\r\n\r\nx`,
    );
    return seen;
  };
  const isRefused = ({ said }: { readonly said: string }) => /^HTTP\/1.1 503 /.test(said);
  const answered = async (seen: { readonly said: string }) => {
    await until('an answer', () => seen.said.includes('\r\n\r\n'));
    return seen.said;
  };
  /** How many of one address's uploads wait for their bytes when it begins more than it may. */
  const fill = async (address: string) => {
    const all = Array.from({ length: 6 }, () => begin(address, PICTURE_BYTES_MAX));
    await until('the last ones to be refused', () => all.filter(isRefused).length === 2);
    return all;
  };

  it('is refused unread where it is a picture that nobody has signed', async () => {
    for (const headers of ['', 'x-tapcase-at: 1\r\nx-tapcase-mac: 1\r\n', SIGNED.replace('1', 'x')]) {
      const said = await answered(begin('127.0.0.1', PICTURE_BYTES_MAX, headers));
      assert.match(said, /^HTTP\/1.1 403 /);
      assert.match(said, /picture\.bad-signature/);
    }
  });

  it('is refused with a time to come again where one address sends too much at once, and taken when that is over', async () => {
    const all = await fill('127.0.0.2');
    const [refused] = all.filter(isRefused);
    assert.match(refused!.said, /\r\nRetry-After: \d/);
    assert.match(refused!.said, /api\.busy/);
    for (const { socket } of all) socket.destroy();
    await until('room again', async () => {
      const next = begin('127.0.0.2', 1);
      return (await answered(next)).startsWith('HTTP/1.1 204 ');
    });
    await fill('127.0.0.2');
  });

  it('keeps other addresses’ pictures and nobody’s phone waiting while one address sends too much', async () => {
    await fill('127.0.0.2');
    assert.match(await answered(begin('127.0.0.3', 1)), /^HTTP\/1.1 204 /);
    const phone = begin('127.0.0.2', 1, '', 'POST /api/sign-out');
    assert.match(await answered(phone), /^HTTP\/1.1 400 /);
  });

  it('is bounded over all addresses together', async () => {
    for (let at = 10; at < 26; at += 1) await fill(`127.0.0.${at}`);
    assert.ok(isRefused({ said: await answered(begin('127.0.0.99', PICTURE_BYTES_MAX)) }));
  });

  it('is not unpacked: a few bytes would be many', async () => {
    for (const target of ['PUT /api/evidence/123/abc123/before-0.jpg', 'POST /api/sign-out']) {
      const said = await answered(begin('127.0.0.4', 1, `${SIGNED}content-encoding: gzip\r\n`, target));
      assert.match(said, /^HTTP\/1.1 415 /);
    }
  });
});
