// A SIM7080G at the level of its serial line: AT commands in, answers and unsolicited lines out, a real MQTT connection
// behind it. Follows SIMCom's AT manual V1.05 as far as the firmware's dialogue goes; everything else is an error.
import type { Clock } from '../case/clock.ts';
import { type Dial, dialMqtt } from './broker-link.ts';
import { dialHttp, type HttpDial } from './http-link.ts';
import { Https } from './https.ts';
import { inService, type ModemMemory } from './memory.ts';
import { Mqtt } from './mqtt.ts';
import { Network } from './network.ts';
import { type ModemSwitches, wellBehaved } from './switches.ts';
import { Trust } from './trust.ts';
import { type Area, ERRORS, type ErrorKind, type Wire } from './wire.ts';

export interface ModemOptions {
  /** The modem's own time: how long it boots, how late it answers. */
  readonly clock: Clock;
  /** How SMCONN reaches the broker, and SHCONN a web server. */
  readonly dial?: Dial;
  readonly dialHttp?: HttpDial;
  /** What it has kept from before; by default that of a modem in service. */
  readonly memory?: ModemMemory;
  /** False for one that nobody has switched on yet. */
  readonly powered?: boolean;
  /** Bytes for the controller's UART. */
  readonly send: (bytes: Buffer) => void;
  /** Called when the connection to the broker came or went, and at the first message. */
  readonly onChange?: () => void;
  /** Each command as it was understood, without passwords. */
  readonly log?: (line: string) => void;
}

/** The manual's command buffer (section 1.4.4). */
const COMMAND_LENGTH_MAX = 559;
/** The manual: PWRKEY held for more than a second switches it. */
const PRESS_MS = 1_000;
/** From power-on to the first answer. Real ones need 1.8 s and more; nothing here waits for the difference. */
const BOOT_MS = 200;
/** What a modem of fixed baud rate says when it is up (manual 2.1). */
const BOOT_LINES = ['RDY', '+CFUN: 1', '+CPIN: READY', 'SMS Ready'];
/** With automatic baud rate it has to hear AT so often before it answers. */
const CALLS_FOR_BAUD = 2;

interface Pending {
  readonly length: number;
  readonly then: (data: Buffer) => void;
  readonly giveUp: () => void;
}

export class Sim7080g {
  readonly switches: ModemSwitches = wellBehaved();
  readonly memory: ModemMemory;
  private readonly options: ModemOptions;
  private readonly wire: Wire;
  private readonly network: Network;
  private readonly mqtt: Mqtt;
  private readonly https: Https;
  private readonly areas: readonly Area[];
  private readonly work = new Set<Promise<unknown>>();
  private received = Buffer.alloc(0);
  private echo = true;
  private errorForm = 0;
  private pending: Pending | undefined;
  private booting: (() => void) | undefined;
  private powered: boolean;
  private supplied = true;
  private asleep = false;
  private pressedAtMs: number | undefined;
  private callsForBaud: number;
  /** Counts reboots. */
  private life = 0;

  constructor(options: ModemOptions) {
    this.options = options;
    this.powered = options.powered ?? true;
    this.memory = options.memory ?? inService();
    this.callsForBaud = this.baudCalls();
    this.wire = this.makeWire();
    this.network = new Network(this.wire, this.memory);
    const trust = new Trust(this.wire, this.memory);
    this.mqtt = new Mqtt(this.wire, this.network, trust, options.dial ?? dialMqtt);
    this.https = new Https(this.wire, this.network, trust, options.dialHttp ?? dialHttp);
    this.areas = [this.network, trust, this.mqtt, this.https];
    this.network.onLost = () => {
      this.mqtt.drop();
      this.https.drop();
    };
  }

  /** True while the broker is there and has ever said something. */
  get heard(): boolean {
    return this.mqtt.delivered && this.mqtt.connected;
  }

