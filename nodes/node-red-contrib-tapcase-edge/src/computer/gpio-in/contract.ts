// What tapcase-gpio-in stores: where its line is and how it is read. Messages to it are ignored: it is a source.

import { type Complete, contract, type Evaluate, Fault, isGiven, type Settings } from '@tapcase/define-node';
import { type Level, type LineAddress, type Pull, parseLine } from '../gpio/line.ts';

export const gpioInContract = contract({
  type: 'tapcase-gpio-in',
  category: 'vision',
  color: '#C9CED6',
  icon: 'font-awesome/fa-plug',
  inputs: 0,
  outputs: ['high', 'low', 'standing'],
  properties: {
    state: { kind: 'ref', to: 'tapcase-edge' },
    /** Of the computer's lines, where `line` is empty: its resistor and its level are set there. */
    which: { kind: 'choice', of: ['signal', 'motion'], default: 'signal', only: { line: 'empty' } },
    line: { kind: 'text', default: '', is: /^(none|gpio:\d{1,2}|https?:\/\/\S+)$/, placeholder: 'gpio:18' },
    pull: { kind: 'choice', of: ['none', 'up', 'down'], default: 'none', only: { line: 'given' }, tip: true },
    /** A mechanical contact is still after 50 ms; a second would be a filter, not a debounce. */
    debounceMs: { kind: 'number', default: 20, min: 0, max: 1_000, whole: true, unit: 'ms' },
    activeLow: { kind: 'flag', default: false, only: { line: 'given' } },
    stillSeconds: { kind: 'number', default: 0, min: 0, max: 3_600, whole: true, unit: 's' },
  },
});

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

/** `config.invalid` names the property. */
export function parseConfig(saved: unknown, evaluate?: Evaluate, complete?: Complete): GpioInConfig | Fault {
  const config = gpioInContract.parseConfig(saved, evaluate, complete);
  if (config instanceof Fault) return config;
  const { pull, debounceMs, activeLow, stillSeconds } = config;
  const line = parseLine(config.line);
  return line instanceof Fault ? line : { line, pull, debounceMs, isActiveLow: activeLow, stillSeconds };
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
