// What people read on the case's display: every screen as a person looked at it, and words, names and amounts that fit.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimalsOf } from '../../domain/src/payment/currency.ts';
import { DISPLAY_LETTERS, displayText } from '../../domain/src/protocol/display.ts';
import { feedbackBench } from './feedback-bench.ts';
import {
  allScreens,
  asText,
  goldens,
  LANGUAGES,
  LONG_NAME,
  LONG_SENTENCE,
  MOMENTS,
  OUTCOMES,
  RECEIPTS,
  showing,
} from './screens.ts';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

/** Frames twice as large as the display: what stands outside its corner of them would be cut. */
const FITS = `
import framebuf, json
from screen import Notice
from receipt import Receipt

def outside(picture):
    buffer = bytearray(256 * 128 // 8)
    frame = framebuf.FrameBuffer(buffer, 256, 128, framebuf.MONO_VLSB)
    for _ in picture.draw(frame):
        pass
    return sum(1 for page in range(16) for x in range(256) if (page > 7 or x > 127) and buffer[256 * page + x])
`;

describe('the screens of the case', () => {
  let vm: FirmwareVm;

  // The VMs of one process share what they know of JavaScript, so only the last one loaded can be used.
  beforeEach(async () => {
    vm = await firmwareVm();
    vm.run(FITS);
  });

  for (const { name, build } of VMS) {
    it(`look as a person has seen and liked them, in MicroPython ${name}`, async () => {
      const liked = goldens();
      const drawn = await allScreens(build);
      assert.deepEqual([...drawn.keys()], [...liked.keys()]);
      for (const [screen, bytes] of drawn) {
        const good = liked.get(screen)!;
        assert.ok(
          Buffer.from(bytes).equals(good),
          `${screen} was\n${asText(good)}\nand is\n${asText(bytes)}\n(node test/firmware/screens.ts --remake)`,
        );
      }
    });
  }

  it('have words of their own for every moment and outcome in both languages', () => {
    const [missing] = vm.run(`
from words import WORDS, RECEIPT
from icons import ICONS
from commands import OUTCOMES
from light import LIGHTS
moments = json.loads('${JSON.stringify([...MOMENTS, ...OUTCOMES])}')
missing = [m for lang in ("en", "es") for m in moments if m not in WORDS[lang] or m not in ICONS]
missing += [m for m in moments if m not in LIGHTS and m not in OUTCOMES]
missing += [o for lang in ("en", "es") for o in OUTCOMES if o not in WORDS[lang] and o not in RECEIPT[lang]]
print(json.dumps(missing))`);
    assert.deepEqual(missing, []);
  });

  it('cut no word of any moment in any language, wherever a screen has wandered', () => {
    const cut = vm.run(`
for lang in ("en", "es"):
    for moment in json.loads('${JSON.stringify([...MOMENTS, ...OUTCOMES])}'):
        notice = Notice(moment, lang)
        corners = set()
        for _ in range(80):
            notice.wander()
            x, y = notice.corner()
            corners.add((x, y))
            if x < 0 or y < 0 or x + notice.width > 128 or y + notice.height > 64:
                print(json.dumps([lang, moment, x, y]))
        if outside(notice):
            print(json.dumps([lang, moment, "outside"]))`);
    assert.deepEqual(cut, []);
  });

  it('say a moment that has no words yet by its name', () => {
    assert.deepEqual(vm.run('from words import words\nprint(json.dumps(words("newmoment", "fr")))'), [
      [['newmomen'], null],
    ]);
  });
});

