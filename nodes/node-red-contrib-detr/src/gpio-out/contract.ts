// What gpio-out stores: where its line is and which level is the safe one; and the level that a message must bring.
import { Fault } from '@tapcase/domain';
import { asFields, configText } from '../fields.ts';
import { type Level, type LineAddress, parseLine } from '../gpio/line.ts';

export const defaults = {
  name: { value: '' },
  line: { value: '', required: true },
  safe: { value: '0', required: true },
  activeLow: { value: false },
} as const;

export interface GpioOutConfig {
  readonly line: LineAddress;
  /** At the start, before a message has come, and at the end. */
  readonly safe: Level;
  readonly isActiveLow: boolean;
}

export function parseConfig(raw: unknown): GpioOutConfig | Fault {
  const line = parseLine(configText(raw, 'line'));
  if (line instanceof Fault) return line;
  const { safe = '0', activeLow = false } = asFields(raw);
  if (safe !== '0' && safe !== '1') return new Fault('config.invalid', 'the safe level wants 0 or 1');
  return { line, safe: safe === '1' ? 1 : 0, isActiveLow: activeLow === true };
}

export function parseMessage(raw: unknown): Level | Fault {
  const { payload } = asFields(raw);
  if (payload === 1 || payload === true) return 1;
  if (payload === 0 || payload === false) return 0;
  return new Fault('message.incomplete', 'payload wants 0, 1, true or false');
}
