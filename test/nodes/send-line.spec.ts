// The serial line of tapcase-send: frames over a real pseudo-terminal as over the serial line to the controller, with noise, silence and a pulled plug.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineNode } from '@tapcase/define-node';
import { Fault, FRAME_BYTES_MAX, openFrame, parseVisionReport } from '@tapcase/domain';
import fc from 'fast-check';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { hmacSha256 } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import {
  type CarriedFrame,
  checkedFrame,
  parseCarrier,
} from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/frame.ts';
import {
  frameLine,
  LINE_BYTES_MAX,
  lineCutter,
  readLine,
  receiptLine,
  type Speaker,
} from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/line.ts';
import { openLink } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/link.ts';
import { openSerial } from '../../nodes/node-red-contrib-tapcase-edge/src/send/carrier/serial-port.ts';
import { tapcaseSend } from '../../nodes/node-red-contrib-tapcase-edge/src/send/send/send.ts';
import { needs } from '../needs.ts';
import { HANG_MS, within } from '../patience.ts';
import { bench, helper, type Message, withRuntime } from './harness.ts';
import { type FarEnd, plugIn } from './serial-pair.ts';

const TOPIC = 'case/123/vision';
const KEY = 'ab'.repeat(32);
const VECTORS = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'vectors', 'serial-lines.json'), 'utf8')) as {
  frames: { speaker: Speaker; topic: string; payload: string; crc: string; line: string }[];
  noise: string[];
};

describe('a line to the controller', () => {
  for (const { speaker, topic, payload, crc, line } of VECTORS.frames) {
    it(`carries a frame of the ${speaker}: ${crc}`, () => {
      const frame = { topic, payload: Buffer.from(payload) };
      const made = frameLine(speaker, frame);
      assert.deepEqual([made.crc, made.line.toString()], [crc, `\n${line}\n`]);
      assert.deepEqual(readLine(speaker, Buffer.from(line)), { kind: 'frame', frame, crc });
    });
  }

  for (const text of VECTORS.noise) {
    it(`takes "${text}" for nothing`, () => {
      assert.deepEqual(readLine('controller', Buffer.from(text)), { kind: 'noise' });
    });
  }

  it('takes its own echo for nothing', () => {
    const { line } = VECTORS.frames[0]!;
    assert.deepEqual(readLine('controller', Buffer.from(line)), { kind: 'noise' });
    assert.deepEqual(readLine('controller', receiptLine('pi', '3e9dde77').subarray(1, -1)), { kind: 'noise' });
  });

  it('knows a receipt', () => {
    const line = receiptLine('controller', '0000beef').subarray(1, -1);
    assert.deepEqual(readLine('controller', line), { kind: 'receipt', crc: '0000beef' });
  });

  it('refuses a line of which any bit was turned', () => {
    const line = Buffer.from(VECTORS.frames[0]!.line);
    for (let bit = 0; bit < line.length * 8; bit += 1) {
      const broken = Buffer.from(line);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(readLine('pi', broken).kind, 'noise', `bit ${bit}`);
    }
  });

  it('refuses a right sum over what is no topic of a case, too long, or empty', () => {
    for (const frame of [
      { topic: 'case/1/nothing', payload: Buffer.from('x') },
      { topic: TOPIC, payload: Buffer.alloc(FRAME_BYTES_MAX + 1, 'x') },
      { topic: TOPIC, payload: Buffer.alloc(0) },
    ]) {
      assert.equal(readLine('pi', frameLine('pi', frame).line.subarray(1, -1)).kind, 'noise');
    }
  });

  it('finds every frame between any noise, however the bytes are cut', () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    const frames = fc.array(fc.tuple(noise, fc.constantFrom(...VECTORS.frames)), { maxLength: 5 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 50 }), (given, size) => {
        const bytes = Buffer.concat(
          given.flatMap(([before, { topic, payload }]) => [
            before,
            frameLine('controller', { topic, payload: Buffer.from(payload) }).line,
          ]),
        );
        const found: string[] = [];
        const cut = lineCutter((line) => {
          const heard = line === undefined ? undefined : readLine('controller', line);
          if (heard?.kind === 'frame') found.push(heard.crc);
        });
        for (let at = 0; at < bytes.length; at += size) cut(bytes.subarray(at, at + size));
        assert.equal(found.length, given.length);
      }),
    );
  });

  it('gives up a line that has no end, keeps nothing of it, and hears the next one', () => {
    const heard: (string | undefined)[] = [];
    const cut = lineCutter((line) => heard.push(line?.toString()));
    for (let i = 0; i < 1_000; i += 1) cut(Buffer.alloc(1_000, 'x'));
    cut(Buffer.from('x\nnext\r\n\n'));
    cut(Buffer.alloc(LINE_BYTES_MAX, 'y'));
    cut(Buffer.from('\n'));
    assert.deepEqual(heard, [undefined, 'next', 'y'.repeat(LINE_BYTES_MAX)]);
  });
});

