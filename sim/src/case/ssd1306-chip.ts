// The display's other end: an SSD1306 that keeps its own picture memory, as the commands on the wire fill it.

export const OLED_BYTES = 1024;
const COLUMNS = 128;
const PAGES = 8;
/** What follows a control byte (datasheet 8.1.5.2): one command and another control byte, commands only, or picture bytes. */
const CONTROL_COMMAND = 0x80;
const CONTROL_COMMANDS = 0x00;
const CONTROL_DATA = 0x40;
/** What stands in the memory after power-up is not defined; this is easy to see. */
const SNOW = 0xa5;
/** After its reset (datasheet, table 9). */
const CONTRAST = 0x7f;

/** How many parameters follow a command (datasheet rev 1.1, table 9); all others take none. */
const PARAMETERS: ReadonlyMap<number, number> = new Map([
  [0x20, 1],
  [0x21, 2],
  [0x22, 2],
  [0x81, 1],
  [0x8d, 1],
  [0xa8, 1],
  [0xd3, 1],
  [0xd5, 1],
  [0xd9, 1],
  [0xda, 1],
  [0xdb, 1],
]);

export class Ssd1306Chip {
  readonly address = 0x3c;
  /** Called after each write. */
  onChange: () => void = () => {};
  /** MONO_VLSB: byte = page * 128 + column, bit 0 on top. */
  readonly memory = new Uint8Array(OLED_BYTES);
  readonly present: () => boolean;
  /** What the bus has carried, as a test may want to count it. */
  readonly traffic = { writes: 0, bytes: 0, longest: 0 };
  private brightness = CONTRAST;
  private on = false;
  /** Without its charge pump the panel has no voltage to shine with (datasheet, application note p. 3). */
  private pump = false;
  private command: number | undefined;
  private parameters: number[] = [];
  private columns: readonly [number, number] = [0, COLUMNS - 1];
  private pages: readonly [number, number] = [0, PAGES - 1];
  private column = 0;
  private page = 0;

  /** `present`: whether it is plugged in. One that was unplugged has forgotten that it was on. */
  constructor(present: () => boolean = () => true) {
    this.present = present;
  }

  /** One I2C write: a control byte, then commands or picture bytes. */
  write(bytes: Uint8Array): void {
    this.traffic.writes += 1;
    this.traffic.bytes += bytes.length;
    this.traffic.longest = Math.max(this.traffic.longest, bytes.length);
    let at = 0;
    while (bytes[at] === CONTROL_COMMAND && at + 1 < bytes.length) {
      this.take(bytes[at + 1]!);
      at += 2;
    }
    const [control, ...rest] = bytes.subarray(at);
    if (control === CONTROL_DATA) for (const byte of rest) this.put(byte);
    else if (control === CONTROL_COMMANDS) for (const byte of rest) this.take(byte);
    this.onChange();
  }

  /** 0 to 255, the current of a lit pixel; 0 while it is off. */
  contrast(): number {
    return this.isOn() ? this.brightness : 0;
  }

  /** What a person sees: nothing before the display is switched on. */
  visible(): Uint8Array {
    return this.isOn() ? Uint8Array.from(this.memory) : new Uint8Array(OLED_BYTES);
  }

  /** Without power it forgets all that it was told. */
  private isOn(): boolean {
    if (!this.present()) {
      this.on = false;
      this.pump = false;
      this.brightness = CONTRAST;
      this.command = undefined;
      this.memory.fill(SNOW);
    }
    return this.on && this.pump;
  }

  private take(byte: number): void {
    if (this.command === undefined) {
      this.command = byte;
      this.parameters = [];
    } else this.parameters.push(byte);
    if (this.parameters.length < (PARAMETERS.get(this.command) ?? 0)) return;
    this.run(this.command, this.parameters);
    this.command = undefined;
  }

  private run(command: number, [first = 0, second = 0]: readonly number[]): void {
    if (command === 0xae) this.on = false;
    else if (command === 0xaf) this.on = true;
    else if (command === 0x8d) this.pump = first === 0x14;
    else if (command === 0x81) this.brightness = first;
    else if (command === 0x21) {
      this.columns = [first & 127, second & 127];
      this.column = first & 127;
    } else if (command === 0x22) {
      this.pages = [first & 7, second & 7];
      this.page = first & 7;
    }
  }

  /** Horizontal addressing: columns first, then the next page, then from the start. */
  private put(byte: number): void {
    this.memory[this.page * COLUMNS + this.column] = byte;
    this.column += 1;
    if (this.column <= this.columns[1]) return;
    this.column = this.columns[0];
    this.page = this.page >= this.pages[1] ? this.pages[0] : this.page + 1;
  }
}
