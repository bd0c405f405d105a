// Whoever is slow on purpose is let go, and whoever asks meanwhile is answered.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { bareApp } from '../../host/http.ts';
import { PATIENCE, type Patience, webServer } from '../../host/web-server.ts';
import { closed, until, within } from '../patience.ts';

describe('a web server', () => {
  /** What slow ones write, and how each is let go: with 408 where a request had begun. */
  const slow: readonly [string, string][] = [
    ['nothing at all', ''],
    ['half a head', 'POST / HTTP/1.1\r\nhost: x\r\n'],
    ['a head, and not its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1'],
  ];

  for (const [what, words] of slow) {
    it(`lets go of a hundred that send ${what}, and answers who asks meanwhile`, async () => {
      const server = webServer(
        (request, response) => {
          request.resume().once('end', () => response.end('ok'));
        },
        { ...PATIENCE, headMs: 50, requestMs: 100, lookMs: 10 },
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const sockets: Socket[] = [];
      try {
        const gone = Array.from({ length: 100 }, () => {
          const socket = connect(port, '127.0.0.1');
          sockets.push(socket);
          socket.resume().write(words);
          return closed(socket);
        });
        assert.equal(await (await within('an answer', fetch(`http://127.0.0.1:${port}/`))).text(), 'ok');
        await within('the end of all of them', Promise.all(gone));
      } finally {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        server.close();
      }
    });
  }

  it('has room for thousands, and for no more than it can bear', () => {
    const server = webServer(() => {});
    // Those that are just closing count as well.
    assert.ok(server.maxConnections > PATIENCE.connectionsMax && server.maxConnections < 1.2 * PATIENCE.connectionsMax);
    assert.ok(PATIENCE.connectionsMax >= 4_000);
  });

  describe('bounds what one address holds, and', () => {
    const sockets: Socket[] = [];
    let server: Server;

    /** Heads of requests that a body belongs to. */
    let heard = 0;
    const answers: RequestListener = (request, response) => {
      if (request.method === 'POST') heard += 1;
      if (request.url === '/live') response.write('live');
      else if (request.url === '/large') response.end('x'.repeat(1_000_000));
      else request.resume().once('end', () => response.end('ok'));
    };
    const HALF = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1';
    const stand = async (trust = '', patience: Partial<Patience> = {}) => {
      heard = 0;
      const app = bareApp(trust);
      const believes = app.get('trust proxy fn');
      server = webServer(answers, { ...PATIENCE, ...patience }, (address) => believes(address, 0));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    };
    const open = async (localAddress: string, words = '') => {
      const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', localAddress });
      sockets.push(socket);
      socket.on('error', () => {}).setEncoding('utf8');
      const seen = { socket, said: '', isClosed: false };
      socket.on('data', (text) => {
        seen.said += text;
      });
      socket.on('close', () => {
        seen.isClosed = true;
      });
      await within('a connection', once(socket, 'connect'));
      socket.write(words);
      return seen;
    };
    const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
    const isAnswered = async (localAddress: string) => {
      const seen = await open(localAddress, GET);
      await until('an answer or an end', () => seen.said.includes('200 OK') || seen.isClosed);
      return !seen.isClosed;
    };

    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
      server.closeAllConnections();
      server.close();
    });

    it('answers another address while one opens more idle ones than there is room for', async () => {
      await stand('', { connectionsMax: 60, addressConnectionsMax: 20 });
      for (let at = 0; at < 70; at += 1) await open('127.0.0.1');
      assert.ok(await isAnswered('127.0.0.2'));
    });

    it('answers another address while one leaves as many bodies unfinished', async () => {
      await stand('', { connectionsMax: 60, addressConnectionsMax: 20 });
      for (let at = 0; at < 70; at += 1) await open('127.0.0.1', HALF);
      assert.ok(await isAnswered('127.0.0.2'));
    });

    for (const [what, words] of [
      ['nothing', ''],
      ['half a head', 'POST / HTTP/1.1\r\nhost: x\r\n'],
      ['a head, and not its body', HALF],
    ] as const) {
      it(`answers who comes while many addresses hold all the room and have sent ${what}`, async () => {
        await stand('', { connectionsMax: 40, addressConnectionsMax: 10 });
        const many = Array.from({ length: 50 }, (_, at) => open(`127.0.0.${10 + (at % 5)}`, words));
        await Promise.all(many);
        assert.ok(await isAnswered('127.0.0.2'), 'at an address of its own');
        assert.ok(await isAnswered('127.0.0.10'), 'and at one that holds all that it may');
      });
    }

    it('answers who comes while many addresses ask ahead and read nothing', async () => {
      await stand('', { connectionsMax: 20, addressConnectionsMax: 10 });
      for (let at = 0; at < 20; at += 1) {
        const { socket } = await open(`127.0.0.${10 + (at % 2)}`);
        socket.pause().write(GET.replace('/', '/large').repeat(100));
      }
      assert.ok(await isAnswered('127.0.0.2'), 'at an address of its own');
      assert.ok(await isAnswered('127.0.0.10'), 'and at one that holds all that it may');
    });

    it('lets the one go that is idle for longest, and no live page', async () => {
      await stand('', { addressConnectionsMax: 3 });
      const live = await open('127.0.0.1', 'GET /live HTTP/1.1\r\nhost: x\r\n\r\n');
      await until('the live page', () => live.said.includes('live'));
      const [older, newer] = [await open('127.0.0.1'), await open('127.0.0.1')];
      // Answered later than the other came: now that one is the idler.
      older.socket.write(GET);
      await until('its answer', () => older.said.includes('200 OK'));
      assert.ok(await isAnswered('127.0.0.1'));
      await until('the idlest to go', () => newer.isClosed);
      assert.deepEqual([live.isClosed, older.isClosed], [false, false]);
    });

    it('lets an upload go on that began on a connection that was idle for longest', async () => {
      await stand('', { addressConnectionsMax: 3 });
      const [upload, other] = [await open('127.0.0.1'), await open('127.0.0.1')];
      upload.socket.write(HALF);
      await until('its head', () => heard > 0);
      const third = await open('127.0.0.1');
      assert.ok(await isAnswered('127.0.0.1'));
      await until('the idlest to go', () => other.isClosed);
      assert.deepEqual([upload.isClosed, third.isClosed], [false, false]);
      upload.socket.write('234567890');
      await until('its answer', () => upload.said.includes('200 OK'));
    });

    it('refuses the new one where none is idle', async () => {
      await stand('', { addressConnectionsMax: 2 });
      const lives = [
        await open('127.0.0.1', GET.replace('/', '/live')),
        await open('127.0.0.1', GET.replace('/', '/live')),
      ];
      await until('both', () => lives.every(({ said }) => said.includes('live')));
      assert.equal(await isAnswered('127.0.0.1'), false);
      assert.ok(lives.every(({ isClosed }) => !isClosed));
    });

    it('does not count those of a proxy that is believed', async () => {
      await stand('loopback', { addressConnectionsMax: 2 });
      const many = [await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.1')];
      assert.ok(await isAnswered('127.0.0.1'));
      assert.ok(many.every(({ isClosed }) => !isClosed));
    });

    it('has room for a shop’s guests behind one address, and for twenty such addresses', () => {
      assert.ok(
        PATIENCE.addressConnectionsMax >= 300 && PATIENCE.addressConnectionsMax * 20 <= PATIENCE.connectionsMax,
      );
    });
  });
});