describe('the serial line to the controller', () => {
  withRuntime();
  let python: string;
  let folder: string;
  let path: string;
  let far: FarEnd | undefined;
  /** No receipt comes too late, unless a test wants it so. */
  let receiptMs: number;
  before(function () {
    python = needs(this, 'python3');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'carrier-'));
    path = join(folder, 'serial0');
    receiptMs = HANG_MS;
  });
  afterEach(async () => {
    await helper.unload();
    await far?.unplug();
    far = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  /** Nothing but the line: any frame goes over it. */
  const lineOnly = defineNode<CarriedFrame, CarriedFrame, 'received'>({
    type: 'line',
    outputs: ['received'],
    parseConfig: (raw) => raw as CarriedFrame,
    parseMessage: (raw) => checkedFrame(raw as CarriedFrame),
    build: (_config, node) => {
      const link = openLink(
        { path, baud: 115_200, open: openSerial, receiptMs: () => receiptMs },
        {
          onReceived: (frame) => node.emit({ to: 'received', add: { ...frame, carrier: link.counts() } }),
          onWell: () => undefined,
          onFault: (fault) => node.fail(fault),
        },
      );
      node.onClose(() => link.close());
      return (frame) => {
        link.send(frame);
        return undefined;
      };
    },
  });
  const load = async () => {
    const { node } = await bench({ node: { id: 'carrier', type: 'line' }, outputs: 1, modules: [lineOnly] });
    const heard: Message[] = [];
    let wake = () => {};
    for (const [id, from] of Object.entries({ out0: 'received', caught: 'fault' })) {
      helper.getNode(id).on('input', ((message: Message) => {
        heard.push({ ...message, from });
        wake();
      }) as never);
    }
    return {
      send: (payload: string, topic = TOPIC) =>
        node('carrier').receive({ topic, payload: Buffer.from(payload), qos: 1 }),
      hears: async (count: number) => {
        while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
        return heard;
      },
      heard,
    };
  };
  const codeOf = (message: Message | undefined) => (message?.error as { code?: string } | undefined)?.code;
  const sumOf = (line: string) => line.slice(3, 11);
  const receipt = (line: string) => receiptLine('controller', sumOf(line));

  it('carries the reports of tapcase-send, and hands on what comes over it', async () => {
    far = await plugIn(python, path);
    const { node } = await bench({
      node: { id: 'send', type: 'tapcase-send', keys: 'keys', state: 'state' },
      outputs: 3,
      modules: [caseKeys, deviceState, tapcaseSend({ receiptMs: HANG_MS })],
      configNodes: [
        { id: 'keys', type: 'hmac-keys', mode: 'device', caseId: '123', device: 'pi' },
        {
          ...{ id: 'state', type: 'tapcase-edge', folder, caseId: '123', serialPort: path },
          ...{ cloudUrl: 'none', snapshotsFolder: 'none' },
        },
      ],
      credentials: { keys: { deviceKey: KEY } },
    });
    const heard: [string, Message][] = [];
    const news = new EventEmitter();
    for (const id of ['out0', 'out1', 'out2', 'caught']) {
      helper.getNode(id).on('input', ((message: Message) => {
        heard.push([id, message]);
        news.emit('heard');
      }) as never);
    }
    node('send').receive({ report: { type: 'report', id: 'abc123', model: null, before: {}, after: {}, ms: 9 } });
    const line = await far.line();
    const [, payload] = new RegExp(`^~p [0-9a-f]{8} ${TOPIC} (.+)$`).exec(line)!;
    const opened = openFrame({
      ...{ topic: TOPIC, frame: Buffer.from(payload!), keys: [Buffer.from(KEY, 'hex')], hmac: hmacSha256 },
    });
    const report = parseVisionReport(opened);
    assert.equal(!(report instanceof Fault) && report.id, 'abc123');
    const came = once(news, 'heard');
    far.write(receipt(line));
    far.write(frameLine('controller', { topic: 'case/123/vision/cmd', payload: Buffer.from('{}|00') }).line);
    await within('a frame from the line', came);
    // Nothing of the report went over the network.
    const [[from, message]] = heard as [[string, Message]];
    assert.deepEqual(
      [heard.length, from, message.topic, String(message.payload)],
      [1, 'out1', 'case/123/vision/cmd', '{}|00'],
    );
    assert.deepEqual(message.carrier, { sent: 1, received: 1, ignored: 0 });
  });

  it('sends a frame over the line, and the next one when the first was taken', async () => {
    far = await plugIn(python, path);
    const { send, heard } = await load();
    send('first');
    send('second');
    send('first');
    const first = await far.line();
    assert.match(first, /^~p [0-9a-f]{8} case\/123\/vision first$/);
    far.write(receipt(first));
    const second = await far.line();
    assert.match(second, /second$/);
    far.write(receipt(second));
    assert.deepEqual(heard, []);
  });

  it('hands on a frame from the line between boot messages, gives a receipt, and counts the rest', async () => {
    far = await plugIn(python, path);
    const { hears, send } = await load();
    // What comes before the port is open is lost; a frame that was taken shows that it is.
    send('open?');
    far.write(receipt(await far.line()));
    const { topic, payload, crc, line } = VECTORS.frames[2]!;
    far.write(`ESP-ROM:esp32s3-20210327\r\n\r\nrst:0x1 (POWERON)\r\n${line.slice(0, 40)}`);
    far.write(frameLine('controller', { topic, payload: Buffer.from(payload) }).line);
    const [message] = await hears(1);
    assert.equal(await far.line(), `~p+ ${crc}`);
    assert.equal(message?.from, 'received');
    assert.deepEqual([message?.topic, String(message?.payload)], [topic, payload]);
    assert.deepEqual(message?.carrier, { sent: 1, received: 1, ignored: 3 });
  });

  it('sends once more what was not taken, then says once that the controller is silent', async () => {
    far = await plugIn(python, path);
    const { send, hears } = await load();
    receiptMs = 50;
    send('lost');
    const tries = [await far.line(), await far.line()];
    assert.equal(tries[0], tries[1]);
    assert.deepEqual((await hears(1)).map(codeOf), ['carrier.silent']);
    receiptMs = HANG_MS;
    const stop = again(() => send('heard'));
    far.write(receipt(await nextLike(far, /heard$/)));
    stop();
    send('after');
    far.write(receipt(await nextLike(far, /after$/)));
    assert.deepEqual((await hears(1)).map(codeOf), ['carrier.silent']);
  });

  it('takes no receipt for another frame', async () => {
    far = await plugIn(python, path);
    const { send } = await load();
    receiptMs = 50;
    send('one');
    send('two');
    const line = await far.line();
    far.write(receiptLine('controller', sumOf(line) === '00000000' ? '00000001' : '00000000'));
    assert.match(await far.line(), /one$/);
  });

  it('says once that the plug was pulled, and sends again when it is back', async () => {
    far = await plugIn(python, path);
    const { send, hears } = await load();
    send('before');
    far.write(receipt(await far.line()));
    await far.unplug();
    assert.deepEqual((await hears(1)).map(codeOf), ['carrier.unreachable']);
    send('meanwhile');
    far = await plugIn(python, path);
    const stop = again(() => send('back'));
    const line = await nextLike(far, /back$/);
    stop();
    far.write(receipt(line));
    assert.equal((await hears(1)).length, 1);
  });

  it('says once that there is no such port, and opens it when it comes', async () => {
    const { hears, send } = await load();
    assert.deepEqual((await hears(1)).map(codeOf), ['carrier.unreachable']);
    far = await plugIn(python, path);
    const stop = again(() => send('now'));
    await nextLike(far, /now$/);
    stop();
    assert.equal((await hears(1)).length, 1);
  });

  it('keeps 32 frames at most', async () => {
    far = await plugIn(python, path);
    const { send } = await load();
    for (let i = 0; i < 40; i += 1) send(`frame ${i}.`);
    const got: string[] = [];
    for (let i = 0; i < 32; i += 1) {
      const line = await far.line();
      got.push(line);
      far.write(receipt(line));
    }
    assert.match(got.at(-1)!, /frame 31\.$/);
    send('the last.');
    assert.match(await far.line(), /the last\.$/);
  });

  for (const [name, message, code] of [
    ['a frame of more than 1,024 bytes', { topic: TOPIC, payload: Buffer.alloc(1_025, 'x') }, 'frame.too-long'],
    ['a frame with a line end', { topic: TOPIC, payload: Buffer.from('a\nb') }, 'frame.malformed'],
    ['a topic that no case has', { topic: 'case/123/lamp', payload: Buffer.from('x') }, 'topic.unknown'],
  ] as const) {
    it(`refuses ${name}`, () => {
      const fault = checkedFrame(message);
      assert.equal(fault instanceof Fault && fault.code, code);
    });
  }

  for (const config of [
    { serialPort: '', baud: '115200' },
    { serialPort: 'COM 1', baud: '115200' },
    { serialPort: 'none', baud: '10' },
    { serialPort: '/dev/serial0', baud: 'fast' },
  ]) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      const fault = parseCarrier(config);
      assert.ok(fault instanceof Fault);
      assert.equal(fault.code, 'config.invalid');
    });
  }
});

/** As tapcase-send does, only sooner: what was not taken is sent again. */
function again(send: () => void): () => void {
  const timer = setInterval(send, 20);
  return () => clearInterval(timer);
}

/** Lines that were sent a second time in between are passed over. */
async function nextLike(far: FarEnd, wanted: RegExp): Promise<string> {
  for (;;) {
    const line = await far.line();
    if (wanted.test(line)) return line;
  }
}