describe('a sentence on the display', () => {
  let vm: FirmwareVm;

  // The VMs of one process share what they know of JavaScript, so only the last one loaded can be used.
  beforeEach(async () => {
    vm = await firmwareVm();
    vm.run(`${FITS}
from rows import Sentence
from glyphs import small, width
`);
  });

  it('has a letter for all that the cloud sends, and for no other letter of Europe', () => {
    const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
    const sendable = ascii + DISPLAY_LETTERS;
    const latin = Array.from({ length: 0x180 - 0xa1 }, (_, i) => String.fromCharCode(0xa1 + i)).join('');
    const code = (text: string) => `json.loads(${JSON.stringify(JSON.stringify(text))})`;
    const missing = (text: string) =>
      vm.run(
        `print(json.dumps([c for c in ${code(text)} if c not in "? " and small(c) == small("?")]))`,
      )[0] as string[];
    assert.deepEqual(missing(sendable), []);
    const others = [...latin].filter((letter) => !DISPLAY_LETTERS.includes(letter));
    assert.deepEqual(missing(others.join('')), others);
  });

  it('is there to its last word, breaks none that fits, and stays on the display', () => {
    const letters = fc.constantFrom(...' aáeéiíoóuúñüÁÉÍÓÚÑÜ¿¡MWmwxyz0189&-€'.split(''));
    const texts = fc.array(letters, { minLength: 1, maxLength: 160 }).map((some) => displayText(some.join('')) || 'x');
    fc.assert(
      fc.property(texts, (text) => {
        const [told] = vm.run(`
sentence = Sentence(json.loads(${JSON.stringify(JSON.stringify(text))}))
print(json.dumps([sentence.lines, max(width(l, sentence.size) for l in sentence.lines), outside(sentence), sentence.hidden, sentence.pass_ms]))`);
        const [lines, widest, outside, hidden, passMs] = told as [string[], number, number, number, number];
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
        assert.ok(widest <= 128 && outside === 0, text);
        assert.ok(hidden === 0 || passMs < 25_000, text);
      }),
      { numRuns: 40 },
    );
  });

  it('of any length gives way to the next customer, and never to a sentence the receipt of who was let in', async () => {
    const bench = await feedbackBench();
    bench.run('feedback = wire()');
    const idleAgain = () => bench.run('print(json.dumps(feedback.idle_again()))')[0];
    bench.run(`feedback.tell(${JSON.stringify(LONG_SENTENCE)})`);
    await bench.pass(8_000);
    assert.equal(idleAgain(), false, 'it is not read yet');
    await bench.pass(12_000);
    assert.equal(idleAgain(), true);
    const [name, command] = RECEIPTS[0]!;
    bench.run(`${showing(command)}\nfeedback.tell("Not now")`);
    await bench.pass(300);
    assert.ok(Buffer.from(bench.display.visible()).equals(goldens().get(name)!));
  });
});

