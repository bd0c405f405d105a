// A SIM7080G at the level of its serial line: AT commands in, answers and unsolicited lines out, a real MQTT connection
// behind it. Follows SIMCom's AT manual V1.05 as far as the firmware's dialogue goes; everything else is an error.
import type { IClientOptions } from 'mqtt';
import type { Clock } from '../case/clock.ts';
import { type BrokerLink, type Dial, dialMqtt, type Qos } from './broker-link.ts';

export interface ModemOptions {
  /** The modem's own time: how long it boots. */
  readonly clock: Clock;
  /** How SMCONN reaches the broker. */
  readonly dial?: Dial;
  /** Bytes for the controller's UART. */
  readonly send: (bytes: Buffer) => void;
  /** Called when the connection to the broker came or went, and at the first message. */
  readonly onChange?: () => void;
  /** Each command as it was understood, without passwords. */
  readonly log?: (line: string) => void;
}

/** The manual's command buffer (section 1.4.4) and its limit on a message (chapter 17). */
const COMMAND_LENGTH_MAX = 559;
const PUBLISH_BYTES_MAX = 1024;
const TOPIC = '"([^"]{1,128})"';
const CONNECT_MS_MAX = 10_000;
/** From power-on to the first answer. Real ones need 1.8 s and more; nothing here waits for the difference. */
const BOOT_MS = 200;
/** What a modem of fixed baud rate says when it is up (manual 2.1). */
const BOOT_LINES = ['RDY', '+CFUN: 1', '+CPIN: READY', 'SMS Ready'];
/** +CSQ without a network, and with a good one (-73 dBm). */
const NO_SIGNAL = 99;
const GOOD_SIGNAL = 20;

/** Manual 22.1, the ones this modem gives. */
const ERRORS = { notAllowed: [3, 'operation not allowed'], unsupported: [4, 'operation not supported'] } as const;

const SETTINGS = new Set(
  'CLIENTID URL KEEPTIME USERNAME PASSWORD CLEANSS QOS TOPIC MESSAGE RETAIN SUBHEX ASYNCMODE'.split(' '),
);

interface Pending {
  readonly topic: string;
  readonly length: number;
  readonly qos: Qos;
  readonly retain: boolean;
}

export class Sim7080g {
  private readonly options: ModemOptions;
  private received = Buffer.alloc(0);
  private echo = true;
  private errorForm = 0;
  private pending: Pending | undefined;
  private settings = new Map<string, string>();
  private link: BrokerLink | undefined;
  /** Counts attempts to connect: what an older one still brings is nobody's. */
  private attempt = 0;
  private connecting = false;
  private booting: (() => void) | undefined;
  private powered = true;
  /** Counts reboots. */
  private life = 0;
  private radio = true;
  private active = false;
  private delivered = false;

  constructor(options: ModemOptions) {
    this.options = options;
  }

  /** True while the broker is there and has ever said something. */
  get heard(): boolean {
    return this.delivered && this.link?.connected === true;
  }

  /** Bytes from the controller's UART. */
  receive(bytes: Uint8Array): void {
    if (!this.powered || this.booting !== undefined) return;
    this.received = Buffer.concat([this.received, bytes]);
    while (this.step());
    // A line without an end is noise.
    if (this.pending === undefined && this.received.length > COMMAND_LENGTH_MAX * 2) this.received = Buffer.alloc(0);
  }

  /** No coverage: the broker is lost, and nothing connects until `restore`. */
  cut(): void {
    this.radio = false;
    if (this.active) this.line('+APP PDP: 0,DEACTIVE');
    this.active = false;
    this.drop();
  }

  restore(): void {
    this.radio = true;
  }

  /** PWRKEY held long enough: off becomes on, on becomes off. */
  powerKey(): void {
    if (!this.powered) return this.boot();
    this.line('NORMAL POWER DOWN');
    this.forget();
    this.powered = false;
  }

  stop(): void {
    this.booting?.();
    this.hangUp(false);
  }

