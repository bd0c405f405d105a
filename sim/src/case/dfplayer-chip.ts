// A DFPlayer Mini as its serial line sees it: frames of ten bytes, answers, and a card with or without the file.
import type { UartPeer } from './board.ts';
import type { Clock } from './clock.ts';

const FRAME = 10;
const FIRST = 0x7e;
const VERSION = 0xff;
const LENGTH = 6;
const LAST = 0xef;
const VOLUME = 0x06;
const PLAY_MP3 = 0x12;
const ONLINE = 0x3f;
const FAILED = 0x40;
const TOOK = 0x41;
/** Manual 3.3.4 and common clones: the sum was wrong, no such file. */
const BAD_SUM = 4;
const NO_FILE = 6;
/** The card. */
const TF_CARD = 2;
/** Manual 3.3.1: starting takes 1.5 to 3 s. */
const START_MS = 1_500;
const ANSWER_MS = 30;

export interface DfPlayerOptions {
  readonly clock: Clock;
  /** Bytes for the board. */
  readonly send: (bytes: Uint8Array) => void;
  /** Numbers of the files in /mp3. */
  readonly files: readonly number[];
  readonly present?: () => boolean;
}

export class DfPlayerChip implements UartPeer {
  /** Every byte that came, as frames in hex. */
  readonly frames: string[] = [];
  /** The files that were played. */
  readonly played: number[] = [];
  volume = 30;
  private readonly options: DfPlayerOptions;
  private received = Buffer.alloc(0);
  private startedAtMs: number;

  constructor(options: DfPlayerOptions) {
    this.options = options;
    this.startedAtMs = options.clock.nowMs() + START_MS;
    options.clock.after(START_MS, () => this.answer(ONLINE, TF_CARD));
  }

  /** As after a loose plug: it starts anew, at full volume. */
  restart(): void {
    this.volume = 30;
    this.startedAtMs = this.options.clock.nowMs() + START_MS;
    this.options.clock.after(START_MS, () => this.answer(ONLINE, TF_CARD));
  }

  receive(bytes: Uint8Array): void {
    if (!this.isThere()) return;
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= FRAME) {
      const one = this.received.subarray(0, FRAME);
      this.received = this.received.subarray(FRAME);
      this.frames.push(one.toString('hex'));
      // Before it has started it hears nothing.
      if (this.options.clock.nowMs() >= this.startedAtMs) this.obey(one);
    }
  }

  private obey(one: Buffer): void {
    if (one[0] !== FIRST || one[9] !== LAST || one.readUInt16BE(7) !== checksum(one))
      return this.later(FAILED, BAD_SUM);
    const parameter = one.readUInt16BE(5);
    if (one[3] === VOLUME) this.volume = parameter;
    if (one[3] === PLAY_MP3) {
      if (!this.options.files.includes(parameter)) return this.later(FAILED, NO_FILE);
      this.played.push(parameter);
    }
    if (one[4] === 1) this.later(TOOK, 0);
  }

  private later(command: number, parameter: number): void {
    this.options.clock.after(ANSWER_MS, () => this.answer(command, parameter));
  }

  private answer(command: number, parameter: number): void {
    if (!this.isThere()) return;
    const one = Buffer.from([FIRST, VERSION, LENGTH, command, 0, parameter >> 8, parameter & 0xff, 0, 0, LAST]);
    one.writeUInt16BE(checksum(one), 7);
    this.options.send(one);
  }

  private isThere(): boolean {
    return this.options.present?.() !== false;
  }
}

/** So that the bytes from the version to the checksum add up to nothing. */
function checksum(one: Buffer): number {
  return -one.subarray(1, 7).reduce((sum, byte) => sum + byte, 0) & 0xffff;
}
