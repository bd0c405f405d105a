// Oddities of what a request carries: depth, size, types, prototype keys, keys twice, encodings.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../prove/random.ts';
import { add, type Draft, set } from './draft.ts';
import { type Mutators, oneOf } from './mutator.ts';
import { DEPTHS, lists, ODD_TEXTS, ODD_VALUES, objects, PROTOTYPE_KEYS } from './odd-texts.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MEBIBYTE = 1024 * 1024;

/** Made once: a few kilobytes that become ten megabytes. */
const BOMBS = (() => {
  const zeros = Buffer.alloc(10 * MEBIBYTE, '0');
  return {
    gzip: gzipSync(zeros),
    deflate: deflateSync(zeros),
    br: brotliCompressSync(zeros),
    'gzip, gzip': gzipSync(gzipSync(zeros)),
  };
})();
/** As deep as a stack, in a hundred bytes. */
const DEEP_BOMB = gzipSync(lists(1_000_000));

const LARGE = [64 * 1024 - 2, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 200 * 1024];
const HUGE = [2 * MEBIBYTE, 2 * MEBIBYTE + 1, 3 * MEBIBYTE];

function put(draft: Draft, body: string | Buffer, type?: string): void {
  draft.body = Buffer.isBuffer(body) ? body : Buffer.from(body);
  const has = draft.headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (type !== undefined || !has) set(draft, 'content-type', type ?? JSON_TYPE);
}

function fieldsOf({ body }: Draft): [string, unknown][] {
  try {
    // One that another mutator has made as deep as a stack cannot be written again.
    if (body.length > 2_000) return [];
    return Object.entries(JSON.parse(body.toString()) as object);
  } catch {
    return [['email', 'a@b.example']];
  }
}

/** The object with one field as it is written here. */
function withField(draft: Draft, random: Random, value: string, name?: string): void {
  const fields = fieldsOf(draft);
  const at = name ?? random.pick(fields.length > 0 ? fields : [['x', 0] as const])[0];
  const others = fields
    .filter(([each]) => each !== at)
    .map(([each, old]) => `${JSON.stringify(each)}:${JSON.stringify(old)}`);
  put(draft, `{${[...others, `${JSON.stringify(at)}:${value}`].join(',')}}`);
}

