// The wire: shared vectors, parsers that answer to anything, numbering and freshness on both sides of each boundary.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  arrive,
  checkFresh,
  checkRising,
  checkUnexpired,
  displayText,
  EMPTY_WINDOW,
  Fault,
  FRAME_BYTES_MAX,
  type Hmac,
  openFrame,
  parseCommand,
  parseDoorReport,
  parseStatusReport,
  parseTopic,
  parseVisionCommand,
  parseVisionReport,
  SEQ_MAX,
  SEQ_STEP_MAX,
  SKEW_SECONDS_MAX,
  sayCommand,
  sealFrame,
  topicOf,
  WINDOW_SIZE,
} from '@tapcase/domain';
import fc from 'fast-check';

interface Vectors {
  readonly hmac: readonly { name: string; keyHex: string; dataHex: string; macHex: string }[];
  readonly frames: readonly {
    name: string;
    topic: string;
    keyHex: string;
    frameHex: string;
    expect: { payload: unknown } | { fault: string };
  }[];
}
const vectors = JSON.parse(readFileSync(new URL('../vectors/frames.json', import.meta.url), 'utf8')) as Vectors;

/** What becomes of a command's number after the last one; `refused` is the code, or null. */
const numbers = JSON.parse(readFileSync(new URL('../vectors/numbers.json', import.meta.url), 'utf8')) as readonly {
  readonly name: string;
  readonly last: number;
  readonly seq: number;
  readonly refused: string | null;
}[];

const hmac: Hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const KEY = Buffer.alloc(32, 1);
const TOPIC = 'case/123/door';
const PARSERS = { parseDoorReport, parseStatusReport, parseVisionReport, parseCommand, parseVisionCommand };

describe('the shared vectors', () => {
  it('are what their tool makes, to the byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapcase-vectors-'));
    try {
      const made = join(folder, 'frames.json');
      execFileSync(process.execPath, [join(import.meta.dirname, '../../tools/make-vectors.ts'), made]);
      assert.equal(
        readFileSync(made, 'utf8'),
        readFileSync(new URL('../vectors/frames.json', import.meta.url), 'utf8'),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a text for the display', () => {
  const table: readonly (readonly [string, string])[] = [
    ['Closed until nine', 'Closed until nine'],
    ['¿Otra vez? Mañana, por favor: 2 €', '¿Otra vez? Mañana, por favor: 2 €'],
    ['  two\n\nlines\t ', 'two lines'],
    ['Back at 9 🍎!', 'Back at 9 !'],
    ['Győr, Cafe\u0301, ﬀ', 'Gyor, Café,'],
    ['今日は休み', ''],
    ['\u0000\u0007\ud83c', ''],
  ];
  for (const [text, shown] of table) {
    it(`shows ${JSON.stringify(shown)} of ${JSON.stringify(text)}`, () => assert.equal(displayText(text), shown));
  }

  it('makes of any text a command that parses and fits into a frame, or none', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('“'.repeat(500), '€ '.repeat(200)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const command = sayCommand(text, 1_763_678_400_000);
        if (command === undefined) return;
        const payload = { ...command, seq: SEQ_MAX };
        assert.deepEqual(parseCommand(payload), payload);
        assert.ok(!(sealFrame({ topic: 'case/123/cmd', payload, key: KEY, hmac }) instanceof Fault));
      }),
    );
  });
});

