// Oddities of what is asked for: paths, their parts, queries, methods.
import type { Draft } from './draft.ts';
import { filled } from './examples.ts';
import { type Mutators, oneOf } from './mutator.ts';
import { ODD_TEXTS, PROTOTYPE_KEYS } from './odd-texts.ts';

const METHODS = [
  ...[
    'TRACE',
    'PROPFIND',
    'OPTIONS',
    'HEAD',
    'CONNECT',
    'PATCH',
    'DELETE',
    'PUT',
    'POST',
    'GET',
    'M-SEARCH',
    'PURGE',
    'QUERY',
  ],
  ...['get', 'post', 'Get', 'FOO', '', 'GET\t', 'G'.repeat(5_000), '__proto__', 'PRI', 'SOURCE'],
];
/** In a path: dots and slashes that some decode once more than others, and bytes that are no letters. */
const ODD_PARTS = [
  ...[
    '..',
    '.',
    '%2e%2e',
    '%2E%2e%2f',
    '..%2f..%2f..%2fetc%2fpasswd',
    '..%5c..%5c',
    '..;',
    '..;/',
    '%252e%252e',
    '%c0%ae%c0%ae',
    '%e0%80%ae',
  ],
  ...[
    '%00',
    'a%00b',
    '%0a',
    '%0d%0aX-Odd:%201',
    '%',
    '%zz',
    '%ff',
    '%ed%a0%80',
    '%u0041',
    '%20',
    '+',
    '~',
    '*',
    '$',
    '()',
    '(.*)',
    ':case',
  ],
  ...[
    ...PROTOTYPE_KEYS,
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(4_000),
    '%41'.repeat(1_000),
    '1e999',
    '-1',
    '123%20',
    'before-0.jpg/..',
    'index.html',
  ],
];
const ODD_QUERIES = [
  ...[
    '',
    '?',
    '&&&',
    '=',
    '=&=',
    'a',
    'a=%',
    'a=%ff',
    'a=%00',
    '%=1',
    '__proto__=1',
    '__proto__[x]=1',
    'constructor[prototype][x]=1',
  ],
  ...[
    'a[]=1&a[]=2',
    `a${'[b]'.repeat(2_000)}=1`,
    'a[0]=1&a[1000000000]=2',
    'session=1&session=2',
    'session[]=1',
    'session[$ne]=1',
  ],
  ...[
    'session=__proto__',
    `session=${'x'.repeat(8_000)}`,
    Array.from({ length: 1_500 }, (_, at) => `k${at}=1`).join('&'),
    'toString=1',
    'hasOwnProperty=1',
  ],
  ...[
    'session=../../v1/customers',
    'session=cs_test_%0d%0a',
    'EIO=4&transport=websocket',
    'EIO[]=4&transport=__proto__',
    'access_token=x',
    '#',
    'a=1#b',
  ],
];

/** The last part, or any part of a path that has a name in the table, is another. */
function withPart(draft: Draft, part: string): void {
  const [path = '', query] = split(draft.target);
  const next =
    draft.route?.path.includes(':') === true
      ? filled(draft.route.path, { caseId: part, visitId: part }, part)
      : path.replace(/[^/]*$/, () => part);
  draft.target = `${next}${query}`;
}

function split(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
}

const onPath = (draft: Draft, change: (path: string) => string) => {
  const [path, query] = split(draft.target);
  draft.target = `${change(path)}${query}`;
};
const hex = (letter: string) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;

export const TARGET_MUTATORS: Mutators = {
  'path: an odd part': oneOf(ODD_PARTS, withPart),
  'path: an odd text': oneOf(
    ODD_TEXTS.filter((text) => text.isWellFormed()),
    (draft, text) => withPart(draft, encodeURIComponent(text)),
  ),
  'path: bytes as they are': oneOf(['é', '\u00ff\u00fe', '\u0001', '\u007f', 'a b', '"<>\\^`{|}', '\t'], withPart),
  'path: letters escaped': (draft, random) =>
    onPath(draft, (path) => path.replace(/[a-z]/g, (letter) => (random.chance(0.3) ? hex(letter) : letter))),
  'path: slashes escaped': (draft, random) =>
    onPath(draft, (path) => path.replaceAll('/', random.pick(['%2f', '%2F', '%252f', '\\', '%5c']))),
  'path: other slashes': oneOf(
    ['//', '///', '/./', '/x/../', '/..;/', '/;x=1/', '/%2e/', '\\/'],
    (draft, slash, random) =>
      onPath(draft, (path) => (random.chance(0.5) ? path.replaceAll('/', slash) : path.replace('/', slash))),
  ),
  'path: more at its end': oneOf(
    ['/', '//', '/.', '/..', '.', '%20', '%00', ';x', '.json', '/x', '/constructor', '?', '#', '%23', '.php'],
    (draft, more) => onPath(draft, (path) => `${path}${more}`),
  ),
  'path: more before it': oneOf(
    [
      '/api/..',
      '/own/..',
      '/own/%2e%2e',
      '/own/..;',
      '/editor',
      '/dashboard',
      '//own',
      '/.',
      '/api',
      '/pictures/..',
      '/%5c',
    ],
    (draft, more) => onPath(draft, (path) => `${more}${path}`),
  ),
  'path: upper case': (draft, random) =>
    onPath(draft, (path) => path.replace(/[a-z]/g, (letter) => (random.chance(0.5) ? letter.toUpperCase() : letter))),
  'path: long': oneOf([2_000, 8_000, 14_000, 17_000, 70_000], (draft, length, random) =>
    onPath(draft, (path) => `${path}${random.pick(['a', '/', '%41', '/..', '/a', ';'])}`.padEnd(length, 'a/')),
  ),
  'query: odd': oneOf(ODD_QUERIES, (draft, query) => onTargetQuery(draft, query)),
  'target: absolute': oneOf(
    [
      'http://shop.test',
      'http://evil.example',
      'https://shop.test:443',
      'http://',
      'HTTP://[::1]:1',
      'file://',
      'http://a:b@shop.test',
      'ws://shop.test',
    ],
    (draft, origin) => {
      draft.target = `${origin}${draft.target}`;
    },
  ),
  'target: none that is a path': oneOf(
    [
      '*',
      '',
      'x',
      '.',
      '?',
      '#',
      'shop.test:80',
      'http://',
      'http://[',
      '///',
      '//evil.example',
      '\\',
      '/ x',
      '/\u0000',
    ],
    (draft, target) => {
      draft.target = target;
    },
  ),
  'method: HEAD': (draft) => {
    draft.method = 'HEAD';
  },
  'method: another': oneOf(METHODS, (draft, method) => {
    draft.method = method;
    // What follows may be another protocol's.
    if (method === 'CONNECT' || method === 'PRI') draft.ends = 'half';
  }),
};

function onTargetQuery(draft: Draft, query: string): void {
  const [path] = split(draft.target);
  draft.target = `${path}?${query}`;
}
