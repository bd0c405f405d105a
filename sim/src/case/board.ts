// An ESP32-S3 board: the unmodified firmware in the MicroPython VM, and what its pins, buses and flash lead to.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PowerOptions, powerBridge } from './board-power.ts';
import type { Clock } from './clock.ts';
import { copyIn } from './flash.ts';
import { type CellSenses, calibrationFile, loadCells } from './load-cells.ts';
import { loadMicroPython, type MicroPython } from './micropython.ts';

export type { CellFault } from './load-cells.ts';

export const FIRMWARE = fileURLToPath(new URL('../../../firmware/', import.meta.url));
const FAKES = fileURLToPath(new URL('./fake_machine/', import.meta.url));

/** The same numbers as firmware/board.py. */
export const PINS = {
  lock: 10,
  bolt: 11,
  door: 12,
  powerFail: 5,
  sck: 14,
  dt: 15,
  buzzer: 13,
  line: 16,
  pwrkey: 40,
  dtr: 39,
  modemPower: 38,
} as const;
const CALIBRATION = '/flash/calibration.json';
const WATCHDOG_LOOK_MS = 500;

/** Whatever is at the other end of one of the board's serial lines. */
export interface UartPeer {
  /** Bytes that the board sends. */
  receive(bytes: Uint8Array): void;
}

export interface I2cChip {
  readonly address: number;
  write(bytes: Uint8Array): void;
  /** The next `count` bytes; a chip that is only written to has none. */
  read?(count: number): Uint8Array;
  /** False while it is unplugged: nobody acknowledges its address. */
  readonly present?: () => boolean;
}

/** What the board's sensors feel, asked whenever the firmware reads them. What is not given is as it should be. */
export interface Senses extends CellSenses {
  /** What the contact says, not what the door does. */
  readonly doorOpen: () => boolean;
  /** False: the mains are gone and the battery carries the board. */
  readonly mainsPresent?: () => boolean;
  /** Whether the bolt is home; without it, it follows the lock. */
  readonly boltHome?: () => boolean;
}

export interface BoardOptions extends Senses, PowerOptions {
  readonly clock: Clock;
  readonly uarts: Readonly<Record<number, UartPeer>>;
  readonly chips: readonly I2cChip[];
  /** Of the scale's noise. */
  readonly seed: number;
  /** Makes the flash: called once, before the firmware starts, with the VM's file system. */
  readonly mount: (vm: MicroPython) => void;
  readonly onPin: (pin: number, level: number) => void;
  readonly onLed: (colour: readonly [number, number, number]) => void;
  readonly onLog: (line: string) => void;
  /** The chip starts anew: whoever owns the board must make another. Nothing of this one may run any more. */
  readonly onReset: (reason: string) => void;
  /** What the chip's random generator gives; unpredictable unless a test must be able to happen again. */
  readonly random?: (count: number) => Uint8Array;
  /** False: nobody has calibrated the scale of this board yet. */
  readonly calibrated?: boolean;
  /** Another build of the VM (micropython.ts). */
  readonly build?: string;
  /** The date at which the VM's ticks were zero: when it was made, where not given. */
  readonly ticksZeroMs?: number;
}

export interface Board {
  /** Runs boot.py and main.py. */
  boot(): void;
  /** Bytes for one of the board's serial lines. */
  send(uart: number, bytes: Uint8Array): void;
  level(pin: number): number;
  readonly vm: MicroPython;
}

export async function createBoard(options: BoardOptions): Promise<Board> {
  const { clock, build, ticksZeroMs } = options;
  const pins = new Map<number, number>();
  const inboxes = new Map<number, Buffer>();
  const inbox = (uart: number) => inboxes.get(uart) ?? Buffer.alloc(0);
  /** What the watchdog allows; started once, it cannot be stopped. */
  let watchdogMs = 0;
  let fedAtMs = 0;
  const look = () => {
    if (clock.nowMs() - fedAtMs > watchdogMs) options.onReset('watchdog');
    else clock.after(WATCHDOG_LOOK_MS, look);
  };

  const bridge = {
    ...loadCells({ ...options, sckPin: PINS.sck, dtPins: [PINS.dt] }),
    readPin: (pin: number) => {
      if (pin === PINS.door) return Number(options.doorOpen());
      // Both as firmware/board.py wires them: low while the bolt is home, high while the mains are there.
      if (pin === PINS.bolt) return Number(!(options.boltHome?.() ?? pins.get(PINS.lock) !== 1));
      if (pin === PINS.powerFail) return Number(options.mainsPresent?.() ?? true);
      return pins.get(pin) ?? 0;
    },
    writePin: (pin: number, level: number) => {
      if (pins.get(pin) === level) return;
      pins.set(pin, level);
      options.onPin(pin, level);
    },
    uartAny: (uart: number) => inbox(uart).length,
    uartRead: (uart: number) => {
      const hex = inbox(uart).toString('hex');
      inboxes.delete(uart);
      return hex;
    },
    uartWrite: (uart: number, hex: string) => options.uarts[uart]?.receive(Buffer.from(hex, 'hex')),
    i2cWrite: (address: number, hex: string) => {
      const chip = options.chips.find((one) => one.address === address);
      if (chip === undefined || chip.present?.() === false) return false;
      chip.write(Buffer.from(hex, 'hex'));
      return true;
    },
    /** Nothing from a chip that does not answer. */
    i2cRead: (address: number, count: number) => {
      const chip = options.chips.find((one) => one.address === address);
      const bytes = chip?.present?.() === false ? undefined : chip?.read?.(count);
      return Buffer.from(bytes ?? []).toString('hex');
    },
    led: (red: number, green: number, blue: number) => options.onLed([red, green, blue]),
    ...powerBridge(options),
    randomHex: (count: number) => Buffer.from((options.random ?? randomBytes)(count)).toString('hex'),
    watchdog: (timeoutMs: number) => {
      watchdogMs = timeoutMs;
      fedAtMs = clock.nowMs();
      clock.after(WATCHDOG_LOOK_MS, look);
    },
    feed: () => {
      fedAtMs = clock.nowMs();
    },
    reset: () => options.onReset('the firmware asked for it'),
  };

  const ticks = ticksZeroMs === undefined ? {} : { ticksZeroMs };
  const vm = await loadMicroPython({ clock, stdout: options.onLog, ...ticks }, build);
  vm.registerJsModule('bridge', bridge);
  copyIn(vm.FS, FIRMWARE, '/firmware', '.py');
  copyIn(vm.FS, join(FIRMWARE, 'app'), '/a', '.py');
  copyIn(vm.FS, FAKES, '/fake', '.py');
  options.mount(vm);
  if (options.calibrated !== false) calibrate(vm);
  return {
    boot: () => {
      vm.runPython(readFileSync(join(FAKES, 'boot.py'), 'utf8'));
      vm.runPython('import boot\nimport main');
    },
    send: (uart, bytes) => void inboxes.set(uart, Buffer.concat([inbox(uart), bytes])),
    level: (pin) => pins.get(pin) ?? 0,
    vm,
  };
}

/** As the bench did, unless the case has done it anew since. */
function calibrate({ FS }: MicroPython): void {
  if (!FS.analyzePath('/flash').exists) FS.mkdir('/flash');
  if (!FS.analyzePath(CALIBRATION).exists) FS.writeFile(CALIBRATION, calibrationFile(1));
}
