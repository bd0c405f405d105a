// The serial line from the controller's side: the Pi's own carrier at one end, the unmodified firmware at the other.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, sealFrame } from '@tapcase/domain';
import mqtt, { type MqttClient } from 'mqtt';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import type { CarriedFrame } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/frame.ts';
import { frameLine, type Speaker } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/line.ts';
import { type Link, openLink } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/link.ts';
import type {
  SerialConnection,
  SerialEvents,
} from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/serial-port.ts';
import { accountsOf, type Broker, startBroker } from '../../sim/src/broker/broker.ts';
import { type Board, createBoard } from '../../sim/src/case/board.ts';
import { REAL_CLOCK, timersOf } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import { seededRandom } from '../../sim/src/shelf/random.ts';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

const VECTORS = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'vectors', 'serial-lines.json'), 'utf8')) as {
  frames: { speaker: Speaker; topic: string; payload: string; crc: string; line: string }[];
  noise: string[];
};
/** The key of the vectors' frames: the Pi's. */
const KEY = Buffer.alloc(32, 7);
const UP = 'case/123/vision';
const DOWN = 'case/123/vision/cmd';
/** Nobody on the line reads the date of a frame. */
const AT = Math.floor(Date.now() / 1000);

/** A line whose other end is JavaScript, and a link that keeps what it publishes. */
const HALF = `
import asyncio, binascii, json, wire
from pi_line import PiLine

class Uart:
    def any(self):
        return wire.any()
    def read(self):
        return binascii.unhexlify(wire.read())
    def write(self, data):
        wire.write(binascii.hexlify(data).decode())

class Link:
    @property
    def connected(self):
        return wire.connected()
    async def publish(self, topic, frame):
        await asyncio.sleep_ms(40)
        if not wire.connected():
            raise OSError("away")
        wire.publish(topic, binascii.hexlify(frame).decode())

class Faults:
    def set(self, code, on):
        wire.fault(code, on)

pi = PiLine(Uart(), "case/123", Link(), Faults())

async def listen():
    while True:
        while wire.waiting():
            pi.hear("${DOWN}", binascii.unhexlify(wire.heard()))
        await asyncio.sleep_ms(10)
`;

interface Wire {
  readonly toBoard: Buffer[];
  readonly fromBoard: Buffer[];
  readonly published: { topic: string; frame: string }[];
  readonly heard: Buffer[];
  readonly faults: string[];
  connected: boolean;
  onWrite: (bytes: Buffer) => void;
  onPublish: (frame: Buffer) => void;
}

async function half(build?: string): Promise<{ vm: FirmwareVm; wire: Wire }> {
  const vm = await firmwareVm(build);
  const wire: Wire = {
    toBoard: [],
    fromBoard: [],
    published: [],
    heard: [],
    faults: [],
    connected: true,
    onWrite: (bytes) => void wire.fromBoard.push(bytes),
    onPublish: () => {},
  };
  vm.module('wire', {
    any: () => wire.toBoard.length,
    read: () => wire.toBoard.shift()?.toString('hex') ?? '',
    write: (hex: string) => wire.onWrite(Buffer.from(hex, 'hex')),
    connected: () => wire.connected,
    publish: (topic: string, hex: string) => {
      const frame = Buffer.from(hex, 'hex');
      wire.published.push({ topic, frame: frame.toString() });
      wire.onPublish(frame);
    },
    waiting: () => wire.heard.length,
    heard: () => wire.heard.shift()!.toString('hex'),
    fault: (code: string, on: boolean) => {
      if (wire.faults.at(-1) !== `${code} ${on}`) wire.faults.push(`${code} ${on}`);
    },
  });
  vm.run(HALF);
  return { vm, wire };
}

const START = 'asyncio.create_task(pi.run(lambda: None)); asyncio.create_task(listen())';
const counts = (vm: FirmwareVm) =>
  vm.run('print(json.dumps([pi.published, pi.delivered, pi.dropped, pi.ignored, len(pi.up), len(pi.down)]))')[0];