export const BODY_MUTATORS: Mutators = {
  'body: deep lists': oneOf(DEPTHS, (draft, depth) => put(draft, lists(depth))),
  'body: deep objects': oneOf(DEPTHS, (draft, depth) => put(draft, objects(Math.min(depth, 10_000)))),
  'body: a deep field': oneOf(DEPTHS, (draft, depth, random) => withField(draft, random, lists(depth))),
  'body: a deep field more': oneOf(DEPTHS, (draft, depth, random) => withField(draft, random, lists(depth), 'more')),
  'body: a deep picture': oneOf(DEPTHS, (draft, depth) => put(draft, lists(depth), 'application/octet-stream')),
  'body: a field of another type': oneOf(ODD_VALUES, (draft, value, random) => withField(draft, random, value)),
  'body: an odd text': oneOf(ODD_TEXTS, (draft, text, random) => withField(draft, random, JSON.stringify(text))),
  'body: a prototype’s key': oneOf(PROTOTYPE_KEYS, (draft, key, random) =>
    withField(
      draft,
      random,
      random.pick(['{"admin":true}', 'null', '1', '[]', '"x"', '{"__proto__":{"admin":true}}']),
      key,
    ),
  ),
  'body: keys twice': (draft, random) => {
    const fields = fieldsOf(draft).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    put(draft, `{${[...fields, ...fields, `"email":${random.pick(ODD_VALUES)}`].join(',')}}`);
  },
  'body: a field less': (draft, random) => {
    const fields = fieldsOf(draft);
    const gone = fields.length === 0 ? '' : random.pick(fields)[0];
    put(draft, JSON.stringify(Object.fromEntries(fields.filter(([name]) => name !== gone))));
  },
  'body: no object': oneOf(ODD_VALUES, (draft, value) => put(draft, value)),
  'body: none': (draft) => {
    draft.body = Buffer.alloc(0);
  },
  'body: broken': (draft, random) => {
    const text = draft.body.toString() || '{"a":1}';
    const end = random.whole(0, text.length);
    put(
      draft,
      random.pick([
        text.slice(0, end),
        `${text},`,
        `${text}${text}`,
        `\ufeff${text}`,
        `/* */${text}`,
        text.replaceAll('"', "'"),
        '{"a":',
      ]),
    );
  },
  'body: ten thousand keys': oneOf([1_000, 8_000], (draft, count) =>
    put(draft, `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`),
  ),
  'body: large': oneOf(LARGE, (draft, bytes) => put(draft, `"${'x'.repeat(bytes - 2)}"`)),
  // Rarely more than once in a hundred: it is memory of this process too.
  'body: huge': oneOf(HUGE, (draft, bytes, random) =>
    put(draft, random.chance(0.2) ? Buffer.alloc(bytes, 0xff) : '{}'),
  ),
  'body: bytes of chance': (draft, random) =>
    put(draft, Buffer.from(Array.from({ length: random.whole(1, 300) }, () => random.whole(0, 255)))),
  'body: one where none belongs': (draft, random) => put(draft, random.pick(['{}', '[]', 'x', '{"a":1}'])),

  'encoding: a bomb': oneOf(['gzip', 'deflate', 'br', 'gzip, gzip'] as const, (draft, encoding) => {
    put(draft, BOMBS[encoding]);
    set(draft, 'content-encoding', encoding);
  }),
  'encoding: a deep bomb': (draft) => {
    put(draft, DEEP_BOMB);
    set(draft, 'content-encoding', 'gzip');
  },
  'encoding: squeezed': (draft, random) => {
    const squeezed = gzipSync(draft.body);
    put(draft, random.pick([squeezed, squeezed.subarray(0, 12), Buffer.concat([squeezed, squeezed])]));
    set(draft, 'content-encoding', random.pick(['gzip', 'GZIP', 'x-gzip', 'deflate', 'br']));
  },
  'encoding: said, and not done': oneOf(
    ['gzip', 'deflate', 'br', 'zstd', 'identity', 'x', '', '__proto__', 'gzip;q=1'],
    (draft, name) => {
      put(draft, draft.body.length > 0 ? draft.body : '{}');
      set(draft, 'content-encoding', name);
    },
  ),
  'charset: odd': oneOf(
    ['utf-16', 'utf-16le', 'utf-7', 'iso-8859-1', 'nonsense', '', '"', '__proto__', 'utf-8; charset=utf-16'],
    (draft, name, random) => {
      const text = draft.body.toString() || '{}';
      put(draft, random.chance(0.5) ? Buffer.from(text, 'utf16le') : text, `${JSON_TYPE}; charset=${name}`);
    },
  ),
  'charset: invalid UTF-8': oneOf(
    ['ff', 'c0af', 'eda080', 'f8888080', 'c3', 'e282', '00', 'fffe'],
    (draft, hex, random) => {
      const bytes = Buffer.from(hex, 'hex');
      put(
        draft,
        random.pick([
          bytes,
          Buffer.concat([Buffer.from('{"email":"'), bytes, Buffer.from('","code":"000000"}')]),
          Buffer.concat([draft.body, bytes]),
        ]),
      );
    },
  ),
  'type: odd': oneOf(
    [
      'text/plain',
      FORM_TYPE,
      'multipart/form-data; boundary=x',
      'multipart/form-data',
      '',
      '/',
      'application/json;;;',
      'json',
      'application/vnd.x+json',
      `a/${'b'.repeat(4_000)}`,
      'image/jpeg',
      '*/*',
      '__proto__',
    ],
    (draft, type) => put(draft, draft.body.length > 0 ? draft.body : '{}', type),
  ),
  'type: a form in brackets': oneOf(
    ['[b]', '[]', '[__proto__]', '%5Bb%5D', '.b', '[constructor][prototype]'],
    (draft, step, random) =>
      put(draft, `a${step.repeat(random.pick([1, 19, 21, 2_000]))}=1&__proto__[x]=1&a=2`, FORM_TYPE),
  ),
  'type: twice': (draft) => add(draft, 'content-type', 'text/plain'),
  'type: a form of parts': (draft, random) => {
    const part = `--x\r\ncontent-disposition: form-data; name="${random.pick(PROTOTYPE_KEYS)}"; filename="../x"\r\n\r\n${random.pick(ODD_TEXTS)}\r\n`;
    put(
      draft,
      `${part.repeat(random.pick([1, 50]))}${random.chance(0.5) ? '--x--' : ''}`,
      'multipart/form-data; boundary=x',
    );
  },
};
