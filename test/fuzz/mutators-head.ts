// Oddities of the head: cookies, headers of every kind, versions.
import type { Draft } from './draft.ts';
import { add, NO_HOST, set } from './draft.ts';
import { type Mutators, oneOf } from './mutator.ts';
import { lists, ODD_TEXTS, PROTOTYPE_KEYS } from './odd-texts.ts';

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const NONE_TOKEN = `${base64({ alg: 'none', typ: 'JWT' })}.${base64({ sub: '__proto__', exp: 9e9 })}.`;
const COOKIES = [
  ...[
    '',
    ';',
    '=',
    '=;=',
    'a',
    'tapcase_session',
    'tapcase_session=',
    'tapcase_session=x',
    'tapcase_session=a.b.c',
    'tapcase_session=..',
  ],
  ...[
    `tapcase_session=${NONE_TOKEN}`,
    `tapcase_session=${'x'.repeat(4_096)}`,
    'tapcase_session=%',
    'tapcase_session=%ff',
    'tapcase_session="',
  ],
  ...[
    'tapcase_session=j:{"a":1}',
    'tapcase_session=j:null',
    `tapcase_session=j:${lists(3_000)}`,
    `x=j:${lists(5_000)}`,
    'x=j:{"__proto__":{"a":1}}',
  ],
  ...[
    'tapcase_session=s:x.y',
    '__proto__=x',
    'constructor=x',
    '__proto__=j:{"a":1}',
    'tapcase_session=a; tapcase_session=b',
    'toString=1; hasOwnProperty=2',
  ],
  ...[
    Array.from({ length: 700 }, (_, at) => `c${at}=${at}`).join('; '),
    `${'; '.repeat(2_000)}`,
    `${'x'.repeat(8_000)}=1`,
    'tapcase_session=\u00ff\u00fe',
  ],
];
/** Headers that somebody reads: express, its helpers, Node-RED, the nodes. */
const ODD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: [
    '',
    '*',
    ',',
    'text/html;q=nonsense',
    'a/b;'.repeat(1_000),
    'text/html,'.repeat(1_000),
    '__proto__',
    '*/*;q=2',
  ],
  'accept-encoding': ['', 'br;q=1, gzip;q=0', 'identity;q=0, *;q=0', '__proto__', 'gzip,'.repeat(2_000), '*'],
  'accept-language': ['', 'es', 'xx-'.repeat(2_000), '__proto__', 'en;q=', '\u00e9'],
  range: [
    'bytes=0-',
    'bytes=-1',
    'bytes=9-1',
    'bytes=0-0,'.repeat(500),
    'bytes=',
    'x=1-2',
    'bytes=0-99999999999999999999',
    'bytes=1-1, 3-3',
  ],
  'if-none-match': ['*', 'W/"', `"${'a'.repeat(8_000)}"`, '"a",'.repeat(2_000), ''],
  'if-modified-since': ['x', 'Thu, 01 Jan 1970 00:00:00 GMT', '9'.repeat(400), ''],
  origin: ['null', 'https://evil.example', 'http://', 'x', 'http://shop.test, http://evil.example', ''],
  referer: ['x', 'http://[', '\u00e9', 'a'.repeat(8_000)],
  host: [
    NO_HOST,
    '',
    'evil.example',
    '[',
    '[::1]:99999',
    'a b',
    'shop.test:0',
    '@',
    'a'.repeat(8_000),
    '%',
    '__proto__',
    'shop.test/../x',
  ],
  authorization: [
    '',
    'Basic',
    'Basic x',
    `Basic ${'A'.repeat(8_000)}`,
    'Bearer',
    'Bearer x.y.z',
    'Bearer __proto__',
    'Basic Og==',
    'Digest x',
    'Basic /w==',
  ],
  'x-forwarded-for': ['127.0.0.1', '::1', 'x', ','.repeat(1_000), '1.2.3.4, 5.6.7.8', '', '999.1.1.1'],
  'x-forwarded-proto': ['https', 'javascript', ''],
  'x-forwarded-host': ['evil.example', 'evil.example/x', ''],
  forwarded: ['for=127.0.0.1;proto=https', 'for="', ';'.repeat(1_000)],
  'x-http-method-override': ['DELETE', 'PUT', '__proto__'],
  'x-original-url': ['/editor/', '/api/staff/reviews.jsonl'],
  'x-rewrite-url': ['/editor/'],
  'x-tapcase-at': ['', 'x', '-1', '1e999', '9'.repeat(400), 'NaN', '0x10', String(2 ** 53)],
  'x-tapcase-mac': ['', 'x', 'zz'.repeat(32), 'ab'.repeat(5_000), 'AB'.repeat(32), '\u00e9'.repeat(64)],
  'stripe-signature': [
    '',
    't',
    't=',
    't=x,v1=',
    't=1,v1=é',
    't=9999999999,v1=00',
    `t=1,${'v1=a,'.repeat(2_000)}`,
    'v1=a',
    't=1e999,v1=ab',
    '__proto__=1',
  ],
  'node-red-api-version': ['v1', 'v2', 'v9', '__proto__', ''],
  'x-request-id': ['', 'x'.repeat(8_000), '__proto__', '../../x', '{"a":1}'],
  te: ['trailers', 'x'],
  'last-event-id': ['x', '-1', '9'.repeat(400)],
  'content-range': ['bytes 0-1/2', 'x'],
};
const NAMES = ['__proto__', 'constructor', 'x'.repeat(8_000), 'x-ü', '', ' ', 'a b', 'a:b', '(', 'x\u0000', '\u00ff'];