describe('a signed frame', () => {
  for (const { name, keyHex, dataHex, macHex } of vectors.hmac) {
    it(`${name} gives the published MAC`, () => {
      const mac = hmac(Buffer.from(keyHex, 'hex'), Buffer.from(dataHex, 'hex'));
      assert.equal(Buffer.from(mac).toString('hex'), macHex);
    });
  }

  for (const { name, topic, keyHex, frameHex, expect } of vectors.frames) {
    it('fault' in expect ? `is refused: ${name} (${expect.fault})` : `is believed: ${name}`, () => {
      const key = Buffer.from(keyHex, 'hex');
      const frame = Buffer.from(frameHex, 'hex');
      const opened = openFrame({ topic, frame, keys: [key], hmac });
      if ('fault' in expect) return assertFault(opened, expect.fault);
      assert.deepEqual(opened, expect.payload);
      // Sealing what was opened makes the same bytes again.
      assert.deepEqual(Buffer.from(sealed(topic, opened as object, key)), frame);
    });
  }

  it('comes back as it was sealed, whatever the payload', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
        (payload) => {
          const frame = sealFrame({ topic: TOPIC, payload, key: KEY, hmac });
          if (frame instanceof Fault) return assert.equal(frame.code, 'frame.too-long');
          const opened = openFrame({ topic: TOPIC, frame, keys: [KEY], hmac });
          // JSON knows no minus zero.
          assert.deepEqual(opened, JSON.parse(JSON.stringify(payload)));
        },
      ),
    );
  });

  it('is refused when any single bit was changed', () => {
    const frame = sealed(TOPIC, { type: 'opened', id: 'abc123', seq: 16, at: 1_763_678_400 }, KEY);
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const changed = Uint8Array.from(frame);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const opened = openFrame({ topic: TOPIC, frame: changed, keys: [KEY], hmac });
      assert.ok(opened instanceof Fault, `bit ${bit} made no difference`);
    }
  });

  it('is refused, never a crash, for any bytes on any topic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: FRAME_BYTES_MAX + 10 }), fc.string(), (frame, topic) => {
        assert.ok(openFrame({ topic, frame, keys: [KEY], hmac }) instanceof Fault);
      }),
    );
  });

  it('signed with the previous key is believed while keys rotate, and refused when no key is known', () => {
    const frame = sealed(TOPIC, { seq: 1 }, KEY);
    const newer = Buffer.alloc(32, 2);
    assert.deepEqual(openFrame({ topic: TOPIC, frame, keys: [newer, KEY], hmac }), { seq: 1 });
    assertFault(openFrame({ topic: TOPIC, frame, keys: [newer], hmac }), 'frame.bad-mac');
    assertFault(openFrame({ topic: TOPIC, frame, keys: [], hmac }), 'frame.bad-mac');
  });

  it('that would be longer than the modem can send is not made', () => {
    assertFault(sealFrame({ topic: TOPIC, payload: { text: 'x'.repeat(1_000) }, key: KEY, hmac }), 'frame.too-long');
  });
});

describe('a topic', () => {
  it('names its case, its channel and the device whose key signs it', () => {
    assert.deepEqual(parseTopic('case/123/cmd'), { caseId: '123', channel: 'cmd', device: 'controller' });
    assert.deepEqual(parseTopic('case/a_B-9/vision/cmd'), { caseId: 'a_B-9', channel: 'vision/cmd', device: 'pi' });
    for (const channel of ['cmd', 'vision/cmd', 'door', 'status', 'vision'] as const) {
      assert.ok(!(parseTopic(topicOf('123', channel)) instanceof Fault));
    }
  });

  it('with a wildcard, a path or anything else in it is none of ours', () => {
    const strange = [
      '',
      'case',
      'case/123',
      'case/+/door',
      'case/#',
      'case//door',
      'case/123/door/',
      'case/123/toString',
    ];
    for (const topic of [
      ...strange,
      'shop/123/door',
      'case/../door',
      `case/${'1'.repeat(33)}/door`,
      'case/123/constructor',
    ]) {
      assertFault(parseTopic(topic), 'topic.unknown');
    }
    fc.assert(fc.property(fc.string(), (topic) => void parseTopic(topic)));
  });
});

