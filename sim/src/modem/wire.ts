// What the parts of the modem (network, trust, MQTT, HTTPS) may do on its serial line.
import type { ModemSwitches } from './switches.ts';

/** Manual 22.1, the ones this modem gives. */
export const ERRORS = {
  notAllowed: [3, 'operation not allowed'],
  unsupported: [4, 'operation not supported'],
  noSim: [10, 'SIM not inserted'],
  simBusy: [14, 'SIM busy'],
  noService: [30, 'no network service'],
} as const;
export type ErrorKind = keyof typeof ERRORS;

export interface Wire {
  readonly switches: ModemSwitches;
  /** Between CR LFs, unasked or before a final result. */
  line(text: string): void;
  bytes(data: Uint8Array): void;
  ok(): void;
  /** A line and OK. */
  answer(text: string): void;
  error(kind?: ErrorKind): void;
  /** After the prompt exactly so many bytes are data, whatever they are. */
  take(prompt: string, length: number, then: (data: Buffer) => void, withinMs?: number): void;
  /** What time the network says it is. */
  dateMs(): number;
  /** Calls back after `ms` of the modem's time, unless it has restarted. */
  later(ms: number, call: () => void): void;
  /** Does work outside the modem; calls back with its result, undefined when it failed, and not at all after a restart. */
  settle<T>(work: () => Promise<T>, done: (result: T | undefined) => void): void;
  changed(): void;
}

/** One area of commands: false when the command is not its own. */
export interface Area {
  run(name: string, rest: string): boolean;
  /** What no reboot survives. */
  forget(): void;
}

export function unquote(text: string): string {
  return text.trim().replace(/^"|"$/g, '');
}

/** The arguments of `="a,b",1`. */
export function argumentsOf(rest: string): string[] {
  return (/^=(.*)$/.exec(rest)?.[1]?.match(/"[^"]*"|[^,]+/g) ?? []).map(unquote);
}
