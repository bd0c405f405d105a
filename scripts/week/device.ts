// A controller in a simulated week: one life after the other on the same flash, each ended by a plug, a dip or itself.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';
import { type Board, createBoard, PINS, type Senses } from '../../sim/src/case/board.ts';
import type { MortalClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import type { Secrets } from '../../sim/src/case/vm-messages.ts';
import type { Dial } from '../../sim/src/modem/broker-link.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import type { Random } from './dice.ts';
import { WITNESS } from './witness.ts';
import { RADIO_STIR_MS, type World } from './world.ts';

const MODEM_UART = 1;
/** The modem's manual: PWRKEY held for more than a second switches it. */
const POWER_KEY_MS = 1_000;
/** A chip that resets itself is back after this. */
const BOOT_MS = 500;
/** Ticks wrap after 12 days; these wrap within the first hours of each life, so that the wrap is met. */
const WRAP_TICKS = 2 ** 30;
const WRAP_AFTER_MS_MAX = 4 * 3_600_000;

export interface DeviceOptions {
  readonly world: World;
  readonly random: Random;
  /** A folder of this run; each life has a copy of the flash in it. */
  readonly folder: string;
  readonly secrets: Secrets;
  readonly senses: Senses;
  readonly dial: Dial;
  readonly onReleased: () => void;
  /** The firmware put a report into its outbox, or still had it there after a reset. */
  readonly onReport: (seq: number, type: string) => void;
  readonly onReset: (reason: string) => void;
  readonly onLog: (line: string) => void;
}

interface Life {
  readonly clock: MortalClock;
  readonly board: Board;
  readonly modem: Sim7080g;
}

export class Device {
  private readonly options: DeviceOptions;
  private life: Life | undefined;
  private lives = 0;
  private booting = false;
  private hasRadio = true;
  /** Writes to the flash until the supply goes. */
  private cutAfterWrites = Number.POSITIVE_INFINITY;
  private whenCut: () => void = () => {};

  constructor(options: DeviceOptions) {
    this.options = options;
    mkdirSync(this.folder(), { recursive: true });
    writeFileSync(join(this.folder(), 'secrets.json'), JSON.stringify(options.secrets));
  }

  get dark(): boolean {
    return this.life === undefined;
  }

  /** A latch without power holds. */
  get locked(): boolean {
    return this.life === undefined || this.life.board.level(PINS.lock) === 0;
  }

  get vm(): Board['vm'] | undefined {
    return this.life?.board.vm;
  }

  radio(on: boolean): void {
    this.hasRadio = on;
    if (on) this.life?.modem.restore();
    else this.life?.modem.cut();
    this.options.world.stir();
  }

  start(): void {
    if (this.life !== undefined || this.booting) return;
    this.booting = true;
    this.options.world.hold(this.boot());
  }

  /** The supply is gone at this very moment, whatever the firmware was doing. */
  cut(): void {
    const { life } = this;
    if (life === undefined) return;
    life.clock.end();
    this.life = undefined;
    life.modem.stop();
    // The VM may still be in the middle of a line; what it writes from here on, it writes into the past.
    const before = this.folder();
    this.lives += 1;
    cpSync(before, this.folder(), { recursive: true });
    rmSync(this.folder(-2), { recursive: true, force: true });
    this.cutAfterWrites = Number.POSITIVE_INFINITY;
    this.options.world.stir();
  }

  /** The supply goes at the n-th write to the flash from now on; then `call`. */
  cutAtWrite(writes: number, call: () => void): void {
    this.cutAfterWrites = writes;
    this.whenCut = call;
  }

  private folder(of = 0): string {
    return join(this.options.folder, `flash-${this.lives + of}`);
  }

  private async boot(): Promise<void> {
    const { world, senses, dial, random } = this.options;
    const clock = world.clock.mortal();
    let powerKeyAtMs = Number.POSITIVE_INFINITY;
    const modem = new Sim7080g({
      clock,
      dial,
      send: (bytes) => {
        if (clock.over) return;
        board.send(MODEM_UART, bytes);
        world.stir(RADIO_STIR_MS);
      },
    });
    const pressPowerKey = (level: number) => {
      if (level === 1) powerKeyAtMs = clock.nowMs();
      else if (clock.nowMs() - powerKeyAtMs > POWER_KEY_MS) modem.powerKey();
    };
    const alive = (call: () => void) => {
      if (!clock.over) call();
    };
    if (!this.hasRadio) modem.cut();
    const board = await createBoard({
      ...senses,
      clock,
      uarts: { [MODEM_UART]: { receive: (bytes) => alive(() => this.toModem(modem, bytes)) } },
      chips: [new Ssd1306Chip()],
      seed: Math.floor(random() * 2 ** 31),
      random: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
      mount: (vm) => this.mount(vm, clock),
      onPin: (pin, level) =>
        alive(() => {
          if (pin === PINS.pwrkey) pressPowerKey(level);
          if (pin === PINS.lock && level === 1) this.options.onReleased();
          if (pin === PINS.lock || pin === PINS.line) world.stir();
        }),
      onLed: () => {},
      onLog: (line) => alive(() => this.options.onLog(line)),
      onReset: (reason) => alive(() => this.reset(reason)),
      load: (options) => this.withTicks(() => loadMicroPython(options)),
    });
    this.booting = false;
    this.life = { clock, board, modem };
    world.stir();
    board.boot();
    board.vm.registerJsModule('witness', {
      put: (seq: number, type: string) => alive(() => this.options.onReport(seq, type)),
    });
    clock.inside(() => board.vm.runPython(WITNESS));
  }

  private toModem(modem: Sim7080g, bytes: Uint8Array): void {
    this.options.world.stir(RADIO_STIR_MS);
    modem.receive(bytes);
  }

  private reset(reason: string): void {
    this.options.onReset(reason);
    this.cut();
    this.options.world.after(BOOT_MS, () => this.start());
  }

  private mount(vm: Parameters<typeof mountFlash>[0], clock: MortalClock): void {
    mountFlash(vm, this.folder());
    const { FS } = vm;
    const rename = FS.rename;
    FS.rename = (from, to) => {
      if (!clock.over && --this.cutAfterWrites <= 0) {
        const { whenCut } = this;
        // Before or after the name has changed: both are one of two states that the firmware must find its way from.
        if (this.options.random() < 0.5) rename(from, to);
        this.cut();
        return whenCut();
      }
      rename(from, to);
    };
  }

  /** The VM takes the date at its start for its ticks' zero. */
  private async withTicks<T>(load: () => Promise<T>): Promise<T> {
    const dateNow = Date.now;
    const startMs = this.options.world.clock.dateMs() - WRAP_TICKS + this.options.random() * WRAP_AFTER_MS_MAX;
    Date.now = () => Math.floor(startMs);
    try {
      return await load();
    } finally {
      Date.now = dateNow;
    }
  }
}
