// The display's other end: an SSD1306 that keeps its own picture memory, as the commands on the wire fill it.

export const OLED_BYTES = 1024;
const COLUMNS = 128;
const PAGES = 8;
const CONTROL_COMMAND = 0x80;
const CONTROL_DATA = 0x40;

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
  private on = false;
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
    const [control, ...rest] = bytes;
    if (control === CONTROL_DATA) for (const byte of rest) this.put(byte);
    else if (control === CONTROL_COMMAND) for (const byte of rest) this.take(byte);
    this.onChange();
  }

  /** What a person sees: nothing before the display is switched on. */
  visible(): Uint8Array {
    if (!this.present()) this.on = false;
    return this.on ? Uint8Array.from(this.memory) : new Uint8Array(OLED_BYTES);
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
