// Makes test/vectors/frames.json, which the cloud's tests and the firmware's both read: `node tools/make-vectors.ts [FILE]`.
// Everything in it is fixed, so that a second run changes no byte. The MACs come from node:crypto, not from our envelope.
import { createHmac, hkdfSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

interface FrameVector {
  readonly name: string;
  readonly topic: string;
  readonly keyHex: string;
  readonly frameHex: string;
  readonly expect: { readonly payload: unknown } | { readonly fault: string };
}

const AT = 1_763_678_400;
const NONCE = '00112233445566778899aabbccddeeff';
const VISIT = 'abc123';
const CMD = 'case/123/cmd';
const DOOR = 'case/123/door';

// Test keys: the master is 32 times 0x07.
const key = (device: string) =>
  Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 7), '', `tapcase/v1/123/${device}`, 32));
const CONTROLLER = key('controller');
const PI = key('pi');

const STATUS = {
  type: 'status',
  seq: 18,
  at: AT,
  door: 'closed',
  mass: 355.2,
  vcc: 3.7,
  temp: 4.1,
  rssi: -93,
  fw: '1.4.0',
};
const FULL_STATUS = {
  ...{ type: 'status', seq: 23, at: AT, door: 'closed', mass: 355.5, vcc: 3.75, state: 'locked_out' },
  ...{ faults: ['door.bolt', 'temp.range'], temp: 9.5, cells: [88.5, 90.25, 87.5, 89.25], power: 'battery', slot: 'b' },
  boot: { cause: 'watchdog', count: 7, watchdogs: 1, state: 'open', safe: false },
  ...{ fw: '0.2.0', rssi: -93, refused: 2, up: 86_400, heap: 91_234 },
};
const RESTOCKED = { type: 'restocked', seq: 22, at: AT, id: 'staff1', mass: 12_355.5, dmass: -8_520.5, sigma: 2.5 };
const REPORT = {
  type: 'report',
  id: VISIT,
  seq: 9,
  at: AT,
  model: '0123456789ab',
  before: { 0: { cola: 4 }, 1: { cola: 3, chips: 2 } },
  after: { 0: { cola: 2 }, 1: { cola: 2, chips: 2 } },
  scores: { cola: 0.91 },
  ms: 812,
};
const UNLOCK = { type: 'unlock', id: VISIT, seq: 41, at: AT, exp: AT + 10 };
const SHOW = {
  type: 'show',
  id: VISIT,
  seq: 42,
  at: AT,
  outcome: 'charged',
  items: [['cola', 2]],
  total: 400,
  currency: 'usd',
  lang: 'en',
};

const good: readonly (readonly [name: string, topic: string, key: Buffer, payload: unknown])[] = [
  ['unlock', CMD, CONTROLLER, UNLOCK],
  ['show', CMD, CONTROLLER, SHOW],
  ['ack of a door report', CMD, CONTROLLER, { type: 'ack', seq: 43, at: AT, topic: 'door', of: 17 }],
  ['time', CMD, CONTROLLER, { type: 'time', seq: 44, at: AT, nonce: NONCE }],
  ['lockout', CMD, CONTROLLER, { type: 'lockout', seq: 44, at: AT, on: true, reason: 'too warm' }],
  ['lockout taken back', CMD, CONTROLLER, { type: 'lockout', seq: 45, at: AT, on: false, reason: '' }],
  ['restock', CMD, CONTROLLER, { type: 'restock', id: 'staff1', seq: 46, at: AT, exp: AT + 10 }],
  ['tare', CMD, CONTROLLER, { type: 'tare', seq: 47, at: AT, exp: AT + 10 }],
  ['ota', CMD, CONTROLLER, { type: 'ota', seq: 48, at: AT, exp: AT + 10 }],
  ['ping', CMD, CONTROLLER, { type: 'ping', seq: 49, at: AT }],
  ['observe', 'case/123/vision/cmd', PI, { type: 'observe', id: VISIT, seq: 7, at: AT, exp: AT + 10 }],
  ['keep', 'case/123/vision/cmd', PI, { type: 'keep', id: VISIT, seq: 9, at: AT, exp: AT + 86_400 }],
  ['ack of a vision report', 'case/123/vision/cmd', PI, { type: 'ack', seq: 8, at: AT, topic: 'vision', of: 9 }],
  ['door unlocked', DOOR, CONTROLLER, { type: 'unlocked', id: VISIT, seq: 15, at: AT, mass: 2100.5 }],
  ['door opened', DOOR, CONTROLLER, { type: 'opened', id: VISIT, seq: 16, at: AT }],
  [
    'door closed',
    DOOR,
    CONTROLLER,
    { type: 'closed', id: VISIT, seq: 17, at: AT, mass: 1745.3, dmass: 355.2, sigma: 2.1 },
  ],
  ['door timeout', DOOR, CONTROLLER, { type: 'timeout', id: VISIT, seq: 18, at: AT, mass: 2100.5 }],
  ['door open too long', DOOR, CONTROLLER, { type: 'open_too_long', id: VISIT, seq: 19, at: AT }],
  ['door refused', DOOR, CONTROLLER, { type: 'refused', id: VISIT, seq: 21, at: AT, code: 'frame.expired' }],
  ['door forced', DOOR, CONTROLLER, { type: 'forced', seq: 20, at: AT, mass: -12.5 }],
  ['door fault', DOOR, CONTROLLER, { type: 'fault', seq: 20, at: AT, code: 'door.bolt' }],
  ['door fault during a visit', DOOR, CONTROLLER, { type: 'fault', seq: 21, at: AT, id: VISIT, code: 'door.bolt' }],
  ['door restocked', DOOR, CONTROLLER, RESTOCKED],
  ['status', 'case/123/status', CONTROLLER, STATUS],
  ['status of a case with everything', 'case/123/status', CONTROLLER, FULL_STATUS],
  ['hello', 'case/123/status', CONTROLLER, { type: 'hello', seq: 1, at: 0, nonce: NONCE, fw: '1.4.0' }],
  ['vision report', 'case/123/vision', PI, REPORT],
  ['the separator inside the payload', DOOR, CONTROLLER, { type: 'x', text: 'a|b|' + 'c'.repeat(64) }],
  ['letters beyond ASCII', CMD, CONTROLLER, { type: 'x', text: 'piñata 🥤 €' }],
  ['an empty object', CMD, CONTROLLER, {}],
];

