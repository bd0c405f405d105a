// Whoever is slow on purpose is let go, and whoever asks meanwhile is answered.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PATIENCE, webServer } from '../../host/web-server.ts';
import { within } from '../patience.ts';

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
          socket.on('error', () => {});
          socket.resume().write(words);
          return once(socket, 'close');
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
    assert.equal(server.maxConnections, PATIENCE.connectionsMax);
    assert.ok(PATIENCE.connectionsMax >= 4_000);
  });
});
