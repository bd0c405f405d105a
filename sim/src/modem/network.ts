// The modem's SIM card, network, data context and clock (AT manual V1.05, chapters 3 to 9).
import type { ModemMemory } from './memory.ts';
import { type Area, argumentsOf, type Wire } from './wire.ts';

const FULL_RADIO = 1;
/** +CSQ without a network, and with a good one (-73 dBm). */
const NO_SIGNAL = 99;
const GOOD_SIGNAL = 20;
const SEARCHING = 2;
/** From CNACT's OK to its unsolicited line, and of a question for the time. */
const ACTIVE_MS = 20;
const NTP_MS = 120;
/** What the clock says before anybody has set it. */
const COLD = '80/01/06,00:00:12+00';
/** Read with `?` and written with `=`, and kept. */
const KEPT = new Set(['IPR', 'CLTS', 'CNMP', 'CMNB', 'CSCLK', 'CPSMS', 'CEDRXS']);

export class Network implements Area {
  /** False where no mast is heard. */
  covered = true;
  active = false;
  clockRight = false;
  /** The connection of whoever needs the context is gone with it. */
  onLost: () => void = () => {};
  private readonly wire: Wire;
  private readonly memory: ModemMemory;
  private radio = FULL_RADIO;
  private timeServer = '';

  constructor(wire: Wire, memory: ModemMemory) {
    this.wire = wire;
    this.memory = memory;
    this.forget();
  }

  forget(): void {
    this.active = false;
    this.radio = FULL_RADIO;
    this.timeServer = '';
    this.clockRight = this.memory.settings.get('CLTS') === '1' && this.wire.switches.networkTime;
  }

  /** The context ends, and says so. */
  deactivate(): void {
    if (this.active) this.wire.line('+APP PDP: 0,DEACTIVE');
    this.active = false;
    this.onLost();
  }

  run(name: string, rest: string): boolean {
    const { wire } = this;
    if (KEPT.has(name)) this.keep(name, rest);
    else if (name === 'CPIN') this.tellSim();
    else if (name === 'CSQ') wire.answer(`+CSQ: ${this.reached() ? GOOD_SIGNAL : NO_SIGNAL},0`);
    else if (name === 'CEREG') this.tellRegistration(rest);
    else if (name === 'CGATT') wire.answer(`+CGATT: ${this.reached() && this.state() !== SEARCHING ? 1 : 0}`);
    else if (name === 'CFUN') this.switchRadio(rest);
    else if (name === 'CGDCONT') this.setApn(rest);
    else if (name === 'CNCFG') wire.ok();
    else if (name === 'CNACT') this.activate(rest);
    else if (name === 'CCLK')
      wire.answer(`+CCLK: "${this.clockRight ? clockText(new Date(this.wire.dateMs())) : COLD}"`);
    else if (name === 'CNTP') this.askTime(rest);
    else if (name === 'CEDRXRDP') this.tellEdrx();
    else return false;
    return true;
  }

  private keep(name: string, rest: string): void {
    if (rest === '?') return this.wire.answer(`+${name}: ${this.memory.settings.get(name)}`);
    if (!rest.startsWith('=')) return this.wire.error();
    this.memory.settings.set(name, rest.slice(1));
    this.wire.ok();
  }

  private tellSim(): void {
    const { sim } = this.wire.switches;
    if (sim === 'none') return this.wire.error('noSim');
    if (this.wire.switches.simBusy > 0) {
      this.wire.switches.simBusy -= 1;
      return this.wire.error('simBusy');
    }
    if (this.radio !== FULL_RADIO) return this.wire.answer('+CPIN: NOT READY');
    this.wire.answer(sim === 'pin' ? '+CPIN: SIM PIN' : '+CPIN: READY');
  }

  private reached(): boolean {
    return this.covered && this.radio === FULL_RADIO;
  }

  private state(): number {
    return this.reached() ? this.wire.switches.registration : SEARCHING;
  }

  private tellRegistration(rest: string): void {
    if (rest === '?') this.wire.answer(`+CEREG: 0,${this.state()}`);
    else this.wire.ok();
  }

  private switchRadio(rest: string): void {
    const [level = ''] = argumentsOf(rest);
    if (!/^[014]$/.test(level)) return this.wire.error();
    this.radio = Number(level);
    if (this.radio !== FULL_RADIO) {
      this.deactivate();
      this.wire.line('+CPIN: NOT READY');
    }
    this.wire.ok();
  }

  private setApn(rest: string): void {
    const { settings } = this.memory;
    if (rest === '?') return this.wire.answer(`+CGDCONT: 1,"IP",${settings.get('APN')},"0.0.0.0",0,0,0,0`);
    const [context, kind, apn] = argumentsOf(rest);
    // Only a modem that is not registered can be given another access point.
    if (context !== '1' || kind !== 'IP' || this.radio === FULL_RADIO) return this.wire.error();
    settings.set('APN', `"${apn}"`);
    this.wire.ok();
  }

  private activate(rest: string): void {
    const { wire } = this;
    if (rest === '?') {
      // All four contexts are listed; only the first is ever used.
      wire.line(`+CNACT: 0,${this.active ? 1 : 0},"${this.active ? '10.0.0.2' : '0.0.0.0'}"`);
      for (const context of [1, 2, 3]) wire.line(`+CNACT: ${context},0,"0.0.0.0"`);
      return wire.ok();
    }
    if (rest === '=0,0' && this.active) {
      wire.ok();
      return this.deactivate();
    }
    if (rest !== '=0,1' || !this.reached() || this.active) return wire.error();
    wire.ok();
    wire.later(ACTIVE_MS, () => {
      if (!this.reached()) return;
      this.active = true;
      wire.line('+APP PDP: 0,ACTIVE');
    });
  }

  private askTime(rest: string): void {
    const { wire } = this;
    if (rest !== '') {
      this.timeServer = argumentsOf(rest)[0] ?? '';
      return wire.ok();
    }
    wire.ok();
    wire.later(NTP_MS, () => {
      const code = this.timeServer === '' || !this.active ? 61 : wire.switches.ntp;
      if (code !== 1) return wire.line(`+CNTP: ${code}`);
      this.clockRight = true;
      wire.line(`+CNTP: 1,"${clockText(new Date(this.wire.dateMs()))}"`);
    });
  }

  private tellEdrx(): void {
    const set = this.memory.settings.get('CEDRXS')?.startsWith('1') === true;
    this.wire.answer(set ? '+CEDRXRDP: 4,"0010","0010","0011"' : '+CEDRXRDP: 0');
  }
}

/** Two digits each; the zone in quarters of an hour. */
function clockText(at: Date): string {
  return `${at.toISOString().slice(2, 19).replaceAll('-', '/').replace('T', ',')}+00`;
}