const frames: FrameVector[] = [
  ...good.map(([name, topic, k, payload]) => vector(name, topic, k, seal(topic, k, json(payload)), { payload })),
  ...refused(),
  ...atTheLimit(),
];
const document = `${JSON.stringify({ hmac: rfc4231(), frames }, null, 1)}\n`;
writeFileSync(process.argv[2] ?? new URL('../test/vectors/frames.json', import.meta.url), document);

function refused(): FrameVector[] {
  const frame = seal(CMD, CONTROLLER, json(UNLOCK));
  const bad = (name: string, bytes: Buffer, fault: string, topic = CMD, k = CONTROLLER) =>
    vector(name, topic, k, bytes, { fault });
  const body = json(UNLOCK);
  const digits = frame.subarray(body.length + 1);
  return [
    bad('one digit of the MAC is wrong', changed(frame, frame.length - 1), 'frame.bad-mac'),
    bad('one byte of the payload is wrong', changed(frame, 3), 'frame.bad-mac'),
    bad('made for another topic', frame, 'frame.bad-mac', DOOR),
    bad('made for another case', frame, 'frame.bad-mac', 'case/124/cmd'),
    bad('signed by another device', seal(CMD, PI, body), 'frame.bad-mac'),
    bad('MAC without the topic', join(body, hmac(CONTROLLER, body).toString('hex')), 'frame.bad-mac'),
    bad('upper-case hex', join(body, digits.toString().toUpperCase()), 'frame.malformed'),
    bad('a letter that is no hex digit', join(body, `${digits.toString().slice(0, 63)}g`), 'frame.malformed'),
    bad('no separator', Buffer.concat([body, digits]), 'frame.malformed'),
    bad('another separator', Buffer.concat([body, Buffer.from(';'), digits]), 'frame.malformed'),
    bad('the last byte is missing', frame.subarray(0, -1), 'frame.malformed'),
    bad('a line end after the MAC', Buffer.concat([frame, Buffer.from('\n')]), 'frame.malformed'),
    bad('only the MAC', digits, 'frame.malformed'),
    bad('no byte at all', Buffer.alloc(0), 'frame.malformed'),
    bad('payload is not UTF-8', seal(CMD, CONTROLLER, Buffer.from([0x22, 0xff, 0xfe, 0x22])), 'frame.not-utf8'),
    bad('payload is not JSON', seal(CMD, CONTROLLER, Buffer.from('{"type":')), 'frame.not-json'),
    bad('payload is empty', seal(CMD, CONTROLLER, Buffer.alloc(0)), 'frame.not-json'),
  ];
}

/** 1,024 bytes are the longest frame that the modem sends (SIM7080G AT manual, AT+SMPUB). */
function atTheLimit(): FrameVector[] {
  const padded = (length: number) => ({
    type: 'x',
    text: 'z'.repeat(length - 65 - json({ type: 'x', text: '' }).length),
  });
  const longest = padded(1024);
  const sealed = (payload: object) => seal(CMD, CONTROLLER, json(payload));
  return [
    vector('1,024 bytes', CMD, CONTROLLER, sealed(longest), { payload: longest }),
    vector('1,025 bytes', CMD, CONTROLLER, sealed(padded(1025)), { fault: 'frame.too-long' }),
  ];
}

/** RFC 4231, test cases 1 to 4, 6 and 7; case 5 is about cutting a MAC short, which we never do. */
function rfc4231() {
  const text = (words: string) => Buffer.from(words).toString('hex');
  const largeKey =
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.';
  const rows = [
    [1, '0b'.repeat(20), text('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      2,
      text('Jefe'),
      text('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [3, 'aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      4,
      Buffer.from(Array.from({ length: 25 }, (_, i) => i + 1)).toString('hex'),
      'cd'.repeat(50),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
    [
      6,
      'aa'.repeat(131),
      text('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [7, 'aa'.repeat(131), text(largeKey), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
  ] as const;
  return rows.map(([number, keyHex, dataHex, macHex]) => ({
    name: `RFC 4231 test case ${number}`,
    keyHex,
    dataHex,
    macHex,
  }));
}

function vector(name: string, topic: string, k: Buffer, frame: Buffer, expect: FrameVector['expect']): FrameVector {
  return { name, topic, keyHex: k.toString('hex'), frameHex: frame.toString('hex'), expect };
}

function seal(topic: string, k: Buffer, body: Buffer): Buffer {
  return join(body, hmac(k, Buffer.concat([Buffer.from(`${topic}\n`), body])).toString('hex'));
}

function join(body: Buffer, digits: string): Buffer {
  return Buffer.concat([body, Buffer.from(`|${digits}`)]);
}

function hmac(k: Buffer, data: Buffer): Buffer {
  return createHmac('sha256', k).update(data).digest();
}

function json(payload: unknown): Buffer {
  return Buffer.from(JSON.stringify(payload));
}

/** The byte at `index` as another hex digit or letter. */
function changed(frame: Buffer, index: number): Buffer {
  const copy = Buffer.from(frame);
  copy[index] = copy[index] === 0x30 ? 0x31 : 0x30;
  return copy;
}