describe('a payload', () => {
  it('in every believed vector is understood by the parser of its topic', () => {
    for (const { topic, expect, name } of vectors.frames) {
      if ('fault' in expect) continue;
      const { type } = expect.payload as { type?: string };
      if (type === undefined || type === 'x') continue;
      const parse = parserOf(topic);
      assert.deepEqual(parse(expect.payload), expect.payload, name);
    }
  });

  for (const [name, parse] of Object.entries(PARSERS)) {
    it(`of any shape gives ${name} a value or a Fault`, () => {
      fc.assert(fc.property(fc.anything(), (value) => isTotal(parse(value))));
    });
  }

  it('that is nearly right gives a value or a Fault, whichever field is replaced by whatever', () => {
    const good = vectors.frames.filter(({ expect }) => 'payload' in expect && hasType(expect.payload));
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(20), fc.anything(), ({ topic, expect }, index, value) => {
        const payload = { ...(expect as { payload: Record<string, unknown> }).payload };
        const names = Object.keys(payload);
        payload[names[index % names.length]!] = value;
        isTotal(parserOf(topic)(payload));
      }),
      { numRuns: 500 },
    );
  });

  it('may say more than this cloud understands, and the rest is left out', () => {
    const opened = { type: 'opened', id: 'abc123', seq: 1, at: 0 };
    assert.deepEqual(parseDoorReport({ ...opened, humidity: 40 }), opened);
  });

  it('with a number, an id or a mass that cannot be is refused', () => {
    const closed = { type: 'closed', id: 'abc123', seq: 1, at: 0, mass: 0, dmass: 0, sigma: 0 };
    assert.deepEqual(parseDoorReport(closed), closed);
    const wrong: object[] = [
      { seq: 0 },
      { seq: 1.5 },
      { seq: SEQ_MAX + 1 },
      { seq: '1' },
      { at: -1 },
      { id: 'abc12' },
      { id: 'ABC123' },
      { id: 'a'.repeat(25) },
      { dmass: Number.NaN },
      { dmass: 1_000_001 },
      { mass: null },
      { sigma: -0.1 },
    ];
    for (const part of wrong) assertFault(parseDoorReport({ ...closed, ...part }), 'payload.invalid');
    assertFault(parseDoorReport(null), 'payload.invalid');
    assertFault(parseDoorReport([closed]), 'payload.invalid');
    assertFault(parseDoorReport({ ...closed, type: 'unlock' }), 'payload.invalid');
  });
});

describe('a status', () => {
  const status = { type: 'status', seq: 1, at: 1, door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '1' };
  const boot = { cause: 'watchdog', count: 7, watchdogs: 2, state: '', safe: true };
  const full = {
    ...status,
    ...{ temp: -18.5, state: 'locked_out', faults: Array(8).fill('scale.uncalibrated'), cells: Array(8).fill(-1.5) },
    ...{ heap: 90_000, up: 86_400, power: 'battery', slot: 'b', refused: 3, boot },
  };

  it('of an older firmware says less, and of a newer one more', () => {
    assert.deepEqual(parseStatusReport(status), status);
    assert.deepEqual(parseStatusReport(full), full);
    assert.deepEqual(parseStatusReport({ ...full, humidity: 40 }), full);
  });

  it('that says too much of anything, or what cannot be, is refused', () => {
    const wrong: object[] = [
      { temp: 301 },
      { temp: Number.POSITIVE_INFINITY },
      { state: 'a'.repeat(17) },
      { state: '<b>' },
      { faults: Array(9).fill('door.bolt') },
      { faults: ['a'.repeat(25)] },
      { faults: ['<b>'] },
      { cells: Array(9).fill(0) },
      { heap: -1 },
      { up: 0.5 },
      { power: 'sun' },
      { slot: 'c' },
      { refused: 2 ** 53 },
      { boot: { ...boot, safe: 1 } },
      { boot: { ...boot, cause: 'x'.repeat(17) } },
    ];
    for (const part of wrong) assertFault(parseStatusReport({ ...full, ...part }), 'payload.invalid');
  });
});

