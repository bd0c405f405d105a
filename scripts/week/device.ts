// A controller in a simulated week: one life after the other on the same flash, each ended by a plug, a dip or itself.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Board, createBoard, PINS, type Senses } from '../../sim/src/case/board.ts';
import type { MortalClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { MODEM_UART, tellModem } from '../../sim/src/case/modem-pins.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import type { ResetCause, Secrets } from '../../sim/src/case/vm-messages.ts';
import type { Dial } from '../../sim/src/modem/broker-link.ts';
import type { HttpDial } from '../../sim/src/modem/http-link.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import type { ModemSwitches } from '../../sim/src/modem/switches.ts';
import type { ImageFile } from '../firmware/compile.ts';
import type { Random } from './dice.ts';
import { WITNESS } from './witness.ts';
import { RADIO_STIR_MS, type World } from './world.ts';

/** A chip that resets itself is back after this. */
const BOOT_MS = 500;
/** Ticks wrap after 12 days; these wrap within the first hours of each life, so that the wrap is met. */
const WRAP_TICKS = 2 ** 30;
const WRAP_AFTER_MS_MAX = 4 * 3_600_000;
const SLOTS = ['a', 'b'] as const;

export interface DeviceOptions {
  readonly world: World;
  readonly random: Random;
  /** A folder of this run; each life has a copy of the flash in it. */
  readonly folder: string;
  readonly secrets: Secrets & { readonly update_key?: string };
  /** What slot a holds before the first start; both slots then live in flash. Without it each life has the sources. */
  readonly factory?: readonly ImageFile[];
  readonly senses: Senses;
  readonly dial: Dial;
  readonly dialHttp?: HttpDial;
  readonly onReleased: () => void;
  /** The firmware put a report into its outbox, or still had it there after a reset. */
  readonly onReport: (seq: number, type: string, visit: string) => void;
  /** It heard that this number is safe. */
  readonly onAcked?: (seq: number) => void;
  /** It obeys a lockout, or its end. */
  readonly onLockout?: (on: boolean) => void;
  /** A step of the ladder: an attempt to connect begins, the modem's key or its supply is used. */
  readonly onStep?: () => void;
  readonly onLocked?: () => void;
  /** Its supply is gone. */
  readonly onDark?: () => void;
  /** The chip starts, and says so why. */
  readonly onBoot?: (cause: ResetCause) => void;
  /** The chip starts anew by itself; `mark` is what the firmware had written down about it, if anything. */
  readonly onReset: (reason: string, mark: string | undefined) => void;
  /** The signal line to the Pi. */
  readonly onLine?: (level: number) => void;
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
  /** What is wrong with the modem and its network, through every start. */
  private modemTrouble: Partial<ModemSwitches> = {};
  /** A chip that starts anew by itself finds its modem as it was. */
  private wasMute: Pick<ModemSwitches, 'deaf' | 'hung'> = { deaf: false, hung: false };
  /** Why it starts next, as the chip says, and what its RTC memory has kept. */
  private resetCause: ResetCause = 'power';
  private rtc = { hex: '' };
  /** Writes to the flash until the supply goes. */
  private cutAfterWrites = Number.POSITIVE_INFINITY;
  private whenCut: () => void = () => {};

  constructor(options: DeviceOptions) {
    this.options = options;
    this.provision();
    if (options.factory === undefined) return;
    for (const slot of SLOTS) mkdirSync(join(this.folder(), slot));
    for (const { path, data } of options.factory) writeFileSync(join(this.folder(), 'a', path), data);
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

  /** From now on the modem and its network are like this, until they are told to be otherwise. */
  trouble(switches: Partial<ModemSwitches>): void {
    this.modemTrouble = { ...this.modemTrouble, ...switches };
    Object.assign(this.life?.modem.switches ?? {}, switches);
    this.options.world.stir();
  }

  /** It falls silent; only its key helps, or its supply where it is `hung`. */
  muteModem(how: 'deaf' | 'hung'): void {
    if (this.life !== undefined) this.life.modem.switches[how] = true;
  }

  /** The modem hears what the network brings, and the controller hears the modem. */
  get hears(): boolean {
    const { deaf = true, hung = true } = this.life?.modem.switches ?? {};
    return !deaf && !hung;
  }

  /** The epoch of the state that this board has now; empty before its first start. */
  get epoch(): string {
    const file = join(this.folder(), 'flash', 'epoch.json');
    if (!existsSync(file)) return '';
    return (JSON.parse(readFileSync(file, 'utf8')) as { value: string }).value;
  }

  start(): void {
    if (this.life !== undefined || this.booting) return;
    this.booting = true;
    this.options.world.hold(this.boot());
  }

  /** Another board in its place, or its own with an erased flash: it knows what it was provisioned with, and nothing else. */
  swap(): void {
    this.cut();
    rmSync(join(this.folder(), 'flash'), { recursive: true });
    this.provision();
  }

  private provision(): void {
    const flash = join(this.folder(), 'flash');
    mkdirSync(flash, { recursive: true });
    writeFileSync(join(flash, 'secrets.json'), JSON.stringify(this.options.secrets));
  }

  /** The supply is gone at this very moment, whatever the firmware was doing. */
  cut(): void {
    this.end('power');
  }

  private end(cause: ResetCause): void {
    const { life } = this;
    if (life === undefined) return;
    this.resetCause = cause;
    // A new one: the VM that has ended may still write to the old.
    this.rtc = { hex: cause === 'power' ? '' : this.rtc.hex };
    const { deaf, hung } = life.modem.switches;
    this.wasMute = cause === 'power' ? { deaf: false, hung: false } : { deaf, hung };
    life.clock.end();
    this.life = undefined;
    life.modem.stop();
    if (cause === 'power') this.options.onDark?.();
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
    const { world, senses, dial, dialHttp, random } = this.options;
    const clock = world.clock.mortal();
    const modem = new Sim7080g({
      clock,
      dial,
      ...(dialHttp === undefined ? {} : { dialHttp }),
      send: (bytes) => {
        if (clock.over) return;
        board.send(MODEM_UART, bytes);
        world.stir(RADIO_STIR_MS);
      },
    });
    const alive = (call: () => void) => {
      if (!clock.over) call();
    };
    Object.assign(modem.switches, this.modemTrouble, this.wasMute);
    if (!this.hasRadio) modem.cut();
    const board = await createBoard({
      ...senses,
      clock,
      uarts: { [MODEM_UART]: { receive: (bytes) => alive(() => this.toModem(modem, bytes)) } },
      chips: [new Ssd1306Chip()],
      seed: Math.floor(random() * 2 ** 31),
      random: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
      resetCause: this.resetCause,
      rtc: this.rtc,
      mount: (vm) => this.mount(vm, clock),
      onPin: (pin, level) =>
        alive(() => {
          tellModem(modem, pin, level);
          if (pin === PINS.lock) (level === 1 ? this.options.onReleased : this.options.onLocked)?.();
          if (pin === PINS.pwrkey || pin === PINS.modemPower) this.options.onStep?.();
          if (pin === PINS.line) this.options.onLine?.(level);
          if (pin === PINS.lock || pin === PINS.line) world.stir();
        }),
      onLed: () => {},
      onLog: (line) => alive(() => this.options.onLog(line)),
      onReset: (reason) => alive(() => this.reset(reason)),
      ticksZeroMs: Math.floor(clock.dateMs() - WRAP_TICKS + random() * WRAP_AFTER_MS_MAX),
    });
    this.booting = false;
    this.options.onBoot?.(this.resetCause);
    this.life = { clock, board, modem };
    world.stir();
    board.boot();
    board.vm.registerJsModule('witness', {
      put: (seq: number, type: string, visit: string) => alive(() => this.options.onReport(seq, type, visit)),
      acked: (seq: number) => alive(() => this.options.onAcked?.(seq)),
      lockout: (on: boolean) => alive(() => this.options.onLockout?.(on)),
      step: () => alive(() => this.options.onStep?.()),
    });
    board.vm.runPython(WITNESS);
  }

  private toModem(modem: Sim7080g, bytes: Uint8Array): void {
    this.options.world.stir(RADIO_STIR_MS);
    modem.receive(bytes);
  }

  private reset(reason: string): void {
    this.options.onReset(reason, this.mark());
    this.end(reason === 'watchdog' ? 'watchdog' : 'hard');
    this.options.world.after(BOOT_MS, () => this.start());
  }

  /** What boot.json says about the reset that comes. */
  private mark(): string | undefined {
    const file = join(this.folder(), 'flash', 'boot.json');
    if (!existsSync(file)) return undefined;
    return (JSON.parse(readFileSync(file, 'utf8')) as { value?: { mark?: string } }).value?.mark;
  }

  private mount(vm: Parameters<typeof mountFlash>[0], clock: MortalClock): void {
    const { FS } = vm;
    mountFlash(vm, join(this.folder(), 'flash'));
    for (const slot of this.options.factory === undefined ? [] : SLOTS) {
      // What the board has put there are the sources, of which this case knows nothing.
      if (FS.analyzePath(`/${slot}`).exists)
        for (const name of FS.readdir(`/${slot}`).filter((one) => /\w/.test(one))) FS.unlink(`/${slot}/${name}`);
      mountFlash(vm, join(this.folder(), slot), `/${slot}`);
    }
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
}
