// The drawing of the wiring says what board.py says, and board.py uses no pin that an ESP32-S3 cannot give.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import { wiringDiagram } from '../../tools/wiring-diagram.ts';

const board = readFileSync(join(FIRMWARE, 'board.py'), 'utf8');

describe('the controller’s wiring', () => {
  it('is drawn as board.py has it (node tools/wiring-diagram.ts)', () => {
    assert.equal(readFileSync(join(FIRMWARE, 'wiring.svg'), 'utf8'), wiringDiagram(board));
  });

  it('uses each pin once, and only pins that are free on an ESP32-S3', () => {
    const pins = [...board.matchAll(/^\w+_PINS? = \(?([\d, ]+?),?\)?$/gm)].flatMap(([, list = '']) =>
      list.split(',').map(Number),
    );
    assert.ok(pins.length > 20);
    assert.equal(new Set(pins).size, pins.length);
    // Strapping, USB, what is not bonded, flash and PSRAM, UART 0 (ESP32-S3 datasheet, pin list).
    const taken = (pin: number) =>
      [0, 3, 19, 20, 43, 44, 45, 46].includes(pin) || (pin >= 22 && pin <= 37) || pin < 0 || pin > 48;
    assert.deepEqual(pins.filter(taken), []);
  });

  it('can wake the chip by door and mains', () => {
    const wakes = ['DOOR_PIN', 'POWER_FAIL_PIN'].map((name) =>
      Number(new RegExp(`^${name} = (\\d+)$`, 'm').exec(board)?.[1]),
    );
    // Only RTC pins wake a sleeping S3.
    assert.ok(wakes.every((pin) => pin >= 0 && pin <= 21));
  });
});
