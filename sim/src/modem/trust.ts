// The modem's files and TLS contexts (AT manual V1.05, chapters 11 and 13): whom a connection trusts.
import type { ModemMemory } from './memory.ts';
import { type Area, argumentsOf, type Wire } from './wire.ts';

const CUSTOMER = '3';
const FILE_BYTES_MAX = 10_240;
const NAME_LENGTH_MAX = 20;
const CA_LIST = '2';
/** CSSLCFG's sslversion and the words of node:tls; 0 is whatever the server has. */
const VERSIONS = { '1': 'TLSv1', '2': 'TLSv1.1', '3': 'TLSv1.2' } as const;

export interface TlsSettings {
  /** Undefined: every server is believed. */
  readonly ca: Buffer | undefined;
  readonly serverName: string | undefined;
  readonly version: (typeof VERSIONS)[keyof typeof VERSIONS] | undefined;
}

interface Context {
  version: string;
  serverName: string | undefined;
  ignoreClock: boolean;
}

export class Trust implements Area {
  private readonly wire: Wire;
  private readonly memory: ModemMemory;
  private open = false;
  private converted = new Set<string>();
  private contexts = new Map<number, Context>();

  constructor(wire: Wire, memory: ModemMemory) {
    this.wire = wire;
    this.memory = memory;
  }

  forget(): void {
    this.open = false;
    this.converted = new Set();
    this.contexts = new Map();
  }

  run(name: string, rest: string): boolean {
    if (name === 'CFSINIT') this.openFiles(true);
    else if (name === 'CFSTERM') this.openFiles(false);
    else if (name === 'CFSGFIS') this.tellSize(rest);
    else if (name === 'CFSWFILE') this.write(rest);
    else if (name === 'CSSLCFG') this.configure(rest);
    else return false;
    return true;
  }

  /** What a connection through this context needs; undefined when it cannot be made. An empty name trusts everybody. */
  settings(index: number, caName: string, clockRight: boolean): TlsSettings | undefined {
    const context = this.context(index);
    const { version, serverName } = context;
    const shape = { serverName, version: VERSIONS[version as keyof typeof VERSIONS] };
    if (caName === '') return { ca: undefined, ...shape };
    const ca = this.memory.files.get(caName);
    // A certificate of 1980 is not valid yet.
    if (ca === undefined || !this.converted.has(caName) || (!clockRight && !context.ignoreClock)) return undefined;
    return { ca, ...shape };
  }

  private context(index: number): Context {
    const known = this.contexts.get(index) ?? { version: '0', serverName: undefined, ignoreClock: false };
    this.contexts.set(index, known);
    return known;
  }

  private openFiles(open: boolean): void {
    if (this.open === open) return this.wire.error();
    this.open = open;
    this.wire.ok();
  }

  private tellSize(rest: string): void {
    const [folder, name = ''] = argumentsOf(rest);
    const file = this.memory.files.get(name);
    if (!this.open || folder !== CUSTOMER || file === undefined) return this.wire.error();
    this.wire.answer(`+CFSGFIS: ${file.length}`);
  }

  private write(rest: string): void {
    const [folder, name = '', append, length, withinMs] = argumentsOf(rest);
    const bytes = Number(length);
    const fits = name !== '' && name.length <= NAME_LENGTH_MAX && bytes > 0 && bytes <= FILE_BYTES_MAX;
    if (!this.open || folder !== CUSTOMER || append !== '0' || !fits) return this.wire.error();
    const then = (data: Buffer) => {
      this.memory.files.set(name, data);
      this.wire.ok();
    };
    this.wire.take('\r\nDOWNLOAD\r\n', bytes, then, Number(withinMs));
  }

  /** Words in any case; hardware takes them in lower case only. */
  private configure(rest: string): void {
    const [word = '', first = '', second = ''] = argumentsOf(rest);
    const { wire } = this;
    const key = word.toLowerCase();
    if (key === 'convert') {
      if (first !== CA_LIST || !this.memory.files.has(second)) return wire.error();
      this.converted.add(second);
      return wire.ok();
    }
    if (!/^[0-5]$/.test(first)) return wire.error();
    const context = this.context(Number(first));
    if (key === 'ctxindex') {
      const { version, ignoreClock, serverName = '' } = context;
      return wire.answer(`+CSSLCFG: ${first},${version},"",${ignoreClock ? 1 : 0},"${serverName}"`);
    }
    if (key === 'sslversion') context.version = second;
    else if (key === 'ignorertctime') context.ignoreClock = second === '1';
    else if (key === 'sni') context.serverName = second;
    else return wire.error();
    wire.ok();
  }
}