describe('the controller’s half of the serial line', () => {
  for (const { name, build } of VMS) {
    it(`reads and writes the same lines as the Pi, in MicroPython ${name}`, async () => {
      const { vm, wire } = await half(build);
      await vm.runFor(100, START);
      const ups = VECTORS.frames.filter(({ speaker }) => speaker === 'pi');
      const [down] = VECTORS.frames.filter(({ speaker }) => speaker === 'controller');
      for (const text of [...VECTORS.noise, down!.line, '~c+ 3e9dde77']) wire.toBoard.push(Buffer.from(`${text}\r\n`));
      for (const { line } of ups) wire.toBoard.push(Buffer.from(`${line}\n`));
      wire.heard.push(Buffer.from(down!.payload));
      await vm.runFor(1_000, '');
      assert.deepEqual(
        wire.published,
        ups.map(({ topic, payload }) => ({ topic, frame: payload })),
      );
      assert.deepEqual(
        wire.fromBoard.map(String).sort(),
        [...ups.map(({ crc }) => `\n~c+ ${crc}\n`), `\n${down!.line}\n`].sort(),
      );
      wire.toBoard.push(Buffer.from(`~p+ ${down!.crc}\n`));
      await vm.runFor(10_000, '');
      assert.deepEqual(counts(vm), [2, 1, 0, VECTORS.noise.length + 2, 0, 0]);
    });
  }

  it('takes a line of which any bit was turned for nothing', async () => {
    const { vm, wire } = await half();
    await vm.runFor(20, START);
    const line = Buffer.from(VECTORS.frames[0]!.line);
    for (let bit = 0; bit < line.length * 8; bit += 1) {
      const broken = Buffer.from(line);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      wire.toBoard.push(Buffer.concat([broken, Buffer.from('\n')]));
    }
    await vm.runFor(30_000, '');
    assert.deepEqual([wire.published, wire.fromBoard], [[], []]);
  });

  it('publishes nothing but its own case’s vision, whatever a stolen Pi asks for', async () => {
    const { vm, wire } = await half();
    const payload = Buffer.from('{"type":"closed","id":"abc123","seq":1,"at":1}|00');
    for (const topic of ['case/123/door', 'case/124/vision', DOWN, 'case/123/cmd', 'case/123/online/pi', '$SYS/x']) {
      wire.toBoard.push(frameLine('pi', { topic, payload }).line);
    }
    await vm.runFor(1_000, START);
    assert.deepEqual([wire.published, wire.fromBoard], [[], []]);
    assert.deepEqual(counts(vm), [0, 0, 0, 6, 0, 0]);
  });

  it('gives up a line without an end, in bounded memory, and hears the longest line after it', async () => {
    const { vm, wire } = await half();
    for (let i = 0; i < 1_000; i += 1) wire.toBoard.push(Buffer.alloc(1_000, 'x'));
    const frame = { topic: UP, payload: Buffer.alloc(1_024, 'y') };
    wire.toBoard.push(Buffer.from('\n'), frameLine('pi', frame).line);
    wire.toBoard.push(frameLine('pi', { topic: UP, payload: Buffer.alloc(1_025, 'y') }).line);
    await vm.runFor(20_000, START);
    assert.deepEqual(wire.published, [{ topic: UP, frame: 'y'.repeat(1_024) }]);
    assert.deepEqual(counts(vm), [1, 0, 0, 2, 0, 0]);
    assert.deepEqual(vm.run('print(len(pi.rest))'), [0]);
  });

  it('keeps what it gave a receipt for while the radio is away, and is silent when it has no more room', async () => {
    const { vm, wire } = await half();
    wire.connected = false;
    const frames = Array.from({ length: 10 }, (_, i) => ({ topic: UP, payload: Buffer.from(`frame ${i}`) }));
    const say = async (ms: number) => {
      for (const frame of frames) wire.toBoard.push(frameLine('pi', frame).line);
      await vm.runFor(ms, '');
    };
    await vm.runFor(10, START);
    await say(1_000);
    assert.equal(wire.fromBoard.length, 8);
    // The same again: receipts again, yet each is kept once.
    await say(1_000);
    assert.equal(wire.fromBoard.length, 16);
    wire.connected = true;
    await vm.runFor(2_000, '');
    await say(2_000);
    assert.deepEqual(
      wire.published.slice(0, 8).map(({ frame }) => frame),
      frames.slice(0, 8).map(({ payload }) => payload.toString()),
    );
    assert.deepEqual(new Set(wire.published.map(({ frame }) => frame)).size, 10);
  });

  it('says a command twice to a Pi that gives no receipt, drops it, and says pi.silent until the Pi is heard', async () => {
    const { vm, wire } = await half();
    for (let i = 0; i < 12; i += 1) wire.heard.push(Buffer.from(`command ${i}`));
    await vm.runFor(6_000, START);
    assert.deepEqual(
      wire.fromBoard.slice(0, 3).map((line) => line.toString().trim().split(' ').slice(3).join(' ')),
      ['command 0', 'command 0', 'command 1'],
    );
    assert.deepEqual(wire.faults, ['pi.silent true']);
    await vm.runFor(60_000, '');
    // Eight found room; the others were dropped at once.
    assert.deepEqual([wire.fromBoard.length, counts(vm)], [16, [0, 0, 8, 0, 0, 0]]);
    wire.toBoard.push(frameLine('pi', { topic: UP, payload: Buffer.from('back') }).line);
    await vm.runFor(100, '');
    assert.deepEqual(wire.faults, ['pi.silent true', 'pi.silent false']);
  });

  it('says a command once that the broker delivered twice', async () => {
    const { vm, wire } = await half();
    const frame = Buffer.from('the same');
    wire.heard.push(frame, frame);
    wire.onWrite = (bytes) => {
      wire.fromBoard.push(bytes);
      wire.toBoard.push(Buffer.from(`\n~p+ ${bytes.toString().split(' ')[1]}\n`));
    };
    await vm.runFor(10_000, START);
    assert.deepEqual([wire.fromBoard.length, counts(vm)], [1, [0, 1, 0, 0, 0, 0]]);
  });

  it('survives 20,000 lines of garbage, and hears the next frame', async () => {
    const { vm, wire } = await half();
    const random = seededRandom(3);
    const good = Buffer.from(`${VECTORS.frames[0]!.line}\n`);
    await vm.runFor(20, START);
    for (let i = 0; i < 20_000; i += 1) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 24) }, () => Math.floor(random() * 256)));
      const start = ['~p ', '~p+ ', '~c ', '~', good.subarray(0, Math.floor(random() * (good.length - 2)))];
      const chosen = start[Math.floor(random() * start.length)]!;
      wire.toBoard.push(Buffer.concat([Buffer.from(chosen as string), bytes, Buffer.from('\n')]));
    }
    wire.toBoard.push(good);
    await vm.runFor(250_000, '');
    assert.deepEqual(
      [wire.toBoard.length, wire.published.map(({ frame }) => frame)],
      [0, [VECTORS.frames[0]!.payload]],
    );
  });

  it('brings each report of the Pi’s carrier to the broker as it was signed, and the acks back, over a bad line', async () => {
    const { vm, wire } = await half();
    const random = seededRandom(11);
    const restore = takeTimers(vm);
    const sent = Array.from({ length: 25 }, (_, i) => reportFrame(i + 1));
    const unacked = new Map(sent.map((frame, i) => [i + 1, frame]));
    let toPi: (bytes: Uint8Array) => void = () => {};
    let seq = 0;
    wire.onWrite = (bytes) => toPi(spoiled(bytes, random));
    wire.onPublish = (frame) => {
      const report = openFrame({ topic: UP, frame, keys: [KEY], hmac }) as { seq: number };
      assert.ok(!(report instanceof Error), String(report));
      seq += 1;
      const ack = { type: 'ack', topic: 'vision', of: report.seq, seq, at: AT };
      wire.heard.push(Buffer.from(sealFrame({ topic: DOWN, payload: ack, key: KEY, hmac }) as Uint8Array));
    };
    const link = piCarrier(
      (events) => (toPi = events.onBytes),
      (bytes) => void wire.toBoard.push(spoiled(bytes, random)),
      ({ topic, payload }) => {
        const ack = openFrame({ topic, frame: payload, keys: [KEY], hmac }) as { of: number };
        assert.ok(!(ack instanceof Error), String(ack));
        unacked.delete(ack.of);
      },
    );
    try {
      await vm.runFor(10, START);
      for (let round = 0; unacked.size > 0; round += 1) {
        assert.ok(round < 200, `${unacked.size} reports never got through`);
        // The radio is away in every third ten seconds.
        wire.connected = round % 3 !== 1;
        for (const frame of unacked.values()) link.send(frame);
        await vm.clock.advance(10_000, () => new Promise((resolve) => setImmediate(resolve)));
      }
    } finally {
      await link.close();
      restore();
    }
    const signed = new Set(sent.map(({ payload }) => Buffer.from(payload).toString()));
    assert.equal(new Set(wire.published.map(({ frame }) => frame)).size, sent.length);
    assert.ok(wire.published.every(({ topic, frame }) => topic === UP && signed.has(frame)));
    const [, , , ignored] = counts(vm) as number[];
    assert.ok(ignored! > 10 && link.counts().ignored > 10, `${ignored} and ${link.counts().ignored} lines were noise`);
  });
});

