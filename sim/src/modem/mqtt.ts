// The modem's MQTT (AT manual V1.05, chapter 17): settings, one connection, messages in and out.
import type { IClientOptions } from 'mqtt';
import type { BrokerLink, Dial, Qos } from './broker-link.ts';
import type { Network } from './network.ts';
import type { TlsSettings, Trust } from './trust.ts';
import { type Area, argumentsOf, unquote, type Wire } from './wire.ts';

const PUBLISH_BYTES_MAX = 1024;
const TOPIC = '"([^"]{1,128})"';
const CONNECT_MS_MAX = 10_000;
const SETTINGS = new Set(
  'CLIENTID URL KEEPTIME USERNAME PASSWORD CLEANSS QOS TOPIC MESSAGE RETAIN SUBHEX ASYNCMODE'.split(' '),
);

export class Mqtt implements Area {
  /** True once the broker has ever said something. */
  delivered = false;
  private readonly wire: Wire;
  private readonly network: Network;
  private readonly trust: Trust;
  private readonly dial: Dial;
  private settings = new Map<string, string>();
  /** SMSSL: 0 is no TLS, 1 to 6 the contexts 0 to 5. */
  private tls = { index: 0, caName: '' };
  private link: BrokerLink | undefined;
  private connecting = false;
  /** Counts attempts to connect: what an older one still brings is nobody's. */
  private attempt = 0;

  constructor(wire: Wire, network: Network, trust: Trust, dial: Dial) {
    this.wire = wire;
    this.network = network;
    this.trust = trust;
    this.dial = dial;
  }

  get connected(): boolean {
    return this.link?.connected === true;
  }

  forget(): void {
    this.hangUp(false);
    this.settings = new Map();
    this.tls = { index: 0, caName: '' };
  }

  /** The link is gone: an unsolicited line that the manual lacks and every driver in the field relies on. */
  drop(): void {
    const failed = this.connecting;
    if (this.link !== undefined) this.wire.line('+SMSTATE: 0');
    // Without a farewell, so that the broker sends the will.
    this.hangUp(false);
    if (failed) this.wire.error();
    this.wire.changed();
  }

  /** Ends the connection, or the attempt at one. */
  hangUp(polite: boolean): void {
    const { link } = this;
    this.link = undefined;
    this.connecting = false;
    this.attempt += 1;
    link?.end(polite);
  }

  run(name: string, rest: string): boolean {
    const { wire } = this;
    if (name === 'SMCONF') this.configure(rest);
    else if (name === 'SMSSL') this.secure(rest);
    else if (name === 'SMCONN') this.connect();
    else if (name === 'SMDISC') this.disconnect();
    else if (name === 'SMSTATE') wire.answer(`+SMSTATE: ${this.connected ? 1 : 0}`);
    else if (name === 'SMSUB') this.subscribe(rest);
    else if (name === 'SMPUB') this.announce(rest);
    else return false;
    return true;
  }

  private configure(rest: string): void {
    const [, key = '', value = ''] = /^="([A-Z0-9]+)",(.*)$/i.exec(rest) ?? [];
    if (!SETTINGS.has(key.toUpperCase())) return this.wire.error();
    this.settings.set(key.toUpperCase(), value);
    this.wire.ok();
  }

  private secure(rest: string): void {
    const [, index, caName = ''] = /^=([0-6]),"([^"]*)"(?:,"[^"]*")?$/.exec(rest) ?? [];
    if (index === undefined) return this.wire.error();
    this.tls = { index: Number(index), caName };
    this.wire.ok();
  }

  private connect(): void {
    const { wire, network } = this;
    if (!network.active || this.connecting || this.link !== undefined || wire.switches.refuseConnect)
      return wire.error();
    const { index, caName } = this.tls;
    const settings = index === 0 ? undefined : this.trust.settings(index - 1, caName, network.clockRight);
    if (index > 0 && settings === undefined) return wire.error();
    this.attempt += 1;
    this.connecting = true;
    const { attempt } = this;
    wire.later(wire.switches.connectMs, () => {
      if (this.attempt !== attempt) return;
      wire.settle(
        () => this.dial(this.clientOptions(settings)),
        (link) => {
          if (this.attempt !== attempt) return link?.end(false);
          this.connecting = false;
          this.connectedTo(link);
        },
      );
    });
  }

  private connectedTo(link: BrokerLink | undefined): void {
    if (link === undefined) return this.wire.error();
    this.link = link;
    link.onMessage = (topic, payload) => this.deliver(topic, Buffer.from(payload));
    link.onClose = () => {
      if (this.link === link) this.drop();
    };
    this.wire.ok();
    this.wire.changed();
  }

  private clientOptions(tls: TlsSettings | undefined): IClientOptions {
    // The manual quotes host and port in more than one way; all are taken.
    const [host = '', port = '1883'] = this.setting('URL').split(',').map(unquote);
    const topic = unquote(this.setting('TOPIC'));
    const retain = this.setting('RETAIN') === '1';
    const qos = this.setting('QOS') === '1' ? 1 : 0;
    const will = { topic, payload: Buffer.from(unquote(this.setting('MESSAGE'))), retain, qos } as const;
    return {
      host,
      port: Number(port),
      protocol: tls === undefined ? 'mqtt' : 'mqtts',
      ...tlsOptions(tls),
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
    if (this.link === undefined) return this.wire.error();
    this.hangUp(true);
    this.wire.ok();
    this.wire.changed();
  }

  private subscribe(rest: string): void {
    const [topic = '', qos = ''] = argumentsOf(rest);
    if (topic === '' || !/^[012]$/.test(qos) || !this.link?.connected) return this.wire.error();
    const { link } = this;
    this.finish(() => link.subscribe(topic, Number(qos) as Qos));
  }

  private announce(rest: string): void {
    const [, topic, length, qos, retain] = new RegExp(`^=${TOPIC},(\\d+),([012]),([01])$`).exec(rest) ?? [];
    const bytes = Number(length);
    if (topic === undefined || bytes > PUBLISH_BYTES_MAX || !this.link?.connected) return this.wire.error();
    this.wire.take('\r\n>', bytes, (payload) => {
      const { link } = this;
      if (!link?.connected) return this.wire.error();
      this.finish(() => link.publish(topic, payload, { qos: Number(qos) as Qos, retain: retain === '1' }));
    });
  }

  private finish(work: () => Promise<void>): void {
    this.wire.settle(
      () => work().then(() => true),
      (done) => (done === true ? this.wire.ok() : this.wire.error()),
    );
  }

  private deliver(topic: string, payload: Buffer): void {
    const text = this.setting('SUBHEX') === '1' ? payload.toString('hex') : payload.toString('latin1');
    this.wire.line(`+SMSUB: "${topic}","${text}"`);
    if (this.delivered) return;
    this.delivered = true;
    this.wire.changed();
  }

  private setting(name: string): string {
    return this.settings.get(name) ?? '';
  }
}

function tlsOptions(tls: TlsSettings | undefined): Partial<IClientOptions> {
  if (tls === undefined) return {};
  const { ca, serverName, version } = tls;
  return {
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
  };
}
