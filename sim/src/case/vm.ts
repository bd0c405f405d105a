// Runs the unmodified firmware in the MicroPython WebAssembly VM, in a worker of its own: clocking bits out of a scale
// must not hold up the rest of the world.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
import { Sim7080g } from '../modem/sim7080g.ts';
import { gaussian, seededRandom } from '../shelf/random.ts';
import { Ssd1306Chip } from './ssd1306-chip.ts';
import type { FaceMessage, VmData, VmOrder } from './vm-messages.ts';

const FIRMWARE = fileURLToPath(new URL('../../../firmware/', import.meta.url));
const FAKES = fileURLToPath(new URL('./fake_machine/', import.meta.url));

/** The same numbers as firmware/config.py: the wiring and the calibration of the board. */
const PINS = { lock: 26, door: 27, sck: 14, dt: 15, buzzer: 25, line: 16 } as const;
const COUNTS_PER_GRAM = 420;
const COUNTS_ZERO = 84_000;
/** Four cells at 80 Hz: one reading is good to about this (robert-hh/hx711 and our own allowance). */
const READING_SIGMA_GRAMS = 1.5;
const CONVERSION_MS = 12.5;
/** How often files that the firmware wrote are copied to the folder that stands for its flash. */
const FLASH_SYNC_MS = 50;

const { shared, flashFolder, secrets, seed } = workerData as VmData;
const senses = new Float64Array(shared);
const port = parentPort!;
const display = new Ssd1306Chip();
const random = seededRandom(seed);
const pins = new Map<number, number>();
let led: [number, number, number] = [0, 0, 0];
let inbox = Buffer.alloc(0);
let nextConversionMs = 0;
let commandSeen = false;
let told = false;

const modem = new Sim7080g({
  send: (bytes) => {
    inbox = Buffer.concat([inbox, bytes]);
    // The firmware knows the time once it has published a status; the page only needs "talks to the broker".
    if (!commandSeen && bytes.includes('+SMSUB:')) {
      commandSeen = true;
      changed();
    }
  },
});

const bridge = {
  sckPin: PINS.sck,
  dtPin: PINS.dt,
  readPin: (number: number) => (number === PINS.door ? senses[1]! : (pins.get(number) ?? 0)),
  writePin: (number: number, level: number) => {
    if (pins.get(number) === level) return;
    pins.set(number, level);
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
  i2cWrite: (_address: number, hex: string) => {
    display.write(Buffer.from(hex, 'hex'));
    changed();
  },
  led: (red: number, green: number, blue: number) => {
    led = [red, green, blue];
    changed();
  },
  randomHex: (count: number) => randomBytes(count).toString('hex'),
  crashed: (reason: string) => port.postMessage({ kind: 'crashed', reason } satisfies FaceMessage),
};

const mp = await loadMicroPython({
  stdout: (line: string) => port.postMessage({ kind: 'log', line } satisfies FaceMessage),
  linebuffer: true,
});
mp.registerJsModule('bridge', bridge);
copyIn(FIRMWARE, '/firmware', '.py');
copyIn(FAKES, '/fake', '.py');
mkdirSync(flashFolder, { recursive: true });
writeFileSync(join(flashFolder, 'secrets.json'), JSON.stringify(secrets));
copyIn(flashFolder, '/flash', '.json');
const sync = setInterval(copyOut, FLASH_SYNC_MS);

port.on('message', (order: VmOrder) => {
  if (order.kind === 'stop') void stop();
  else if (order.kind === 'radio') order.on ? modem.restore() : modem.cut();
});

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
      locked: (pins.get(PINS.lock) ?? 0) === 0,
      led,
      buzzer: pins.get(PINS.buzzer) === 1,
      oled: display.visible(),
      line: (pins.get(PINS.line) === 1 ? 1 : 0) as 0 | 1,
      ready: commandSeen,
    };
    port.postMessage({ kind: 'face', face } satisfies FaceMessage);
  });
}

async function stop(): Promise<void> {
  clearInterval(sync);
  copyOut();
  await modem.stop();
  port.postMessage({ kind: 'stopped' } satisfies FaceMessage);
  port.close();
  // The firmware's tasks never end by themselves.
  process.exit(0);
}

function copyIn(folder: string, target: string, ending: string): void {
  if (!mp.FS.analyzePath(target).exists) mp.FS.mkdir(target);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(ending))) {
    mp.FS.writeFile(`${target}/${name}`, readFileSync(join(folder, name)));
  }
}

function copyOut(): void {
  for (const name of mp.FS.readdir('/flash').filter((file: string) => file.endsWith('.json') || /^seq-/.test(file))) {
    if (name === 'secrets.json' || name.endsWith('.new')) continue;
    const text = mp.FS.readFile(`/flash/${name}`, { encoding: 'utf8' }) as string;
    const path = join(flashFolder, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
}
