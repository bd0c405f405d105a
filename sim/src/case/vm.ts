// Runs the unmodified firmware in the MicroPython WebAssembly VM, in a worker of its own: clocking bits out of a scale
// must not hold up the rest of the world.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
import { Sim7080g } from '../modem/sim7080g.ts';
import { gaussian, seededRandom } from '../shelf/random.ts';
import { copyIn, mountFlash } from './flash.ts';
import { Ssd1306Chip } from './ssd1306-chip.ts';
import type { FaceMessage, VmData, VmOrder } from './vm-messages.ts';

const FIRMWARE = fileURLToPath(new URL('../../../firmware/', import.meta.url));
const FAKES = fileURLToPath(new URL('./fake_machine/', import.meta.url));

/** The same numbers as firmware/config.py: the wiring and the calibration of the board. */
const PINS = { lock: 26, door: 27, sck: 14, dt: 15, buzzer: 25, line: 16, pwrkey: 41 } as const;
const OLED_ADDRESS = 0x3c;
const COUNTS_PER_GRAM = 420;
const COUNTS_ZERO = 84_000;
/** Four cells at 80 Hz: one reading is good to about this (robert-hh/hx711 and our own allowance). */
const READING_SIGMA_GRAMS = 1.5;
const CONVERSION_MS = 12.5;
/** A lithium cell at half charge, behind the board's divider by two. */
const BATTERY_VOLTS = 3.7;
const DIVIDER = 2;
/** The modem's manual: PWRKEY held for more than a second switches it. */
const POWER_KEY_MS = 1_000;
const WATCHDOG_LOOK_MS = 500;

const { shared, flashFolder, secrets, seed } = workerData as VmData;
const senses = new Float64Array(shared);
const port = parentPort!;
const display = new Ssd1306Chip();
const random = seededRandom(seed);
const pins = new Map<number, number>();
let led: [number, number, number] = [0, 0, 0];
let inbox = Buffer.alloc(0);
let nextConversionMs = 0;
let powerKeyAtMs = 0;
let told = false;
/** What the watchdog allows; 0 until it is started, and then it cannot be stopped. */
let watchdogMs = 0;
let fedAtMs = 0;

const modem = new Sim7080g({
  send: (bytes) => {
    inbox = Buffer.concat([inbox, bytes]);
  },
  onChange: () => changed(),
});

const bridge = {
  sckPin: PINS.sck,
  dtPin: PINS.dt,
  readPin: (number: number) => (number === PINS.door ? senses[1]! : (pins.get(number) ?? 0)),
  writePin: (number: number, level: number) => {
    if (pins.get(number) === level) return;
    pins.set(number, level);
    if (number === PINS.pwrkey) pressPowerKey(level);
    changed();
  },
  conversionReady: () => performance.now() >= nextConversionMs,
  conversion: () => {
    nextConversionMs = performance.now() + CONVERSION_MS;
    const grams = senses[0]! + READING_SIGMA_GRAMS * gaussian(random);
    return Math.round(COUNTS_ZERO + grams * COUNTS_PER_GRAM);
  },
  uartAny: () => inbox.length,
  uartRead: () => {
    const hex = inbox.toString('hex');
    inbox = Buffer.alloc(0);
    return hex;
  },
  uartWrite: (hex: string) => modem.receive(Buffer.from(hex, 'hex')),
  i2cWrite: (address: number, hex: string) => {
    if (address !== OLED_ADDRESS) return false;
    display.write(Buffer.from(hex, 'hex'));
    changed();
    return true;
  },
  led: (red: number, green: number, blue: number) => {
    led = [red, green, blue];
    changed();
  },
  volts: () => BATTERY_VOLTS / DIVIDER,
  randomHex: (count: number) => randomBytes(count).toString('hex'),
  watchdog: (timeoutMs: number) => {
    watchdogMs = timeoutMs;
    fedAtMs = performance.now();
    setInterval(() => performance.now() - fedAtMs > watchdogMs && reset('watchdog'), WATCHDOG_LOOK_MS);
  },
  feed: () => {
    fedAtMs = performance.now();
  },
  reset: () => reset('the firmware asked for it'),
};

const mp = await loadMicroPython({ stdout: log, linebuffer: true });
mp.registerJsModule('bridge', bridge);
copyIn(mp.FS, FIRMWARE, '/firmware', '.py');
copyIn(mp.FS, FAKES, '/fake', '.py');
mkdirSync(flashFolder, { recursive: true });
writeFileSync(join(flashFolder, 'secrets.json'), JSON.stringify(secrets));
mountFlash(mp, flashFolder);

port.on('message', ({ on }: VmOrder) => (on ? modem.restore() : modem.cut()));

mp.runPython(readFileSync(join(FAKES, 'boot.py'), 'utf8'));
mp.runPython('import main');
changed();

/** One message for all that changed in this turn of the loop. */
function changed(): void {
  if (told) return;
  told = true;
  setImmediate(() => {
    told = false;
    const face = {
      // The latch of this case is opened by power (firmware/config.py, LOCK_TYPE).
      locked: (pins.get(PINS.lock) ?? 0) === 0,
      led,
      buzzer: pins.get(PINS.buzzer) === 1,
      oled: display.visible(),
      line: (pins.get(PINS.line) === 1 ? 1 : 0) as 0 | 1,
      // The first thing that the cloud ever sends is the answer to a question for the time.
      ready: modem.heard,
    };
    port.postMessage({ kind: 'face', face } satisfies FaceMessage);
  });
}

function log(line: string): void {
  port.postMessage({ kind: 'log', line } satisfies FaceMessage);
}

function pressPowerKey(level: number): void {
  if (level === 1) powerKeyAtMs = performance.now();
  else if (performance.now() - powerKeyAtMs > POWER_KEY_MS) modem.powerKey();
}

/** The chip starts anew: this worker ends, and the controller starts the next. */
function reset(reason: string): never {
  log(`reset: ${reason}`);
  process.exit(0);
}