  private step(): boolean {
    if (this.pending !== undefined) {
      // Exactly as many bytes as were announced, whatever they are.
      const { length } = this.pending;
      if (this.received.length < length) return false;
      const payload = Buffer.from(this.received.subarray(0, length));
      this.received = this.received.subarray(length);
      const pending = this.pending;
      this.pending = undefined;
      void this.publish(pending, payload);
      return true;
    }
    const end = this.received.indexOf(0x0d);
    if (end < 0) return false;
    const text = this.received.subarray(0, end).toString('latin1').trim();
    this.received = this.received.subarray(end + 1);
    if (this.echo) this.options.send(Buffer.from(`${text}\r`, 'latin1'));
    if (text.length > COMMAND_LENGTH_MAX) this.error();
    else if (text !== '') this.run(text);
    return true;
  }

  private run(text: string): void {
    this.options.log?.(text.replace(/("PASSWORD",).*/i, '$1…'));
    const [, name, rest = ''] = /^AT\+?([A-Z]*)(.*)$/i.exec(text) ?? [];
    switch (name?.toUpperCase()) {
      case '':
      case 'CNCFG':
      case 'CNMP':
      case 'CMNB':
        return this.ok();
      case 'E':
        this.echo = !rest.startsWith('0');
        return this.ok();
      case 'CMEE':
        this.errorForm = Number(/^=([012])$/.exec(rest)?.[1] ?? 0);
        return this.ok();
      case 'CFUN':
        return rest === '=1,1' ? this.restart() : this.ok();
      case 'CPIN':
        return this.answer('+CPIN: READY');
      case 'CSQ':
        return this.answer(`+CSQ: ${this.radio ? GOOD_SIGNAL : NO_SIGNAL},0`);
      case 'CGATT':
        return this.answer(`+CGATT: ${this.radio ? 1 : 0}`);
      case 'CNACT':
        return this.activate(rest);
      case 'SMCONF':
        return this.configure(rest);
      case 'SMCONN':
        return void this.connect();
      case 'SMDISC':
        return this.disconnect();
      case 'SMSTATE':
        return this.answer(`+SMSTATE: ${this.link?.connected ? 1 : 0}`);
      case 'SMSUB':
        return void this.subscribe(rest);
      case 'SMPUB':
        return this.announce(rest);
      default:
        return this.error('unsupported');
    }
  }

  private activate(rest: string): void {
    if (rest === '?') {
      // All four contexts are listed; only the first is ever used.
      this.line(`+CNACT: 0,${this.active ? 1 : 0},"${this.active ? '10.0.0.2' : '0.0.0.0'}"`);
      for (const context of [1, 2, 3]) this.line(`+CNACT: ${context},0,"0.0.0.0"`);
      return this.ok();
    }
    if (rest === '=0,0' && this.active) {
      this.ok();
      this.active = false;
      this.line('+APP PDP: 0,DEACTIVE');
      return this.drop();
    }
    if (rest !== '=0,1' || !this.radio || this.active) return this.error();
    this.active = true;
    this.ok();
    this.line('+APP PDP: 0,ACTIVE');
  }

  private configure(rest: string): void {
    const [, key = '', value = ''] = /^="([A-Z0-9]+)",(.*)$/i.exec(rest) ?? [];
    if (!SETTINGS.has(key.toUpperCase())) return this.error();
    this.settings.set(key.toUpperCase(), value);
    this.ok();
  }

  private async connect(): Promise<void> {
    if (!this.radio || !this.active || this.connecting || this.link !== undefined) return this.error();
    this.attempt += 1;
    const { attempt } = this;
    this.connecting = true;
    const { dial = dialMqtt } = this.options;
    const link = await dial(this.clientOptions()).catch(() => undefined);
    if (this.attempt !== attempt) return link?.end(false);
    this.connecting = false;
    if (link === undefined) return this.error();
    this.link = link;
    link.onMessage = (topic, payload) => this.deliver(topic, Buffer.from(payload));
    link.onClose = () => {
      if (this.link === link) this.drop();
    };
    this.ok();
    this.options.onChange?.();
  }

  private clientOptions(): IClientOptions {
    // The manual quotes host and port in more than one way; all are taken.
    const [host = '', port = '1883'] = this.setting('URL').split(',').map(unquote);
    const topic = unquote(this.setting('TOPIC'));
    const retain = this.setting('RETAIN') === '1';
    const qos = this.setting('QOS') === '1' ? 1 : 0;
    const will = { topic, payload: Buffer.from(unquote(this.setting('MESSAGE'))), retain, qos } as const;
    return {
      host,
      port: Number(port),
      protocol: 'mqtt',
      clientId: unquote(this.setting('CLIENTID')),
      username: unquote(this.setting('USERNAME')),
      password: unquote(this.setting('PASSWORD')),
      keepalive: Number(this.setting('KEEPTIME') || 60),
      clean: this.setting('CLEANSS') !== '0',
      connectTimeout: CONNECT_MS_MAX,
      ...(topic === '' ? {} : { will }),
    };
  }

