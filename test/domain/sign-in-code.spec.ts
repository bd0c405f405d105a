// Which code somebody gets who wants to sign in, on both sides of each boundary; and what a browser is called.
import assert from 'node:assert/strict';
import {
  answerCodeWish,
  browserName,
  CODE_GAP_MS,
  CODE_LIFE_MS,
  LONG_CODE,
  longCode,
  SHARED_FOR_MS,
  SHORT_CODE,
  SHORT_CODES_MAX,
} from '@tapcase/domain';
import fc from 'fast-check';

const NOW = 1_763_678_400_000;

describe('a wish for a sign-in code', () => {
  for (const [title, askedMsAgo, wishes, longMsAgo, answer] of [
    ['of a browser that has not asked before is answered', null, 1, null, 'short'],
    ['too soon after the last one leaves that one as it is', CODE_GAP_MS - 1, 2, null, 'too-soon'],
    ['half a minute later is answered', CODE_GAP_MS, 2, null, 'short'],
    ['before a clock that was set back is no reason to wait longer', -CODE_GAP_MS, 2, null, 'short'],
    ['is the last of the day that gets a short code', null, SHORT_CODES_MAX, null, 'short'],
    ['beyond those gets a long one', null, SHORT_CODES_MAX + 1, null, 'long'],
    ['just after a long one was mailed needs no further mail', null, SHORT_CODES_MAX + 2, SHARED_FOR_MS - 1, 'shared'],
    ['when that mail is older gets a mail again', null, SHORT_CODES_MAX + 2, SHARED_FOR_MS, 'long'],
    ['on the next day gets a short code, whatever was', null, 1, 0, 'short'],
  ] as const) {
    it(title, () => {
      const askedAtMs = askedMsAgo === null ? null : NOW - askedMsAgo;
      const longMailedAtMs = longMsAgo === null ? null : NOW - longMsAgo;
      assert.equal(answerCodeWish({ askedAtMs, wishes, longMailedAtMs }, NOW), answer);
    });
  }

  it('of a browser that has not asked before is never refused', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.option(fc.nat(CODE_LIFE_MS)), (wishes, longMsAgo) => {
        const longMailedAtMs = longMsAgo === null ? null : NOW - longMsAgo;
        assert.notEqual(answerCodeWish({ askedAtMs: null, wishes, longMailedAtMs }, NOW), 'too-soon');
      }),
    );
  });

  it('that shares a mail leaves its person half of the code’s life', () => {
    assert.ok(CODE_LIFE_MS - SHARED_FOR_MS >= 300_000);
  });

  it('gets a code whose first digit says how many there are', () => {
    for (const code of [String(SHORT_CODE.from), String(SHORT_CODE.below - 1)]) assert.match(code, /^[1-9]\d{5}$/);
    for (const code of [longCode(LONG_CODE.from), longCode(LONG_CODE.below - 1)]) assert.match(code, /^0\d{11}$/);
  });
});

describe('the name of a browser', () => {
  for (const [name, userAgent] of [
    ['Firefox · Android', 'Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0'],
    [
      'Safari · iPhone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    ],
    [
      'Chrome · Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
    ],
    [
      'Edge · Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0',
    ],
    [
      'Samsung Internet · Android',
      'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36',
    ],
    [
      'Safari · Mac',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
    ],
    ['', 'curl/8.5.0'],
    ['', ''],
    ['', '<script>alert(1)</script>'],
    ['', `${'x'.repeat(400)} Firefox/130.0`],
  ] as const) {
    it(`is ${name === '' ? 'none' : name} for ${userAgent.slice(0, 60)}`, () => {
      assert.equal(browserName(userAgent), name);
    });
  }
});
