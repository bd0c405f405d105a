// What tapcase-gpio-in stores: where its line is and how it is read. Messages to it are ignored: it is a source.

import { asFields, configText, isGiven, type Settings } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type Level, type LineAddress, type Pull, parseLine, wholeNumber } from '../gpio/line.ts';

export const defaults = {
  name: { value: '' },
  state: { value: '', type: 'tapcase-edge', required: false },
  /** Of the computer's lines, where `line` is empty. */
  which: { value: 'signal' },
  line: { value: '' },
  pull: { value: 'none', required: true },
  debounceMs: { value: '20', required: true },
  activeLow: { value: false },
  stillSeconds: { value: '0', required: true },
} as const;

/** A mechanical contact is still after 50 ms; a second would be a filter, not a debounce. */
const DEBOUNCE_MS_MAX = 1_000;
const STILL_SECONDS_MAX = 3_600;

export interface GpioInConfig {
  readonly line: LineAddress;
  readonly pull: Pull;
  readonly debounceMs: number;
  readonly isActiveLow: boolean;
  /** How often a line that stays high is told again; 0: never. */
  readonly stillSeconds: number;
}

/**
 * `msg.line`. `found` says why it is told: it changed; it stood so when it was first heard after a start; it is back after
 * an outage and had not changed; it is still high.
 */
export interface LineReport {
  readonly level: Level;
  readonly found: 'change' | 'start' | 'back' | 'still';
}

/** A line of its own with its own resistor and level, or the computer's with the computer's. */
export function fillLine(own: Settings, theirs: Settings): Settings {
  if (isGiven(own.line)) return own;
  const { which = 'signal' } = own;
  if (which !== 'signal' && which !== 'motion') return { ...own, line: '' };
  const [line, pull, activeLow] = [theirs[`${which}Line`], theirs[`${which}Pull`], theirs[`${which}ActiveLow`]];
  return { ...own, line: line ?? '', pull: pull ?? 'none', activeLow: activeLow ?? false };
}

export function parseConfig(raw: unknown): GpioInConfig | Fault {
  const { pull = 'none', activeLow = false } = asFields(raw);
  const line = parseLine(configText(raw, 'line'));
  if (line instanceof Fault) return line;
  const debounceMs = wholeNumber(raw, 'debounceMs', { max: DEBOUNCE_MS_MAX, fallback: 0 });
  if (debounceMs instanceof Fault) return debounceMs;
  const stillSeconds = wholeNumber(raw, 'stillSeconds', { max: STILL_SECONDS_MAX, fallback: 0 });
  if (stillSeconds instanceof Fault) return stillSeconds;
  if (pull !== 'none' && pull !== 'up' && pull !== 'down') {
    return new Fault('config.invalid', 'pull wants none, up or down');
  }
  return { line, pull, debounceMs, isActiveLow: activeLow === true, stillSeconds };
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
