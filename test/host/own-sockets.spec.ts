// Sockets as Node-RED's nodes open them for an own flow, by the same copy of ws: what a stranger may send over one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { takeOwnSocket } from '../../host/own-sockets.ts';
import { BODY_BYTES_MAX } from '../../host/routes.ts';
import { closed, until, within } from '../patience.ts';

const require = createRequire(import.meta.url);
const { Server: SocketServer } = createRequire(require.resolve('@node-red/nodes/package.json'))('ws');

describe('the socket of an own flow', () => {
  let server: Server;
  let heard: number[];
  before(async () => {
    const sockets = new SocketServer({ noServer: true });
    sockets.on('connection', (socket: NodeJS.EventEmitter) => {
      socket.on('message', (data) => heard.push(String(data).length));
      // Node-RED has such a listener; the reason is in the close.
      socket.on('error', () => {});
    });
    server = createServer();
    server.on('upgrade', (request, socket, head) => {
      const ip = String(request.headers['x-from'] ?? '192.0.2.1');
      // As the listener answers it (node-red.ts).
      if (takeOwnSocket(Object.assign(request, { ip })) !== 'passes') return socket.destroy();
      sockets.handleUpgrade(request, socket, head, (opened: object) => sockets.emit('connection', opened, request));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    heard = [];
  });
  after(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const open = async (from: string) => {
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/own/live`;
    const socket = new WebSocket(url, { headers: { 'x-from': from } } as never);
    await within('the socket', once(socket, 'open'));
    const closed = once(socket, 'close').then(([event]) => (event as CloseEvent).code);
    return { socket, closed };
  };

  it('takes a frame as large as any body, and none that is larger', async () => {
    const { socket, closed } = await open('192.0.2.2');
    socket.send('x'.repeat(BODY_BYTES_MAX));
    await until('the frame', () => heard.length === 1);
    socket.send('x'.repeat(BODY_BYTES_MAX + 1));
    assert.equal(await within('its end', closed), 1009);
    assert.deepEqual(heard, [BODY_BYTES_MAX]);
  });

  it('takes as many as an address may call, over all of its sockets; another address’s go on', async () => {
    const [one, two, other] = [await open('192.0.2.3'), await open('192.0.2.3'), await open('192.0.2.4')];
    for (let at = 0; at < 2_000; at += 1) one.socket.send('x');
    assert.equal(await within('its end', one.closed), 1008);
    // Two sockets were opened of it, and some of it came back meanwhile.
    assert.ok(heard.length >= 190 && heard.length < 2_000, String(heard.length));
    for (let at = 0; at < 2_000; at += 1) two.socket.send('x');
    assert.equal(await within('its end', two.closed), 1008);
    const before = heard.length;
    other.socket.send('x');
    await until('the other’s', () => heard.length > before);
    other.socket.close();
  });

  it('counts its pings and pongs like any other frame, and is cut off if it goes on after its end', async () => {
    const opcodes = { ping: 0x89, pong: 0x8a, message: 0x82 };
    let at = 10;
    for (const [what, opcode] of Object.entries(opcodes)) {
      const { port } = server.address() as AddressInfo;
      const socket = connect(port, '127.0.0.1');
      at += 1;
      socket.write(
        `GET /own/live HTTP/1.1\r\nhost: x\r\nx-from: 192.0.2.${at}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${'a'.repeat(22)}==\r\n\r\n`,
      );
      let said = Buffer.alloc(0);
      socket.on('data', (bytes: Buffer) => {
        said = Buffer.concat([said, bytes]);
      });
      await until('the socket', () => said.includes('\r\n\r\n'));
      const isOver = closed(socket);
      const many = Buffer.concat(Array(500).fill(Buffer.from([opcode, 0x80, 0, 0, 0, 0])));
      const goOn = () => {
        // Never ends by itself, and does not hear of an end.
        while (!socket.destroyed && socket.write(many));
      };
      socket.on('drain', goOn);
      goOn();
      await within(`its end by ${what}`, isOver);
      // Its head, then a pong of two bytes each.
      const answers = said.subarray(said.indexOf('\r\n\r\n') + 4).length / 2;
      assert.ok(answers < 1_000, `${what} ${answers}`);
    }
  });

  it('is one of so many that an address may open at once', () => {
    const opened = Array.from({ length: 1_000 }, () =>
      takeOwnSocket({ url: '/own/live', socket: new PassThrough(), ip: '192.0.2.5' } as never),
    );
    assert.equal(opened[0], 'passes');
    assert.ok(opened.filter((one) => one === 'too-many').length > 500);
    assert.equal(
      takeOwnSocket({ url: '/editor/comms', socket: new PassThrough(), ip: '192.0.2.6' } as never),
      undefined,
    );
  });
});
