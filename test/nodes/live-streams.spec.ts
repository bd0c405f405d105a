// Who watches a visit, over real connections: each takes a place, and gives it back whenever they go.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { VisitView } from '@tapcase/domain';
import { createStreams, LIMITS, type Streams } from '../../nodes/node-red-contrib-tapcase/src/customer/view/streams.ts';
import { until, within } from '../patience.ts';

const VISIT = { id: 'visit-1', phase: 'open' } as VisitView;

describe('the live streams of a visit', () => {
  let server: Server;
  let streams: Streams;
  const asked: ServerResponse[] = [];

  beforeEach(async () => {
    asked.length = 0;
    streams = createStreams();
    server = createServer((_request, response) => asked.push(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    streams.close();
    server.closeAllConnections();
    server.close();
  });

  /** A phone that asks; what the server has of it. */
  async function phone() {
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const before = asked.length;
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return { socket, response: await until('the request', () => asked[before]) };
  }

  it('take no place for a phone that was gone before its turn came', async () => {
    for (let each = 0; each < 2 * LIMITS.streamsPerVisitMax; each += 1) {
      const { socket, response } = await phone();
      const gone = once(response, 'close');
      socket.resetAndDestroy();
      await within('the server to hear of it', gone);
      await streams.open(VISIT.id, response, async () => VISIT);
    }
    assert.equal(streams.count(), 0);
    const { response } = await phone();
    await streams.open(VISIT.id, response, async () => VISIT);
    assert.equal(streams.count(), 1);
  });

  it('give the place back when a phone goes, also while its visit is looked up', async () => {
    const first = await phone();
    await streams.open(VISIT.id, first.response, async () => VISIT);
    const second = await phone();
    await streams.open(VISIT.id, second.response, async () => {
      const gone = once(second.response, 'close');
      second.socket.resetAndDestroy();
      await within('the server to hear of it', gone);
      return VISIT;
    });
    assert.equal(streams.count(), 1);
    first.socket.destroy();
    await until('its end', () => streams.count() === 0);
  });

  it('end for a phone that does not read them, also where another of its answers comes first', async () => {
    const one = await phone();
    one.socket.pause();
    await streams.open(VISIT.id, one.response, async () => VISIT);
    // Written ahead on the same connection: it waits until the first has ended.
    one.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const ahead = await until('the other request', () => asked[1]);
    await streams.open('visit-2', ahead, async () => ({ ...VISIT, id: 'visit-2' }));
    // Much larger than any: it fills what lies between the two.
    const large = { ...VISIT, lines: ['x'.repeat(512 * 1024)] } as unknown as VisitView;
    await until('their end', () => {
      for (const id of [VISIT.id, 'visit-2']) streams.tell({ ...large, id });
      return streams.count() === 0;
    });
    one.socket.destroy();
  });

  it('end where they wait for another answer of their connection, and that one goes on and on', async () => {
    const one = await phone();
    one.socket.resume();
    await streams.open(VISIT.id, one.response, async () => VISIT);
    one.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const ahead = await until('the other request', () => asked[1]);
    await streams.open('visit-2', ahead, async () => ({ ...VISIT, id: 'visit-2' }));
    const large = { ...VISIT, id: 'visit-2', lines: ['x'.repeat(10 * 1024)] } as unknown as VisitView;
    await until('its end', () => {
      streams.tell(large);
      return !streams.watches('visit-2');
    });
    assert.ok(ahead.writableLength < 2 * LIMITS.bufferBytesMax);
    one.socket.destroy();
  });

  it('are ten for a visit, and refused beyond that', async () => {
    for (let each = 0; each < LIMITS.streamsPerVisitMax; each += 1) {
      await streams.open(VISIT.id, (await phone()).response, async () => VISIT);
    }
    const { response } = await phone();
    await assert.rejects(
      streams.open(VISIT.id, response, async () => VISIT),
      { code: 'live.too-many' },
    );
    assert.equal(streams.tell({ ...VISIT, phase: 'done' }), LIMITS.streamsPerVisitMax);
    await until('their ends', () => streams.count() === 0);
  });
});
