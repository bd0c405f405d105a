// Oddities of how a request lies on the wire: its length, its end, what comes with it, protocols that are none of ours.
import { add, bytesOf, type Draft, set } from './draft.ts';
import { FRAMES } from './frames.ts';
import { type Mutators, oneOf } from './mutator.ts';

const LENGTHS = [
  '',
  '+5',
  '-1',
  '0x10',
  '1e3',
  ' 5 ',
  '5, 5',
  '5,6',
  '99999999999999999999',
  '9007199254740993',
  '1.5',
  'x',
  '00000000000000000002',
  '2 2',
  '18446744073709551617',
];
const TRANSFERS = [
  'chunked',
  'Chunked',
  ' chunked',
  'xchunked',
  'chunked, identity',
  'gzip, chunked',
  'identity',
  'chunked, chunked',
  '',
  '\u000bchunked',
  'chunked;x',
];
const CHUNKS = [
  '0\r\n\r\n',
  '2\r\n{}\r\n0\r\n\r\n',
  '2;x=y\r\n{}\r\n0\r\n\r\n',
  'g\r\n{}\r\n',
  'ffffffffffffffff\r\n',
  '2\r\n{}',
  '-1\r\n',
  '0x2\r\n{}\r\n0\r\n\r\n',
  '2\n{}\n0\n\n',
  '0\r\nx-odd: 1\r\n\r\n',
  `1;${'x'.repeat(20_000)}\r\n`,
];
const UPGRADES: readonly (readonly [connection: string, upgrade: string])[] = [
  ...([
    ['upgrade', 'websocket'],
    ['Upgrade', 'WebSocket'],
    ['keep-alive, Upgrade', 'websocket'],
    ['upgrade', 'h2c'],
    ['upgrade', ''],
  ] as const),
  ...([
    ['upgrade', 'websocket, h2c'],
    ['close', 'websocket'],
    ['', 'websocket'],
    ['upgrade', '__proto__'],
    ['upgrade, http2-settings', 'h2c'],
  ] as const),
];
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const HELLO = Buffer.from('1603010200010001fc0303', 'hex');
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

const framing = (draft: Draft) => {
  draft.ends = 'half';
};

export const WIRE_MUTATORS: Mutators = {
  'length: odd': oneOf(LENGTHS, (draft, length) => {
    draft.saysLength = false;
    set(draft, 'content-length', length);
    framing(draft);
  }),
  'length: twice': (draft, random) => {
    add(draft, 'content-length', random.chance(0.5) ? String(draft.body.length) : '3');
    framing(draft);
  },
  'length: none': (draft) => {
    draft.saysLength = false;
    framing(draft);
  },
  'length: more than comes': oneOf([1, 10, 60_000, 3_000_000], (draft, more) => {
    draft.saysLength = false;
    set(draft, 'content-length', String(draft.body.length + more));
    framing(draft);
  }),
  'length: less than comes': (draft, random) => {
    draft.saysLength = false;
    set(draft, 'content-length', String(random.whole(0, draft.body.length)));
    framing(draft);
  },
  'transfer: odd': oneOf(TRANSFERS, (draft, transfer, random) => {
    draft.saysLength = random.chance(0.3);
    set(draft, 'transfer-encoding', transfer);
    draft.body = Buffer.from(random.pick(CHUNKS));
    framing(draft);
  }),
  'transfer: in chunks': (draft) => {
    draft.saysLength = false;
    set(draft, 'transfer-encoding', 'chunked');
    const { body } = draft;
    const chunk = body.length === 0 ? '' : `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n`;
    draft.body = Buffer.from(`${chunk}0\r\n\r\n`, 'latin1');
  },
  'expect: odd': oneOf(
    ['100-continue', '100-Continue', '200-ok', '', '100-continue, x', '__proto__'],
    (draft, expect) => set(draft, 'expect', expect),
  ),
  'upgrade: odd': oneOf(UPGRADES, (draft, [connection, upgrade], random) => {
    set(draft, 'connection', connection);
    set(draft, 'upgrade', upgrade);
    if (random.chance(0.7)) set(draft, 'sec-websocket-version', random.pick(['13', '8', 'x']));
    if (random.chance(0.7)) set(draft, 'sec-websocket-key', random.pick([KEY, '', 'x', KEY.repeat(50)]));
    if (random.chance(0.3))
      set(
        draft,
        'sec-websocket-extensions',
        random.pick(['permessage-deflate', 'permessage-deflate; x=y; x', ',', '__proto__']),
      );
    draft.tail = random.chance(0.5) ? random.pick(FRAMES) : draft.tail;
    // Whoever took it would not answer before a key that fits.
    draft.ends = 'reset';
  }),
  'connection: odd': oneOf(
    ['close', 'keep-alive, close', 'content-length', 'host', '__proto__', ',', 'te, x'],
    (draft, value) => {
      set(draft, 'connection', value);
      framing(draft);
    },
  ),
  'lines: bare LF': (draft) => {
    draft.lineEnd = '\n';
    framing(draft);
  },
  'lines: bare CR': (draft) => {
    draft.lineEnd = '\r';
    framing(draft);
  },
  'lines: folded': (draft, random) => {
    add(draft, 'x-odd', `a\r\n${random.pick([' ', '\t', '  '])}b`);
    framing(draft);
  },
  'lines: a space before the colon': (draft) => {
    add(draft, 'content-length ', '2');
    framing(draft);
  },
  'lines: empty before it': (draft) => {
    draft.method = `\r\n\r\n${draft.method}`;
    framing(draft);
  },
  'lines: bytes of chance': (draft, random) => {
    const bytes = bytesOf(draft);
    for (let count = random.whole(1, 5); count > 0; count -= 1)
      bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
    whole(draft, bytes);
  },
  'protocol: none of ours': oneOf(
    [
      HELLO,
      PREFACE,
      ...FRAMES,
      Buffer.from('\0'.repeat(200)),
      Buffer.from('SSH-2.0-x\r\n'),
      Buffer.from('\x05\x01\x00'),
    ],
    whole,
  ),
  'pipe: two at once': (draft) => {
    draft.tail = bytesOf({ ...draft, tail: Buffer.alloc(0) });
    framing(draft);
  },
  'pipe: many at once': oneOf([5, 30], (draft, count) => {
    const one = bytesOf({ ...draft, body: draft.body.subarray(0, 1_000), tail: Buffer.alloc(0) });
    draft.tail = Buffer.concat(Array.from({ length: count }, () => one));
    framing(draft);
  }),
  'pipe: garbage after it': oneOf(
    ['\0\0\0', 'GET', 'x'.repeat(1_000), '\r\n', 'GET / HTTP/1.1\r\n\r\n'],
    (draft, tail) => {
      draft.tail = Buffer.from(tail);
      framing(draft);
    },
  ),
  'pieces: many': oneOf([2, 7, 60], (draft, pieces) => {
    draft.pieces = pieces;
  }),
  'end: cut': (draft, random) => {
    draft.bytesSent = random.whole(1, bytesOf(draft).length);
    draft.ends = random.pick(['half', 'reset']);
  },
  'end: gone before the answer': (draft) => {
    draft.ends = 'reset';
  },
  'end: says that no more comes': framing,
};

/** All of it is these bytes. */
function whole(draft: Draft, bytes: Buffer): void {
  draft.raw = bytes;
  framing(draft);
}
