// The modem's HTTP(S) (AT manual V1.05, chapter 16), as far as a GET with headers goes.
import type { HttpDial, HttpLink } from './http-link.ts';
import type { Network } from './network.ts';
import type { Trust } from './trust.ts';
import { type Area, argumentsOf, type Wire } from './wire.ts';

/** What the modem keeps of a body, and how much of it one +SHREAD line brings. */
const BODY_BYTES_MAX = 307_200;
const PIECE_BYTES = 2_048;
const TEXT_LENGTH_MAX = 64;
const GET = '1';
/** +SHREQ's own status of a connection that died. */
const NETWORK_ERROR = 601;

export class Https implements Area {
  private readonly wire: Wire;
  private readonly network: Network;
  private readonly trust: Trust;
  private readonly dial: HttpDial;
  private settings = new Map<string, string>();
  private headers: Record<string, string> = {};
  private tls: { index: number; caName: string } | undefined;
  private link: HttpLink | undefined;
  private body: Buffer = Buffer.alloc(0);

  constructor(wire: Wire, network: Network, trust: Trust, dial: HttpDial) {
    this.wire = wire;
    this.network = network;
    this.trust = trust;
    this.dial = dial;
  }

  forget(): void {
    this.drop();
    this.settings = new Map();
    this.tls = undefined;
  }

  drop(): void {
    this.link?.end();
    this.link = undefined;
    this.body = Buffer.alloc(0);
    this.headers = {};
  }

  run(name: string, rest: string): boolean {
    if (name === 'SHCONF') this.configure(rest);
    else if (name === 'SHSSL') this.secure(rest);
    else if (name === 'SHCONN') this.connect();
    else if (name === 'SHSTATE') this.wire.answer(`+SHSTATE: ${this.link?.connected ? 1 : 0}`);
    else if (name === 'SHCHEAD') this.clearHeaders();
    else if (name === 'SHAHEAD') this.addHeader(rest);
    else if (name === 'SHREQ') this.request(rest);
    else if (name === 'SHREAD') this.read(rest);
    else if (name === 'SHDISC') this.disconnect();
    else return false;
    return true;
  }

  private configure(rest: string): void {
    const [key = '', value = ''] = argumentsOf(rest);
    const known = /^(URL|BODYLEN|HEADERLEN|TIMEOUT)$/i.test(key) && value.length <= TEXT_LENGTH_MAX;
    if (!known || (/^url$/i.test(key) && !/^https?:\/\//.test(value))) return this.wire.error();
    this.settings.set(key.toUpperCase(), value);
    this.wire.ok();
  }

  private secure(rest: string): void {
    const [index = '', caName = ''] = argumentsOf(rest);
    if (!/^[0-5]$/.test(index)) return this.wire.error();
    this.tls = { index: Number(index), caName };
    this.wire.ok();
  }

  private connect(): void {
    const { wire, network } = this;
    const text = this.settings.get('URL');
    if (text === undefined || !network.active || this.link?.connected) return wire.error();
    this.drop();
    const url = new URL(text);
    const isSecure = url.protocol === 'https:';
    const { index, caName } = this.tls ?? { index: 0, caName: '' };
    const tls = isSecure ? this.trust.settings(index, caName, network.clockRight) : undefined;
    if (isSecure && tls === undefined) return wire.error();
    wire.settle(
      () => this.dial(url, tls),
      (link) => {
        this.link = link;
        if (link === undefined) wire.error();
        else wire.ok();
      },
    );
  }

  private clearHeaders(): void {
    this.headers = {};
    this.wire.ok();
  }

  private addHeader(rest: string): void {
    const [name = '', value = ''] = argumentsOf(rest);
    if (name === '' || value === '') return this.wire.error();
    this.headers[name] = value;
    this.wire.ok();
  }

  private request(rest: string): void {
    const { wire, link } = this;
    const [path = '', kind] = argumentsOf(rest);
    if (!link?.connected || kind !== GET || !path.startsWith('/')) return wire.error();
    wire.ok();
    wire.settle(
      () => link.get(path, this.headers),
      (reply) => {
        this.body = reply?.body.subarray(0, BODY_BYTES_MAX) ?? Buffer.alloc(0);
        wire.line(`+SHREQ: "GET",${reply?.status ?? NETWORK_ERROR},${this.body.length}`);
      },
    );
  }

  private read(rest: string): void {
    const [from = '', count = ''] = argumentsOf(rest);
    const part = this.body.subarray(Number(from), Number(from) + Number(count));
    if (part.length === 0 || part.length !== Number(count)) return this.wire.error();
    this.wire.ok();
    for (let at = 0; at < part.length; at += PIECE_BYTES) {
      const piece = part.subarray(at, at + PIECE_BYTES);
      this.wire.line(`+SHREAD: ${piece.length}`);
      this.wire.bytes(piece);
    }
  }

  private disconnect(): void {
    if (this.link === undefined) return this.wire.error();
    this.drop();
    this.wire.ok();
  }
}
