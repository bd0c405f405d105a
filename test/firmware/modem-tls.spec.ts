// The firmware's modem driver through the simulated modem on a real TLS broker and a real HTTPS server.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTls, type Server as TlsServer } from 'node:tls';
import { Aedes } from 'aedes';
import { dialMqtt } from '../../sim/src/modem/broker-link.ts';
import { makeAuthority } from './certificates.ts';
import { COMMANDS, type ModemBench, modemBench, PaperBroker } from './modem-bench.ts';

const authority = makeAuthority('Tapcase test CA');
const stranger = makeAuthority('Somebody else');
/** A file longer than one range, and no multiple of anything. */
const IMAGE = Buffer.from(Array.from({ length: 300_001 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the modem’s driver behind a real broker with TLS', () => {
  let broker: Aedes;
  let server: TlsServer;
  let port: number;
  const protocols: (string | null)[] = [];

  before(async () => {
    broker = await Aedes.createBroker();
    server = createTls(authority.server(), (socket) => {
      protocols.push(socket.getProtocol());
      broker.handle(socket);
    });
    server.on('tlsClientError', () => {});
    port = await listening(server);
  });
  after(() => {
    broker.close();
    server.close();
  });

  const bench = (ca: string, host = 'localhost') =>
    modemBench({ dial: dialMqtt, secrets: { host, port, ca, tls: true } });

  it('connects over TLS 1.2 to the broker whose CA it was given, and a frame gets through both ways', async () => {
    const { connect, attempt, ask, pass, modem } = await bench(authority.ca);
    const sent = new Promise<string>((resolve) => {
      broker.on('publish', ({ topic, payload }) => {
        if (topic === 'case/123/door') resolve(payload.toString());
      });
    });
    assert.equal((await connect()).message, undefined);
    assert.equal(protocols.at(-1), 'TLSv1.2');
    assert.equal((await attempt("modem.publish('case/123/door', b'{}|mac')")).error, undefined);
    assert.equal(await sent, '{}|mac');
    const taken = new Promise<void>((resolve) => broker.once('ack', () => resolve()));
    broker.publish(
      {
        cmd: 'publish',
        topic: COMMANDS,
        payload: Buffer.from('{"a":"\\"\r\n"}|mac'),
        qos: 1,
        retain: false,
        dup: false,
      },
      () => {},
    );
    await taken;
    await pass(50);
    assert.deepEqual(ask('[[t, m.decode()] for t, m in modem.messages]'), [[COMMANDS, '{"a":"\\"\r\n"}|mac']]);
    modem.stop();
  });

  it('takes an address for a host too, where the certificate names it', async () => {
    const { connect, modem } = await bench(authority.ca, '127.0.0.1');
    assert.equal((await connect()).message, undefined);
    modem.stop();
  });

  // The simulated modem does; of a real one's MQTT nobody knows (docs/security.md).
  for (const [what, options] of [
    ['is of another name', { name: 'not-your-broker' }],
    ['has expired', { expired: true }],
  ] as const) {
    it(`does not connect to a broker whose certificate ${what}`, async () => {
      server.setSecureContext(authority.server(options));
      const { connect, ask, modem } = await bench(authority.ca);
      try {
        assert.match((await connect()).message!, /AT\+SMCONN/);
        assert.equal(ask('modem.connected'), false);
      } finally {
        modem.stop();
        server.setSecureContext(authority.server());
      }
    });
  }

  it('does not connect to a broker whose certificate another CA signed', async () => {
    const { connect, ask, modem } = await bench(stranger.ca);
    assert.match((await connect()).message!, /AT\+SMCONN/);
    assert.equal(ask('modem.connected'), false);
    modem.stop();
  });
});

describe('the modem’s driver on a real HTTPS server', () => {
  let server: HttpsServer;
  let modem: ModemBench;
  let mood: 'well' | 'dies' | 'no ranges' | 'too much' | 'absent' | 'empty' = 'well';
  const ranges: (string | undefined)[] = [];
  const sockets = new Set<Duplex>();

  before(async () => {
    server = createHttps(authority.server(), (request, response) => {
      ranges.push(request.headers.range);
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const part = IMAGE.subarray(Number(from), Number(to) + 1);
      if (mood === 'absent') response.writeHead(404).end('no');
      else if (mood === 'no ranges') response.writeHead(200).end(IMAGE.subarray(0, 4_096));
      else if (mood === 'too much') response.writeHead(206).end(Buffer.concat([part, part]));
      else if (mood === 'empty') response.writeHead(206).end();
      else if (mood === 'dies') {
        response.writeHead(206, { 'content-length': part.length });
        response.write(part.subarray(0, 3_000), () => request.socket.destroy());
      } else response.writeHead(206, { 'content-length': part.length }).end(part);
    });
    server.on('connection', (socket) => sockets.add(socket));
    const port = await listening(server);
    modem = await modemBench({
      dial: new PaperBroker().dial,
      secrets: { ca: authority.ca, tls: true, update_host: `localhost:${port}` },
    });
    await modem.connect();
  });
  beforeEach(() => {
    mood = 'well';
  });
  after(() => {
    modem.modem.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const fetch = (start: number, length: number) => modem.attempt(`modem.fetch('/images/1', ${start}, ${length})`);
  const bytesOf = (value: unknown) => Buffer.from(String(value), 'hex');

  it('reads a file in ranges over one connection, the last one shorter', async () => {
    const parts = [await fetch(0, 100_000), await fetch(100_000, 100_000), await fetch(200_000, 200_000)];
    const whole = Buffer.concat(parts.map(({ value }) => bytesOf(value)));
    assert.equal(createHash('sha256').update(whole).digest('hex'), createHash('sha256').update(IMAGE).digest('hex'));
    assert.deepEqual(ranges, ['bytes=0-99999', 'bytes=100000-199999', 'bytes=200000-399999']);
    assert.equal(modem.heard.filter((line) => line === 'AT+SHCONN').length, 1);
    assert.equal(
      modem.heard.every((line) => !line.startsWith('AT+SHREAD=') || Number(line.split(',')[1]) <= 2_048),
      true,
    );
  });

  it('lets a report go out between two pieces of a download', async () => {
    modem.modem.switches.answerMs = 5;
    modem.vm.run("slow = asyncio.create_task(modem.fetch('/images/1', 0, 200000))");
    await modem.pass(200);
    const before = modem.heard.length;
    const { tookMs } = await modem.attempt("modem.publish('case/123/door', b'x')");
    modem.modem.switches.answerMs = 0;
    assert.ok(tookMs < 200, `${tookMs} ms`);
    await modem.pass(3_000);
    assert.equal(modem.ask('slow.done()'), true);
    assert.ok(modem.heard.slice(before + 2).some((line) => line.startsWith('AT+SHREAD')));
  });

  for (const trouble of ['dies', 'no ranges', 'too much', 'absent', 'empty'] as const) {
    it(`raises when the server ${trouble === 'dies' ? 'dies in the middle' : `answers with ${trouble}`}, and the next range is well`, async () => {
      mood = trouble;
      const told = await fetch(0, 20_000);
      assert.equal(told.error, 'OSError');
      assert.match(told.message!, /https \d+/);
      assert.equal(modem.ask('modem.connected'), true);
      mood = 'well';
      assert.deepEqual(bytesOf((await fetch(5, 10)).value), IMAGE.subarray(5, 15));
    });
  }

  it('connects again when the server had closed the connection in between', async () => {
    await fetch(0, 10);
    const [socket] = [...sockets].slice(-1);
    const closed = new Promise((resolve) => socket!.once('close', resolve));
    socket!.destroy();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    let told = await fetch(0, 10);
    // Whether the modem has noticed by then is the network's affair; the second attempt finds it out at the latest.
    if (told.error !== undefined) told = await fetch(0, 10);
    assert.deepEqual(bytesOf(told.value), IMAGE.subarray(0, 10));
  });

  it('raises when the radio ends in the middle of a download, and goes on after the next connection', async () => {
    modem.modem.switches.answerMs = 20;
    modem.vm.run("slow = asyncio.create_task(told(modem.fetch('/images/1', 0, 60000)))");
    await modem.pass(600);
    modem.modem.cut();
    modem.modem.switches.answerMs = 0;
    await modem.pass(70_000);
    assert.equal(modem.ask('slow.done()'), true);
    modem.modem.restore();
    assert.equal((await modem.connect()).error, undefined);
    assert.deepEqual(bytesOf((await fetch(0, 10)).value), IMAGE.subarray(0, 10));
  });

  it('refuses ranges beyond what the modem keeps, and paths that could end their quotes', async () => {
    for (const call of ["'/x', 0, 300000", "'/x', 0, 0", "'/x', -1, 10", "'x', 0, 10", "'/a\"\\r', 0, 10"]) {
      assert.equal((await modem.attempt(`modem.fetch(${call})`)).error, 'ValueError', call);
    }
  });

  it('reads nothing from a server whose certificate another CA signed', async () => {
    const port = (server.address() as AddressInfo).port;
    const secrets = { ca: stranger.ca, tls: true, update_host: `localhost:${port}` };
    const other = await modemBench({ dial: new PaperBroker().dial, secrets });
    await other.connect();
    assert.match((await other.attempt("modem.fetch('/images/1', 0, 10)")).message!, /AT\+SHCONN/);
    other.modem.stop();
  });
});