const odd = (name: string) => oneOf(ODD_HEADERS[name]!, (draft: Draft, value) => set(draft, name, value));

export const HEAD_MUTATORS: Mutators = {
  ...Object.fromEntries(Object.keys(ODD_HEADERS).map((name) => [`header: ${name}`, odd(name)])),
  'cookie: odd': oneOf(COOKIES, (draft, cookie) => set(draft, 'cookie', cookie)),
  'cookie: twice': oneOf(COOKIES, (draft, cookie) => add(draft, 'cookie', cookie)),
  'cookie: with more': oneOf(COOKIES, (draft, cookie) => {
    const [, old = ''] = draft.headers.find(([name]) => name === 'cookie') ?? [];
    set(draft, 'cookie', `${cookie}; ${old}`);
  }),
  'header: an odd name': oneOf(NAMES, (draft, name) => add(draft, name, 'x')),
  'header: an odd value': oneOf(
    ['\u0000', '\u0001', '\u007f', '\u00e9', 'a\rb', ...ODD_TEXTS.filter((text) => !/[^\u0020-\u007e]/.test(text))],
    (draft, value, random) =>
      add(draft, random.pick(['x-odd', 'user-agent', 'x-request-id', 'content-type', 'cookie']), value),
  ),
  'header: long': oneOf([4_000, 8_000, 15_000, 17_000, 100_000], (draft, length) =>
    add(draft, 'x-odd', 'x'.repeat(length)),
  ),
  'header: many': oneOf([50, 500, 1_900, 2_100], (draft, count, random) => {
    const name = random.pick(['a', '__proto__', 'cookie', 'accept', 'b']);
    for (let at = 0; at < count; at += 1) add(draft, random.chance(0.01) ? `${name}${at}` : name, '1');
  }),
  'header: a prototype’s': oneOf(
    PROTOTYPE_KEYS.filter((key) => key !== ''),
    (draft, key) => add(draft, key, '1'),
  ),
  'host: twice': (draft) => {
    add(draft, 'host', 'shop.test');
    add(draft, 'host', 'evil.example');
  },
  'version: another': oneOf(
    [
      'HTTP/1.0',
      'HTTP/0.9',
      'HTTP/1.2',
      'HTTP/2.0',
      'HTTP/3',
      'http/1.1',
      'HTTP/1.1 x',
      'HTTP/',
      'ICY',
      '',
      'HTTP/99999.1',
    ],
    (draft, version) => {
      draft.version = version;
      draft.ends = 'half';
    },
  ),
  'version: the oldest that is taken': (draft) => {
    draft.version = 'HTTP/1.0';
  },
};