function reportFrame(seq: number): CarriedFrame {
  const payload = { type: 'report', id: 'abc123', model: null, before: {}, after: {}, ms: seq, seq, at: AT };
  return { topic: UP, payload: sealFrame({ topic: UP, payload, key: KEY, hmac }) as Uint8Array };
}

/** The Pi's own half, on a line that the test holds. */
function piCarrier(
  onOpen: (events: SerialEvents) => void,
  write: (bytes: Buffer) => void,
  onReceived: (frame: CarriedFrame) => void,
): Link {
  const open = async (_path: string, _baud: number, events: SerialEvents): Promise<SerialConnection> => {
    onOpen(events);
    return { write: async (bytes) => write(Buffer.from(bytes)), close: async () => {} };
  };
  return openLink({ path: '/dev/serial0', baud: 115_200, open }, { onReceived, onWell: () => {}, onFault: () => {} });
}

/** What a spark, a loose plug and a rebooting board make of a line: noise before it, a turned bit, half of it, or twice. */
function spoiled(bytes: Buffer, random: () => number): Buffer {
  const kind = random();
  const noise = Buffer.from(Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 256)));
  if (kind < 0.1) return Buffer.concat([noise, bytes]);
  if (kind < 0.2) return bytes.subarray(0, Math.floor(random() * bytes.length));
  if (kind < 0.3) return Buffer.concat([bytes, bytes]);
  if (kind >= 0.4) return bytes;
  const broken = Buffer.from(bytes);
  broken[Math.floor(random() * broken.length)]! ^= 1 << Math.floor(random() * 8);
  return broken;
}

