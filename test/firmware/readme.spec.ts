// What firmware/README.md tells a person to type at the REPL works, part by part, on a board whose application is stopped.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBoard, FIRMWARE } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';

const TEXT = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
const [, TABLE = ''] = TEXT.split('| part | type | expect |');
/** Each row: the part, and what is typed one after the other. */
const ROWS = [...TABLE.matchAll(/^\| ([\w ]+) \| (`.+?) \| .+ \|$/gm)].map(([, part = '', cell = '']) => ({
  part,
  typed: [...cell.matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => code.includes(' ') || code.includes('(')),
}));
/** A person is slower than a conversion. */
const TYPING_MS = 1_000;

describe('bringing up a controller from the REPL', () => {
  it('works as its README says', async () => {
    assert.ok(ROWS.length >= 11, JSON.stringify(ROWS));
    const clock = new VirtualClock();
    const display = new Ssd1306Chip();
    const log: string[] = [];
    const sent: string[] = [];
    const board = await createBoard({
      clock,
      massGrams: () => 5_000,
      doorOpen: () => false,
      uarts: { 1: { receive: (bytes) => sent.push(Buffer.from(bytes).toString()) } },
      chips: [display],
      seed: 1,
      mount: ({ FS }) => FS.analyzePath('/flash').exists || FS.mkdir('/flash'),
      onPin: () => {},
      onLed: () => {},
      onLog: (line) => log.push(line),
      onReset: (reason) => assert.fail(reason),
    });
    // Without secrets the application ends by itself, and the REPL is there.
    board.boot();
    await clock.advance(TYPING_MS);
    const answers = new Map<string, string>();
    for (const { part, typed } of ROWS) {
      for (const code of typed) {
        const parts = code.split('; ');
        const last = parts.pop()!;
        const isWord = /^(import|from) |^\w+ = /.test(last);
        const ask = isWord ? last : `print(repr(${last}))`;
        board.vm.runPython([...parts, ask].join('\n'));
        await clock.advance(TYPING_MS);
        answers.set(part, log.at(-1) ?? '');
      }
    }
    assert.equal(answers.get('door'), 'False');
    assert.equal(answers.get('bolt'), 'True');
    assert.match(answers.get('cells')!, /^\(\d+,\)$/);
    assert.match(answers.get('temperature')!, /^\[4(\.\d+)?\]$/);
    assert.ok(Math.abs(Number(answers.get('battery')) - 3.7) < 0.1);
    assert.ok(display.visible().every((byte) => byte === 0xff));
    assert.deepEqual(sent, ['AT\r']);
  });
});
