// Draws firmware/wiring.svg from firmware/board.py, so that the drawing cannot tell another pin than the code.
// node tools/wiring-diagram.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FIRMWARE = join(import.meta.dirname, '..', 'firmware');
const FILE = join(FIRMWARE, 'wiring.svg');

interface Part {
  readonly name: string;
  /** What stands between the pin and the device, and what it is fed with. */
  readonly note: string;
  /** Name in board.py, what it is at the device. */
  readonly wires: readonly (readonly [string, string])[];
}

const LEFT: readonly Part[] = [
  {
    name: 'Lock',
    note: '12 V latch, MOSFET (gate 10 kΩ to ground), diode over the coil',
    wires: [
      ['LOCK_PIN', 'gate'],
      ['BOLT_PIN', 'bolt contact to ground (optional)'],
    ],
  },
  { name: 'Door contact', note: 'hall switch, 3.3 V, open drain: low while shut', wires: [['DOOR_PIN', 'out']] },
  {
    name: 'Mains',
    note: '12 V through 100 kΩ / 27 kΩ, before the supercapacitor',
    wires: [['POWER_FAIL_PIN', 'divider']],
  },
  {
    name: 'Load cells',
    note: 'HX711, one or more, RATE to 3.3 V (80 Hz), 3.3 V switched',
    wires: [
      ['SCK_PIN', 'PD_SCK of all'],
      ['DT_PINS', 'DOUT, one pin each'],
    ],
  },
  { name: 'Temperature', note: 'DS18B20, 3.3 V, 4.7 kΩ from data to 3.3 V', wires: [['TEMP_PIN', 'data']] },
  { name: 'Battery', note: 'Li-Po through 1 MΩ / 1 MΩ, 100 nF to ground', wires: [['BATTERY_PIN', 'middle']] },
  { name: 'Load switch', note: 'feeds cells, display, light and voice', wires: [['LOAD_SWITCH_PIN', 'on']] },
];
const RIGHT: readonly Part[] = [
  {
    name: 'SIM7080G',
    note: 'board with level shifters, on the battery (0.5 A peaks)',
    wires: [
      ['MODEM_TX_PIN', 'RXD'],
      ['MODEM_RX_PIN', 'TXD'],
      ['MODEM_PWRKEY_PIN', 'PWRKEY, over a transistor'],
      ['MODEM_DTR_PIN', 'DTR'],
      ['MODEM_POWER_PIN', 'enable of a load switch in its supply'],
    ],
  },
  {
    name: 'Raspberry Pi',
    note: 'or a DFPlayer Mini on the serial line; common ground',
    wires: [
      ['PI_LINE_PIN', 'signal line (GPIO 18 of the Pi)'],
      ['PI_TX_PIN', 'RXD'],
      ['PI_RX_PIN', 'TXD'],
    ],
  },
  {
    name: 'Display',
    note: 'SSD1306, 128 x 64, 0x3C, 3.3 V switched',
    wires: [
      ['SDA_PIN', 'SDA'],
      ['SCL_PIN', 'SCL'],
    ],
  },
  {
    name: 'Approach',
    note: 'VL53L1X, 0x29, 3.3 V (optional)',
    wires: [
      ['TOF_SDA_PIN', 'SDA'],
      ['TOF_SCL_PIN', 'SCL'],
    ],
  },
  { name: 'Light', note: 'WS2812, 3.3 V switched, 330 Ω in the data line', wires: [['LED_PIN', 'DIN']] },
  { name: 'Buzzer', note: 'active, 3.3 V, over a transistor', wires: [['BUZZER_PIN', 'base']] },
];

const [WIDTH, CHIP_WIDTH, PART_WIDTH, MARGIN] = [1100, 190, 370, 20];
const [ROW, HEAD, GAP] = [22, 44, 16];
const CHIP_X = (WIDTH - CHIP_WIDTH) / 2;

/** The whole drawing as text. */
export function wiringDiagram(board: string): string {
  const pins = readPins(board);
  const left = column(LEFT, MARGIN, 'left', pins);
  const right = column(RIGHT, WIDTH - MARGIN - PART_WIDTH, 'right', pins);
  const height = Math.max(left.height, right.height) + 2 * MARGIN;
  const missing = [...pins.keys()].filter((name) => !left.used.has(name) && !right.used.has(name));
  if (missing.length > 0) throw new Error(`no wire for ${missing.join(', ')}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    '<title>Wiring of the controller</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<rect x="${CHIP_X}" y="${MARGIN}" width="${CHIP_WIDTH}" height="${height - 2 * MARGIN}" rx="8" fill="#1f2937"/>`,
    `<text x="${WIDTH / 2}" y="${MARGIN + 24}" fill="#ffffff" text-anchor="middle" font-weight="bold">ESP32-S3</text>`,
    ...left.lines,
    ...right.lines,
    '</svg>',
    '',
  ].join('\n');
}

/** `NAME_PIN = 12` and `DT_PINS = (15,)`; a UART's number is no wire. */
function readPins(board: string): ReadonlyMap<string, string> {
  const found = board.matchAll(/^(\w+_PINS?) = \(?([\d, ]+?),?\)?$/gm);
  return new Map([...found].map(([, name = '', value = '']) => [name, value]));
}

function column(parts: readonly Part[], x: number, side: 'left' | 'right', pins: ReadonlyMap<string, string>) {
  const lines: string[] = [];
  const used = new Set<string>();
  // Below the name of the chip.
  let y = MARGIN + 40;
  for (const { name, note, wires } of parts) {
    const height = HEAD + wires.length * ROW;
    lines.push(
      `<rect x="${x}" y="${y}" width="${PART_WIDTH}" height="${height}" rx="6" fill="#f3f4f6" stroke="#9ca3af"/>`,
      `<text x="${x + 10}" y="${y + 19}" fill="#111827" font-weight="bold">${name}</text>`,
      `<text x="${x + 10}" y="${y + 36}" fill="#4b5563" font-size="10.5">${note}</text>`,
    );
    wires.forEach(([pin, what], row) => {
      used.add(pin);
      lines.push(...wire({ x, side, y: y + HEAD + row * ROW + ROW / 2, gpio: pins.get(pin), what }));
    });
    y += height + GAP;
  }
  return { lines, used, height: y - MARGIN };
}

interface Wire {
  readonly x: number;
  readonly y: number;
  readonly side: 'left' | 'right';
  readonly gpio: string | undefined;
  readonly what: string;
}

function wire({ x, y, side, gpio, what }: Wire): string[] {
  if (gpio === undefined) throw new Error(`board.py has no pin for ${what}`);
  const isLeft = side === 'left';
  const from = isLeft ? x + PART_WIDTH : x;
  const to = isLeft ? CHIP_X : CHIP_X + CHIP_WIDTH;
  const text = (at: number, anchor: string, fill: string, words: string) =>
    `<text x="${at}" y="${y + 4}" fill="${fill}" text-anchor="${anchor}">${words}</text>`;
  return [
    `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="#2563eb" stroke-width="2"/>`,
    `<circle cx="${from}" cy="${y}" r="3" fill="#2563eb"/><circle cx="${to}" cy="${y}" r="3" fill="#93c5fd"/>`,
    text(isLeft ? from - 10 : from + 10, isLeft ? 'end' : 'start', '#111827', what),
    text(isLeft ? to + 10 : to - 10, isLeft ? 'start' : 'end', '#ffffff', `GPIO ${gpio}`),
  ];
}

if (import.meta.main) writeFileSync(FILE, wiringDiagram(readFileSync(join(FIRMWARE, 'board.py'), 'utf8')));