describe('a receipt on the display', () => {
  let vm: FirmwareVm;

  // The VMs of one process share what they know of JavaScript, so only the last one loaded can be used.
  beforeEach(async () => {
    vm = await firmwareVm();
    vm.run(`${FITS}
from receipt import item_rows
from glyphs import width
from words import money
`);
  });

  const rowsOf = (items: readonly (readonly [string, number])[]) =>
    vm.run(`
for name, count in json.loads(${JSON.stringify(JSON.stringify(items))}):
    rows = item_rows(name, count)
    print(json.dumps([[text, counted, width(text) + (6 + width(counted) if counted else 0)] for text, counted in rows]))`) as [
      string,
      string,
      number,
    ][][];

  it('shows every letter of a name of 24, beside its count', () => {
    const letters = fc.constantFrom(...' aáeéiíoóuúñüÁÉÍÓÚÑÜ¿¡MWmwxyz0189&-€'.split(''));
    const names = fc.array(letters, { minLength: 1, maxLength: 24 }).map((some) => some.join(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.integer()), { minLength: 20, maxLength: 20 }), (items) => {
        for (const [i, rows] of rowsOf(items).entries()) {
          const shown = rows.map(([text]) => text).join('');
          assert.equal(shown.replaceAll(' ', ''), items[i]![0].replaceAll(' ', ''));
          assert.ok(rows.every(([, , pixels]) => pixels <= 128));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('breaks a long name between its words', () => {
    assert.deepEqual(
      rowsOf([[LONG_NAME, 2]])[0]!.map(([text, counted]) => [text, counted]),
      [
        ['Piña exótica y', '×2'],
        ['jamón ñü', ''],
      ],
    );
  });

  it('takes any text for a name, however long and strange, and stays on the display', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60, unit: 'binary' }), { maxLength: 6 }), (names) => {
        const command = {
          outcome: 'charged',
          items: names.map((name) => [name, 1]),
          total: 1,
          currency: 'usd',
          lang: 'en',
        };
        const code = `print(outside(Receipt(json.loads(${JSON.stringify(JSON.stringify(command))}))))`;
        assert.deepEqual(vm.run(code), [0]);
      }),
      { numRuns: 60 },
    );
  });

  it('knows as many digits after the point as the shop charges, for every currency', () => {
    const odd = 'bif clp djf gnf jpy kmf krw mga pyg rwf ugx isk vnd vuv xaf xof xpf bhd jod kwd omr tnd'.split(' ');
    for (const currency of [...odd, 'usd', 'eur', 'mxn', 'gbp']) {
      const [amount] = vm.run(`print(json.dumps(money(1234567, "${currency}")))`) as string[];
      const digits = amount!.split('.')[1]?.length ?? 0;
      assert.equal(digits, decimalsOf(currency), `${currency}: ${amount}`);
    }
  });

  it('writes amounts as people of the language do', () => {
    const cases = [
      [0, 'usd', 'en', '$0.00'],
      [5, 'usd', 'en', '$0.05'],
      [123_450, 'usd', 'es', '$1,234.50'],
      [400, 'eur', 'en', '€4.00'],
      [123_450, 'eur', 'es', '1.234,50 €'],
      [1_250, 'jpy', 'en', '¥1,250'],
      [1_234_567, 'kwd', 'en', 'KWD 1,234.567'],
      [999, 'mxn', 'es', 'MXN 9.99'],
    ] as const;
    for (const [minor, currency, language, text] of cases) {
      assert.deepEqual(vm.run(`print(json.dumps(money(${minor}, "${currency}", "${language}")))`), [text]);
    }
  });

  it('never shows an amount that lacks a digit', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom('usd', 'eur', 'krw', 'kwd'), (total, currency) => {
        const [shown, whole, pixels] = vm.run(`
r = Receipt({"outcome": "charged", "items": [], "total": ${total}, "currency": "${currency}", "lang": "es"})
print(json.dumps(r.total))
print(json.dumps(money(${total}, "${currency}", "es")))
print(width(r.total))`) as [string, string, number];
        assert.ok(shown === whole || shown === 'vea su móvil');
        assert.ok(pixels <= 128);
        if (total < 10_000_000) assert.equal(shown, whole);
      }),
    );
  });

  it('scrolls a long basket to its end and comes back, with the total always in sight', async () => {
    const bench = await feedbackBench();
    bench.run('feedback = wire()');
    const [, command] = RECEIPTS.find(([name]) => name === 'receipt twenty items end')!;
    bench.run(showing(command));
    await bench.pass(300);
    const first = bench.display.visible();
    const total = Buffer.from(first.subarray(6 * 128));
    const seen = new Set<string>();
    let idleAgain = false;
    let wholePassMs = 0;
    for (let ms = 0; ms < 25_000; ms += 40) {
      await bench.pass(40);
      const now = bench.display.visible();
      assert.ok(Buffer.from(now.subarray(6 * 128)).equals(total), `the total at ${ms} ms\n${asText(now)}`);
      seen.add(Buffer.from(now).toString('base64'));
      if (wholePassMs === 0 && seen.size > 50 && Buffer.from(now).equals(first)) wholePassMs = ms;
      idleAgain ||= bench.run('print(json.dumps(feedback.idle_again()))')[0] === true;
      if (idleAgain) break;
    }
    assert.ok(seen.has(Buffer.from(goldens().get('receipt twenty items end')!).toString('base64')), 'the last item');
    assert.ok(wholePassMs > 10_000, 'it came back before it gave way to the next customer');
    assert.ok(idleAgain, 'and gave way');
  });

  it('of any length gives way to the next customer within half a minute', () => {
    const [ms] = vm.run(`
items = [["Name of twenty-four abcd", 1]] * 50
print(Receipt({"outcome": "charged", "items": items, "total": 1, "currency": "usd", "lang": "en"}).pass_ms)`);
    assert.ok(Number(ms) > 20_000 && Number(ms) <= 30_000, String(ms));
  });

  it('speaks the language of the customer, not of the case', async () => {
    const bench = await feedbackBench();
    bench.run('feedback = wire("en")\nfeedback.say("idle")');
    const [name, command] = RECEIPTS.find(([one]) => one === 'receipt one item es')!;
    bench.run(showing(command));
    await bench.pass(300);
    assert.ok(Buffer.from(bench.display.visible()).equals(goldens().get(name)!));
    assert.equal(LANGUAGES.length, 2);
  });
});
