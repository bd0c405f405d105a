// A VL53L1X as the bus sees it: registers of 16-bit addresses, a boot that takes its time, a range every 100 ms.
import type { I2cChip } from './board.ts';
import type { Clock } from './clock.ts';

const MODEL_ID = 0xeacc;
const REGISTERS = 0x0200;
const SOFT_RESET = 0x0000;
const READY = 0x0031;
const INTERRUPT_CLEAR = 0x0086;
const MODE_START = 0x0087;
const RESULT = 0x0089;
const RESULT_BYTES = 17;
const BOOTED = 0x00e5;
const IDENTIFICATION = 0x010f;
/** Bits of MODE_START: ranging again and again. */
const RANGING = 0x40;
/** Datasheet 2.9: the firmware has booted 1.2 ms after the reset. */
const BOOT_MS = 1.2;
const RANGE_MS = 100;
/** Of the result block's status: a good range, and: the signal is too weak. */
const GOOD = 9;
const WEAK = 4;

export interface Vl53l1xOptions {
  readonly clock: Clock;
  /** What stands before the sensor; undefined is nothing. */
  readonly distanceMm: () => number | undefined;
  readonly present?: () => boolean;
  /** True while it acknowledges its address and measures nothing. */
  readonly stuck?: () => boolean;
}

export class Vl53l1xChip implements I2cChip {
  readonly address = 0x29;
  readonly present: () => boolean;
  /** Every write, as `register: bytes` in hex. */
  readonly writes: string[] = [];
  private readonly options: Vl53l1xOptions;
  private readonly memory = new Uint8Array(REGISTERS);
  private register = 0;
  private bootedAtMs = 0;
  private nextRangeAtMs = 0;

  constructor(options: Vl53l1xOptions) {
    this.options = options;
    this.present = options.present ?? (() => true);
    this.reset();
  }

  /** Two bytes of address, then bytes for it and those after it. */
  write(bytes: Uint8Array): void {
    this.register = (bytes[0]! << 8) | bytes[1]!;
    const data = bytes.subarray(2);
    if (data.length === 0) return;
    this.writes.push(`${this.register.toString(16).padStart(4, '0')}: ${Buffer.from(data).toString('hex')}`);
    if (this.register === SOFT_RESET) return data[0] === 0 ? this.reset() : this.boot();
    const ranged = this.memory[MODE_START];
    for (const [i, byte] of data.entries()) this.memory[(this.register + i) % REGISTERS] = byte;
    const touches = (register: number) => register >= this.register && register < this.register + data.length;
    if (touches(INTERRUPT_CLEAR)) this.nextRangeAtMs = Math.max(this.nextRangeAtMs, this.nowMs());
    if (touches(MODE_START) && ranged !== RANGING) this.nextRangeAtMs = this.nowMs() + RANGE_MS;
    if (touches(INTERRUPT_CLEAR) && ranged === RANGING) this.nextRangeAtMs = this.nowMs() + RANGE_MS;
  }

  read(count: number): Uint8Array {
    const { memory } = this;
    memory[BOOTED] = Number(this.nowMs() >= this.bootedAtMs);
    memory[READY] = Number(this.isReady());
    if (this.register === RESULT) this.measure();
    return Uint8Array.from({ length: count }, (_, i) => memory[(this.register + i) % REGISTERS]!);
  }

  private nowMs(): number {
    return this.options.clock.nowMs();
  }

  private reset(): void {
    this.memory.fill(0);
    this.memory[IDENTIFICATION] = MODEL_ID >> 8;
    this.memory[IDENTIFICATION + 1] = MODEL_ID & 0xff;
    this.bootedAtMs = Number.POSITIVE_INFINITY;
  }

  private boot(): void {
    this.bootedAtMs = this.nowMs() + BOOT_MS;
  }

  private isReady(): boolean {
    if (this.memory[MODE_START] !== RANGING || this.options.stuck?.() === true) return false;
    return this.nowMs() >= this.nextRangeAtMs;
  }

  private measure(): void {
    const mm = this.options.distanceMm();
    this.memory.fill(0, RESULT, RESULT + RESULT_BYTES);
    this.memory[RESULT] = mm === undefined ? WEAK : GOOD;
    this.memory[RESULT + 13] = (mm ?? 0) >> 8;
    this.memory[RESULT + 14] = (mm ?? 0) & 0xff;
  }
}