/** From here on JavaScript's timers are the VM's virtual ones, so that the Pi's waits cost nothing. */
function takeTimers({ clock }: FirmwareVm): () => void {
  const { setTimeout, clearTimeout } = globalThis;
  Object.assign(globalThis, timersOf(clock));
  return () => Object.assign(globalThis, { setTimeout, clearTimeout });
}

describe('a Pi behind a whole controller', () => {
  let folder: string;
  let broker: Broker;
  let cloud: MqttClient;
  let board: Board;
  let modem: Sim7080g;
  let link: Link;
  let toPi: (bytes: Uint8Array) => void = () => {};
  const acked: number[] = [];
  const recorded: string[] = [];
  let look = () => {};
  let seq = 0;
  let radioIsAway = false;

  const send = (topic: string, payload: object) => {
    seq += 1;
    const at = Math.floor(Date.now() / 1000);
    cloud.publish(
      topic,
      Buffer.from(sealFrame({ topic, payload: { seq, at, ...payload }, key: KEY, hmac }) as Uint8Array),
      {
        qos: 1,
      },
    );
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-pi-'));
    broker = await startBroker({ port: 0, accounts: accountsOf(['123'], { cloud: 'c', device: () => 'd' }) });
    cloud = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'cloud', password: 'c' });
    cloud.on('message', (topic, frame) => {
      const payload = openFrame({ topic, frame, keys: [KEY], hmac }) as { type: string; nonce?: string; seq: number };
      if (payload.type === 'hello') send('case/123/cmd', { type: 'time', nonce: payload.nonce });
      if (topic !== UP) return;
      recorded.push(frame.toString());
      send(DOWN, { type: 'ack', topic: 'vision', of: payload.seq });
    });
    await cloud.subscribeAsync(['case/+/status', 'case/+/vision']);
    const secrets = { case: '123', key: KEY.toString('hex'), host: '127.0.0.1', port: broker.port, tls: false };
    const provisioned = { ...secrets, user: '123-controller', password: 'd', fitted: ['pi'] };
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify(provisioned));
    modem = new Sim7080g({ clock: REAL_CLOCK, send: (bytes) => board.send(1, bytes) });
    board = await createBoard({
      clock: REAL_CLOCK,
      massGrams: () => 5_000,
      doorOpen: () => false,
      uarts: { 1: modem, 2: { receive: (bytes) => toPi(bytes) } },
      chips: [new Ssd1306Chip()],
      seed: 1,
      mount: (vm) => mountFlash(vm, folder),
      onPin: () => {},
      onLed: () => {},
      onLog: () => {},
      onReset: () => {},
    });
    board.boot();
    link = piCarrier(
      (events) => (toPi = events.onBytes),
      (bytes) => board.send(2, bytes),
      ({ topic, payload }) => {
        const ack = openFrame({ topic, frame: payload, keys: [KEY], hmac }) as { of: number };
        acked.push(ack.of);
        look();
      },
    );
  });
  after(async () => {
    await link?.close();
    // The board lives in real time, and would for ever.
    board?.vm.runPython('import asyncio\nq = asyncio.core._task_queue\nwhile q.peek():\n    q.pop()');
    modem?.stop();
    await cloud?.endAsync(true);
    await broker?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has its reports recorded as it signed them, before and after a lost radio, and gets the acks', async () => {
    const frames = [1, 2, 3, 4].map(reportFrame);
    const all = new Promise<void>((resolve) => {
      look = () => {
        if (acked.includes(2) && !radioIsAway) {
          radioIsAway = true;
          modem.cut();
          for (const frame of frames.slice(2)) link.send(frame);
          modem.restore();
        }
        if ([1, 2, 3, 4].every((of) => acked.includes(of))) resolve();
      };
    });
    for (const frame of frames.slice(0, 2)) link.send(frame);
    await all;
    assert.deepEqual(
      [...new Set(recorded)],
      frames.map(({ payload }) => Buffer.from(payload).toString()),
    );
  });
});