  private disconnect(): void {
    if (this.link === undefined) return this.error();
    this.hangUp(true);
    this.ok();
    this.options.onChange?.();
  }

  /** The link is gone: an unsolicited line that the manual lacks and every driver in the field relies on. */
  private drop(): void {
    const failed = this.connecting;
    if (this.link !== undefined) this.line('+SMSTATE: 0');
    // Without a farewell, so that the broker sends the will.
    this.hangUp(false);
    if (failed) this.error();
    this.options.onChange?.();
  }

  /** Ends the connection, or the attempt at one. */
  private hangUp(polite: boolean): void {
    const { link } = this;
    this.link = undefined;
    this.connecting = false;
    this.attempt += 1;
    link?.end(polite);
  }

  private async subscribe(rest: string): Promise<void> {
    const [, topic = '', qos] = new RegExp(`^=${TOPIC},([012])$`).exec(rest) ?? [];
    if (topic === '' || !this.link?.connected) return this.error();
    await this.settle(this.link.subscribe(topic, Number(qos) as Qos));
  }

  private announce(rest: string): void {
    const [, topic, length, qos, retain] = new RegExp(`^=${TOPIC},(\\d+),([012]),([01])$`).exec(rest) ?? [];
    const bytes = Number(length);
    if (topic === undefined || bytes > PUBLISH_BYTES_MAX || !this.link?.connected) return this.error();
    this.pending = { topic, length: bytes, qos: Number(qos) as Qos, retain: retain === '1' };
    this.options.send(Buffer.from('\r\n>'));
  }

  private async publish({ topic, qos, retain }: Pending, payload: Buffer): Promise<void> {
    if (!this.link?.connected) return this.error();
    await this.settle(this.link.publish(topic, payload, { qos, retain }));
  }

  /** Answers when the broker has: OK or an error, and nothing after a reboot. */
  private async settle(work: Promise<void>): Promise<void> {
    const { life } = this;
    const done = await work.then(
      () => true,
      () => false,
    );
    if (this.life === life) done ? this.ok() : this.error();
  }

  private deliver(topic: string, payload: Buffer): void {
    const text = this.setting('SUBHEX') === '1' ? payload.toString('hex') : payload.toString('latin1');
    this.line(`+SMSUB: "${topic}","${text}"`);
    if (this.delivered) return;
    this.delivered = true;
    this.options.onChange?.();
  }

  private restart(): void {
    this.ok();
    this.forget();
    this.boot();
  }

  private boot(): void {
    this.powered = true;
    this.booting = this.options.clock.after(BOOT_MS, () => {
      this.booting = undefined;
      for (const line of BOOT_LINES) this.line(line);
    });
  }

  /** What no reboot survives: settings, context, connection, echo and form of errors. */
  private forget(): void {
    this.booting?.();
    this.booting = undefined;
    this.life += 1;
    this.hangUp(false);
    this.settings.clear();
    this.received = Buffer.alloc(0);
    this.pending = undefined;
    this.active = false;
    this.echo = true;
    this.errorForm = 0;
    this.options.onChange?.();
  }

  private setting(name: string): string {
    return this.settings.get(name) ?? '';
  }

  private answer(text: string): void {
    this.line(text);
    this.ok();
  }

  private ok(): void {
    this.line('OK');
  }

  /** In the form that AT+CMEE chose. */
  private error(kind: keyof typeof ERRORS = 'notAllowed'): void {
    const [code, words] = ERRORS[kind];
    this.line(['ERROR', `+CME ERROR: ${code}`, `+CME ERROR: ${words}`][this.errorForm]!);
  }

  private line(text: string): void {
    this.options.send(Buffer.from(`\r\n${text}\r\n`, 'latin1'));
  }
}

function unquote(text: string): string {
  return text.replace(/^"|"$/g, '');
}