  /** Settles when what is under way outside the modem (broker, web server) is done; for a time that stands still meanwhile. */
  get outside(): Promise<unknown> | undefined {
    return this.work.size === 0 ? undefined : Promise.all(this.work);
  }

  /** Bytes from the controller's UART. */
  receive(bytes: Uint8Array): void {
    if (!this.powered || this.asleep || this.booting !== undefined || this.isMute()) return;
    this.received = Buffer.concat([this.received, bytes]);
    while (this.step());
    // A line without an end is noise.
    if (this.pending === undefined && this.received.length > COMMAND_LENGTH_MAX * 2) this.received = Buffer.alloc(0);
  }

  /** No coverage: the broker is lost, and nothing connects until `restore`. */
  cut(): void {
    this.network.covered = false;
    this.network.deactivate();
  }

  restore(): void {
    this.network.covered = true;
  }

  /** PWRKEY, by the level of the pin that pulls it down: a press that was long enough counts when it ends. */
  pwrkey(level: number): void {
    const { clock, log } = this.options;
    const pressedAtMs = this.pressedAtMs;
    // What is let go is pressed no more: the first low, when the pin is set up, is no release.
    this.pressedAtMs = level === 1 ? (pressedAtMs ?? clock.nowMs()) : undefined;
    if (level === 1 || pressedAtMs === undefined || clock.nowMs() - pressedAtMs <= PRESS_MS) return;
    log?.('PWRKEY');
    this.toggle();
  }

  /** Off becomes on, on becomes off. */
  private toggle(): void {
    if (!this.supplied || this.switches.hung) return;
    if (!this.powered) return this.boot();
    this.wire.line('NORMAL POWER DOWN');
    this.switches.deaf = false;
    this.off();
  }

  /** Its supply: without it a modem is off, and stays off until its key is pressed. */
  supply(on: boolean): void {
    this.supplied = on;
    if (on) return;
    this.switches.hung = false;
    this.switches.deaf = false;
    this.off();
  }

  private isMute(): boolean {
    return this.switches.hung || this.switches.deaf;
  }

  /** DTR: high lets it sleep, where AT+CSCLK=1 allows that. */
  dtr(level: number): void {
    this.asleep = level === 1 && this.memory.settings.get('CSCLK') === '1';
  }

  stop(): void {
    this.off();
  }

  private makeWire(): Wire {
    return {
      switches: this.switches,
      line: (text) => this.line(text),
      bytes: (data) => this.out(Buffer.from(data)),
      ok: () => this.final('OK'),
      answer: (text) => {
        this.line(text);
        this.final('OK');
      },
      error: (kind) => this.error(kind),
      take: (prompt, length, then, withinMs) => this.take(prompt, length, then, withinMs),
      dateMs: () => this.options.clock.dateMs(),
      later: (ms, call) => this.later(ms, call),
      settle: (work, done) => void this.settle(work, done),
      changed: () => this.options.onChange?.(),
    };
  }

  private step(): boolean {
    if (this.pending !== undefined) {
      // Exactly as many bytes as were announced, whatever they are.
      const { length, then, giveUp } = this.pending;
      if (this.received.length < length) return false;
      const data = Buffer.from(this.received.subarray(0, length));
      this.received = this.received.subarray(length);
      this.pending = undefined;
      giveUp();
      then(data);
      return true;
    }
    const end = this.received.indexOf(0x0d);
    if (end < 0) return false;
    const text = this.received.subarray(0, end).toString('latin1').trim();
    this.received = this.received.subarray(end + 1);
    if (this.callsForBaud > 0) {
      this.callsForBaud -= 1;
      return true;
    }
    if (this.echo) this.out(Buffer.from(`${text}\r`, 'latin1'));
    if (text.length > COMMAND_LENGTH_MAX) this.error();
    else if (text !== '') this.run(text);
    return this.powered && this.booting === undefined;
  }

