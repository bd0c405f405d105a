// Whoever opens a socket, asks without end and never reads: the shop keeps a bounded part of the answers, and then lets go.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { boundBacklog, boundPackets, type Packets } from '../../host/backlog.ts';
import { closed, until, within } from '../patience.ts';

const require = createRequire(import.meta.url);
const MIB = 1024 * 1024;

const UPGRADE = `connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${'a'.repeat(22)}==\r\n\r\n`;

interface Told extends NodeJS.EventEmitter {
  send(data: string, over?: (error?: Error) => void): void;
}

/** A ping of 125 bytes, as a browser masks it (RFC 6455 section 5.5.2), five hundred times. */
const PINGS = Buffer.concat(
  Array.from({ length: 500 }, () => Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)])),
);

// The editor's, the nodes' and the dashboard's copy.
for (const owner of ['@node-red/editor-api/package.json', '@node-red/nodes/package.json', 'engine.io']) {
  describe(`a socket of ${owner.replace('/package.json', '')} that nobody reads`, () => {
    const { Server: SocketServer } = createRequire(require.resolve(owner))('ws');
    let server: Server;
    let held: Duplex;
    let told: Told;
    beforeEach(async () => {
      const sockets = new SocketServer({ noServer: true });
      server = createServer();
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        socket.on('error', () => socket.destroy());
        boundBacklog(socket);
        held = socket;
        sockets.handleUpgrade(request, socket, head, (opened: Told) => {
          opened.on('error', () => {});
          told = opened;
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => {
      held?.destroy();
      server?.close();
    });

    const open = async () => {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
      client.write(`GET / HTTP/1.1\r\nhost: x\r\n${UPGRADE}`);
      await within('the head', new Promise((resolve) => client.once('data', resolve)));
      client.pause();
      return client;
    };

    it('is let go when too many answers to its pings wait', async () => {
      const client = await open();
      const isOver = closed(client);
      let most = 0;
      held.on('data', () => {
        most = Math.max(most, held.writableLength);
      });
      const ask = () => {
        while (!client.destroyed && client.write(PINGS));
      };
      client.on('drain', ask);
      ask();
      await within('its end', isOver);
      assert.ok(held.destroyed);
      assert.ok(most > 0 && most < 2 * MIB, String(most));
    });

    it('is let go when too much that it is told waits; who sends it is told so', async () => {
      const client = await open();
      await until('the socket', () => told !== undefined);
      const answers: (Error | undefined)[] = [];
      const message = 'x'.repeat(64 * 1024);
      for (let at = 0; at < 1_000 && !held.destroyed; at += 1) told.send(message, (error) => answers.push(error));
      assert.ok(held.destroyed);
      assert.ok(held.writableLength < 2 * MIB);
      await until('an answer to each', () => answers.at(-1) instanceof Error);
      client.destroy();
    });

    it('is told what is larger at once: somebody may yet read it', async () => {
      const client = await open();
      await until('the socket', () => told !== undefined);
      const sent = new Promise((resolve) => told.send('x'.repeat(8 * MIB), resolve));
      client.resume();
      assert.ok(!((await within('all of it', sent)) instanceof Error));
      client.destroy();
    });
  });
}

describe('a dashboard that nobody reads', () => {
  interface Dashboard extends Packets {
    readonly readyState: string;
    write(data: string): void;
  }
  const { attach } = require('engine.io');

  it('is let go when too much that it is told waits, also while its socket has room', async () => {
    const server = createServer();
    const dashboards = attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const opened = new Promise<Dashboard>((resolve) => void dashboards.once('connection', resolve));
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    try {
      client.write(`GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\n${UPGRADE}`);
      const dashboard = await within('the dashboard', opened);
      client.pause();
      boundPackets(dashboard);
      let told = 0;
      for (; told < 1_000 && dashboard.readyState === 'open'; told += 1) dashboard.write('x'.repeat(64 * 1024));
      assert.ok(told > 1 && told < 40, String(told));
      assert.notEqual(dashboard.readyState, 'open');
    } finally {
      client.destroy();
      dashboards.close();
      server.close();
    }
  });
});