describe('the numbers of reports', () => {
  it('are new exactly once, in whatever order they come, as far back as the window reaches', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 300 }), (seqs) => {
        const known = new Set<number>();
        let window = EMPTY_WINDOW;
        for (const seq of seqs) {
          const arrival = arrive(window, seq);
          const highest = Math.max(0, ...known);
          if (seq <= highest - WINDOW_SIZE) assert.equal(arrival.kind, 'too_old');
          else assert.equal(arrival.kind, known.has(seq) ? 'seen' : 'new');
          if (arrival.kind !== 'new') continue;
          known.add(seq);
          window = arrival.window;
          assert.equal(window.highest, Math.max(highest, seq));
          assert.match(window.bitmap, /^[0-9a-f]{64}$/);
        }
      }),
    );
  });

  it('one inside the window are taken, one outside are neither new nor seen', () => {
    const first = arrive(EMPTY_WINDOW, 1_000);
    assert.ok(first.kind === 'new');
    assert.equal(arrive(first.window, 1_000 - WINDOW_SIZE + 1).kind, 'new');
    assert.equal(arrive(first.window, 1_000 - WINDOW_SIZE).kind, 'too_old');
    const jumped = arrive(first.window, 1_000 + SEQ_STEP_MAX);
    assert.ok(jumped.kind === 'new');
    assert.equal(arrive(jumped.window, 1_000).kind, 'too_old');
  });

  it('so far above the highest that none after it would be heard are not taken', () => {
    const first = arrive(EMPTY_WINDOW, 1_000);
    assert.ok(first.kind === 'new');
    assert.deepEqual(arrive(first.window, 1_001 + SEQ_STEP_MAX), { kind: 'leap' });
    // Whoever was never heard begins where it likes.
    assert.equal(arrive(EMPTY_WINDOW, SEQ_MAX).kind, 'new');
    assert.equal(arrive(EMPTY_WINDOW, SEQ_MAX + 1).kind, 'leap');
  });

  for (const { name, last, seq, refused } of numbers) {
    it(`of commands and status: ${name}`, () => {
      const command = parseCommand({ type: 'ping', seq, at: 1_763_678_400 });
      const judged = command instanceof Fault ? command : checkRising(last, command.seq);
      assert.equal(judged?.code ?? null, refused);
    });
  }
});

describe('a command', () => {
  const NOW = 1_763_678_400;

  it('of staff is understood when every field that it needs is there and bounded', () => {
    const command = { seq: 1, at: NOW, exp: NOW + 10, id: 'staff00001' };
    for (const type of ['restock', 'tare', 'ota', 'ping'])
      assert.ok(!(parseCommand({ ...command, type }) instanceof Fault), type);
    for (const type of ['restock', 'tare', 'ota'])
      assertFault(parseCommand({ ...command, type, exp: undefined }), 'payload.invalid');
    const lockout = { type: 'lockout', seq: 1, at: NOW, on: true, reason: 'too warm' };
    assert.deepEqual(parseCommand(lockout), lockout);
    for (const part of [{ on: 1 }, { reason: 'x'.repeat(25) }, { reason: undefined }])
      assertFault(parseCommand({ ...lockout, ...part }), 'payload.invalid');
  });

  it('is fresh as long as the clocks differ by no more than the skew, either way', () => {
    for (const sign of [-1, 1]) {
      assert.equal(checkFresh({ at: NOW + sign * SKEW_SECONDS_MAX }, NOW), undefined);
      assertFault(checkFresh({ at: NOW + sign * (SKEW_SECONDS_MAX + 1) }, NOW), 'frame.clock-skew');
    }
    assert.equal(checkFresh({ at: NOW - 5 }, NOW, 5), undefined);
    assertFault(checkFresh({ at: NOW - 6 }, NOW, 5), 'frame.clock-skew');
  });

  it('dies one second after its end', () => {
    assert.equal(checkFresh({ at: NOW - 10, exp: NOW }, NOW), undefined);
    assertFault(checkFresh({ at: NOW - 10, exp: NOW - 1 }, NOW), 'frame.expired');
    assert.equal(checkUnexpired({ exp: NOW }, NOW), undefined);
    assertFault(checkUnexpired({ exp: NOW - 1 }, NOW), 'frame.expired');
  });
});

function parserOf(topic: string): (value: unknown) => unknown {
  const parts = parseTopic(topic);
  assert.ok(!(parts instanceof Fault));
  const { channel } = parts;
  const table = {
    cmd: parseCommand,
    'vision/cmd': parseVisionCommand,
    door: parseDoorReport,
    status: parseStatusReport,
    vision: parseVisionReport,
  };
  return table[channel];
}

function hasType(payload: unknown): boolean {
  const { type } = payload as { type?: string };
  return type !== undefined && type !== 'x';
}

function isTotal(result: unknown): void {
  if (result instanceof Fault) assert.equal(result.code, 'payload.invalid');
  else assert.equal(typeof result, 'object');
}

function sealed(topic: string, payload: object, key: Uint8Array): Uint8Array {
  const frame = sealFrame({ topic, payload, key, hmac });
  assert.ok(!(frame instanceof Fault));
  return frame;
}

function assertFault(result: unknown, code: string): void {
  assert.ok(result instanceof Fault, `no fault, but ${JSON.stringify(result)}`);
  assert.equal(result.code, code);
}