  private run(text: string): void {
    this.options.log?.(text.replace(/("PASSWORD",).*/i, '$1…'));
    if (this.switches.powerDownAt?.test(text)) return this.off();
    for (const line of this.switches.interleave) this.line(line);
    const [, word, rest = ''] = /^AT\+?([A-Z]*)(.*)$/i.exec(text) ?? [];
    const name = word?.toUpperCase();
    if (name === '') return this.wire.ok();
    if (name === 'E') {
      this.echo = !rest.startsWith('0');
      return this.wire.ok();
    }
    if (name === 'CMEE') return this.setErrorForm(rest);
    if (name === 'CPOWD' || (name === 'CFUN' && rest === '=1,1')) return this.restart(name);
    if (name === undefined || !this.areas.some((area) => area.run(name, rest))) this.error('unsupported');
  }

  private setErrorForm(rest: string): void {
    if (rest === '?') return this.wire.answer(`+CMEE: ${this.errorForm}`);
    this.errorForm = Number(/^=([012])$/.exec(rest)?.[1] ?? 0);
    this.wire.ok();
  }

  private restart(name: string): void {
    if (name === 'CPOWD') return this.toggle();
    this.line('OK');
    this.off();
    this.boot();
  }

  private off(): void {
    this.powered = false;
    this.forget();
  }

  private boot(): void {
    this.powered = true;
    this.callsForBaud = this.baudCalls();
    this.booting = this.options.clock.after(BOOT_MS, () => {
      this.booting = undefined;
      if (this.callsForBaud === 0) for (const line of BOOT_LINES) this.line(line);
    });
  }

  private baudCalls(): number {
    return this.memory.settings.get('IPR') === '0' ? CALLS_FOR_BAUD : 0;
  }

  /** What no reboot survives: settings, context, connection, echo and form of errors. */
  private forget(): void {
    this.booting?.();
    this.booting = undefined;
    this.life += 1;
    this.received = Buffer.alloc(0);
    this.pending?.giveUp();
    this.pending = undefined;
    this.echo = true;
    this.errorForm = 0;
    for (const area of this.areas) area.forget();
    this.options.onChange?.();
  }

  private take(prompt: string, length: number, then: (data: Buffer) => void, withinMs?: number): void {
    if (!this.switches.promptless) this.out(Buffer.from(prompt));
    const giveUp =
      withinMs === undefined
        ? () => {}
        : this.options.clock.after(withinMs, () => {
            this.pending = undefined;
            this.error();
          });
    this.pending = { length, then, giveUp };
  }

  private later(ms: number, call: () => void): void {
    if (ms === 0) return call();
    const { life } = this;
    this.options.clock.after(ms, () => {
      if (this.life === life) call();
    });
  }

  private async settle<T>(start: () => Promise<T>, done: (result: T | undefined) => void): Promise<void> {
    const { life } = this;
    const work = Promise.resolve()
      .then(start)
      .catch(() => undefined);
    this.work.add(work);
    const result = await work;
    this.work.delete(work);
    if (this.life === life) done(result);
    else if (isLink(result)) result.end(false);
  }

  /** In the form that AT+CMEE chose. */
  private error(kind: ErrorKind = 'notAllowed'): void {
    const [code, words] = ERRORS[kind];
    this.final(['ERROR', `+CME ERROR: ${code}`, `+CME ERROR: ${words}`][this.errorForm]!);
  }

  private final(text: string): void {
    this.later(this.switches.answerMs, () => this.line(text));
  }

  private line(text: string): void {
    this.out(Buffer.from(`\r\n${text}\r\n`, 'latin1'));
  }

  private out(bytes: Buffer): void {
    if (!this.powered || this.asleep || this.isMute()) return;
    const sent = this.switches.mangle?.(bytes) ?? bytes;
    if (sent.length > 0) this.options.send(sent);
  }
}

/** A connection that came after the modem had restarted. */
function isLink(result: unknown): result is { end(polite: boolean): void } {
  return typeof result === 'object' && result !== null && 'end' in result && typeof result.end === 'function';
}
