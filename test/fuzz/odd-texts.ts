// Texts and values that somebody could put where the shop expects a name, a code or a number.

/** Deep enough for any recursion over it to run out of stack; within the 64 kB of a body. */
export const DEPTHS = [21, 200, 2_000, 6_000, 20_000, 30_000] as const;

export const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
export const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

export const PROTOTYPE_KEYS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'toJSON'],
  ...[
    'then',
    'length',
    '',
    'constructor.prototype',
    '__proto__.isAdmin',
    'req',
    'res',
    '_msgid',
    'error',
    'customer',
    'visit',
  ],
] as const;

export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\u202egnp.exe',
  '\ufeff',
  '👩‍👩‍👧‍👦'.repeat(50),
  'e\u0301'.repeat(100),
  "' or 1=1 --",
  '"; drop table visits; --',
  '<script>alert(1)</script>',
  '{{7*7}}${7*7}<%= 7*7 %>',
  '../../../../etc/passwd',
  'file:///etc/passwd',
  '%s%n%x%p',
  '$& $1 $`',
  'victim@tapcase.example\r\nBcc: everybody@tapcase.example',
  'a\r\nX-Odd: 1\r\n\r\n',
  `${'a'.repeat(64)}@${'b.'.repeat(90)}example`,
  `${'a.'.repeat(5_000)}@`,
  `${'@'.repeat(2_000)}`,
  'x'.repeat(255),
  'x'.repeat(10_000),
  '-1',
  '1e999',
  'NaN',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '0'.repeat(400),
  'http://169.254.169.254/latest/meta-data/',
  'http://127.0.0.1:1/',
];

/** As JSON has them; not all of them are JSON. */
export const ODD_VALUES: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '1.5',
    '1e999',
    '-1e999',
    '1e-999',
    '9007199254740993',
    '1'.repeat(2_000),
  ],
  ...[
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '{"a":1}',
    '["en"]',
    '{"length":1}',
    '{"toString":1}',
    '{"__proto__":null}',
    '""',
    '[,]',
  ],
  ...['NaN', 'Infinity', 'undefined', "'x'", '01', '+1', '.5', '0x10', '"\t"', '"\\u00"', '"\\ud800"', '"\\x41"', '1n'],
];
