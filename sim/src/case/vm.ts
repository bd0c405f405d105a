// Runs a board in a worker of its own: clocking bits out of a scale must not hold up the rest of the world.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { dialMqtt } from '../modem/broker-link.ts';
import { Sim7080g } from '../modem/sim7080g.ts';
import { createBoard, PINS } from './board.ts';
import { REAL_CLOCK } from './clock.ts';
import { mountFlash } from './flash.ts';
import { MODEM_UART, tellModem } from './modem-pins.ts';
import { overheard } from './overheard.ts';
import { Ssd1306Chip } from './ssd1306-chip.ts';
import { type FaceMessage, getFelt, type Overheard, type VmData, type VmOrder } from './vm-messages.ts';

const { shared, flashFolder, secrets, seed, radio, resetCause, rtc: kept } = workerData as VmData;
const rtc = { hex: kept };
const senses = new Float64Array(shared);
const felt = () => getFelt(senses);
const port = parentPort!;
const display = new Ssd1306Chip(() => !felt().displayGone);
let led: readonly [number, number, number] = [0, 0, 0];
let told = false;

const modem = new Sim7080g({
  clock: REAL_CLOCK,
  dial: overheard(dialMqtt, note),
  send: (bytes) => board.send(MODEM_UART, bytes),
  onChange: () => changed(),
});

mkdirSync(flashFolder, { recursive: true });
writeFileSync(join(flashFolder, 'secrets.json'), JSON.stringify(secrets));
const board = await createBoard({
  clock: REAL_CLOCK,
  massGrams: () => felt().massGrams,
  doorOpen: () => felt().doorOpen,
  temperatureC: () => felt().temperatureC,
  batteryVolts: () => felt().batteryVolts,
  mainsPresent: () => felt().mains,
  boltHome: () => !felt().boltStuck && board.level(PINS.lock) === 0,
  cellFault: () => felt().cellFault,
  uarts: { [MODEM_UART]: modem },
  chips: [display],
  seed,
  resetCause,
  rtc,
  mount: (vm) => mountFlash(vm, flashFolder),
  onPin: (pin, level) => {
    tellModem(modem, pin, level);
    if (pin === PINS.lock) note({ kind: 'does', what: level === 1 ? 'released' : 'locked', detail: '' });
    changed();
  },
  onLed: (colour) => {
    led = colour;
    changed();
  },
  onLog: (line) => note({ kind: 'says', what: line, detail: '' }),
  onReset: reset,
});
display.onChange = changed;
port.on('message', ({ on }: VmOrder) => (on ? modem.restore() : modem.cut()));
if (!radio) modem.cut();
note({ kind: 'power', what: 'boot', detail: '' });
board.boot();
changed();

/** One message for all that changed in this turn of the loop. */
function changed(): void {
  if (told) return;
  told = true;
  setImmediate(() => {
    told = false;
    const face = {
      // The latch of this case is opened by power (firmware/board.py, LOCK_TYPE).
      locked: board.level(PINS.lock) === 0,
      led,
      buzzer: board.level(PINS.buzzer) === 1,
      oled: display.visible(),
      line: (board.level(PINS.line) === 1 ? 1 : 0) as 0 | 1,
      // The first thing that the cloud ever sends is the answer to a question for the time.
      ready: modem.heard,
    };
    port.postMessage({ kind: 'face', face } satisfies FaceMessage);
  });
}

function note(line: Overheard['line']): void {
  port.postMessage({ kind: 'log', line } satisfies FaceMessage);
}

/** The chip starts anew: this worker ends, and the controller starts the next. */
function reset(reason: string): never {
  note({ kind: 'power', what: 'reset', detail: reason });
  const cause = reason === 'watchdog' ? 'watchdog' : 'hard';
  port.postMessage({ kind: 'reset', cause, rtc: rtc.hex } satisfies FaceMessage);
  process.exit(0);
}
