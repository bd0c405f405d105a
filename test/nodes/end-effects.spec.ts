// What the case's display is sent at the end of a visit: any basket fits the modem's frame and the radio's budget.
import assert from 'node:assert/strict';
import {
  type Command,
  FRAME_BYTES_MAX,
  type Language,
  orThrow,
  parseCommand,
  SEQ_MAX,
  sealFrame,
  type Visit,
} from '@tapcase/domain';
import fc from 'fast-check';
import { endEffects, MORE, SHOWN_BYTES_MAX } from '../../nodes/node-red-contrib-tapcase/src/money/end-effects.ts';
import { basketOf } from '../domain/demo-catalog.ts';

interface Line {
  readonly name: string;
  readonly count: number;
}
/** As the catalog takes them; a basket has at most as many lines as the shop has products. */
const LINES_MAX = 200;
const NAME_MAX = 60;
const COUNT_MAX = 999;

function shown(lines: readonly Line[], language: Language = 'en') {
  const skus = lines.map((_, index) => `sku${index}`);
  const visit = {
    id: 'z'.repeat(24),
    caseId: '9'.repeat(32),
    language,
    outcome: 'partly_paid',
    totalMinor: Number.MAX_SAFE_INTEGER,
    catalog: {
      currency: 'usd',
      products: lines.map(({ name }, index) => ({ sku: skus[index], name: { en: name, es: name } })),
    },
    basket: basketOf(lines.map(({ count }, index) => ({ sku: skus[index]!, count, priceMinor: 1 }))),
  } as unknown as Visit;
  const [told] = endEffects(visit, false, Number.MAX_SAFE_INTEGER);
  assert.ok(told?.kind === 'command' && told.command.type === 'show');
  const { type, ...rest } = told.command;
  return { type, seq: SEQ_MAX, ...rest } satisfies Command;
}
const pieces = (items: readonly (readonly [string, number])[]) => items.reduce((sum, [, count]) => sum + count, 0);
const named = (name: string, times: number): Line[] => Array.from({ length: times }, () => ({ name, count: 1 }));

describe('what the display is sent', () => {
  it('any basket fits a frame and the radio’s budget, and no piece of it is lost', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: NAME_MAX, unit: 'binary' }),
      fc.string({ minLength: 1 }),
    );
    const line = fc.record({
      name: name.map((text) => text.slice(0, NAME_MAX)),
      count: fc.integer({ min: 1, max: COUNT_MAX }),
    });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: LINES_MAX }),
        fc.constantFrom('en' as const, 'es' as const),
        (lines, language) => {
          const command = shown(lines, language);
          orThrow(parseCommand(command));
          assert.ok(Buffer.byteLength(JSON.stringify(command.items)) <= SHOWN_BYTES_MAX);
          assert.equal(
            pieces(command.items),
            lines.reduce((sum, { count }) => sum + count, 0),
          );
          assert.ok(lines.length === 0 || command.items.length > 0);
          for (const [text] of command.items) assert.ok(text.isWellFormed() && text.length <= 24);
          const frame = sealFrame({
            topic: `case/${'9'.repeat(32)}/cmd`,
            payload: command,
            key: new Uint8Array(32),
            hmac: () => new Uint8Array(32),
          });
          assert.ok(frame instanceof Uint8Array && frame.length <= FRAME_BYTES_MAX);
        },
      ),
    );
  });

  it('twelve products with ordinary names are all named', () => {
    const { items } = shown(named('Sparkling water', 12));
    assert.deepEqual(items, new Array(12).fill(['Sparkling water', 1]));
  });

  it('names what fits, and counts the pieces of the rest in both languages', () => {
    for (const language of ['en', 'es'] as const) {
      const { items } = shown(named('Chocolate with hazelnuts', 40), language);
      assert.ok(items.length >= 8, `${items.length} lines`);
      assert.deepEqual(items.at(-1), [MORE[language], 40 - (items.length - 1)]);
      assert.ok(items.slice(0, -1).every(([name]) => name === 'Chocolate with hazelnuts'));
    }
  });

  it('a basket that just fits is whole; one letter more, and its last line counts the rest', () => {
    // Eight lines of 30 bytes and one of 22, with the commas between and the brackets around.
    const withLast = (letters: number) => [...named('x'.repeat(24), 8), ...named('y'.repeat(letters), 1)];
    const { items } = shown(withLast(16));
    assert.equal(Buffer.byteLength(JSON.stringify(items)), SHOWN_BYTES_MAX);
    assert.deepEqual(items.at(-1), ['y'.repeat(16), 1]);
    assert.deepEqual(shown(withLast(17)).items.at(-1), [MORE.en, 1]);
  });

  it('an empty basket is no line', () => assert.deepEqual(shown([]).items, []));
});
