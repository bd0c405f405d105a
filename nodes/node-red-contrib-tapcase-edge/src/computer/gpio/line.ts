// What a line is to the nodes: an address in a dialog, a level, and the port behind which the pins of a Pi stand.

import { asFields, configText, type Fault, invalidProperty, phrase } from '@tapcase/define-node';

export type Level = 0 | 1;
export type Pull = 'none' | 'up' | 'down';

/** `gpio:18` is a pin by its Broadcom number, an http address a simulated line, `none` a line that is not fitted. */
export type LineAddress =
  | { readonly kind: 'pin'; readonly bcm: number }
  | { readonly kind: 'simulated'; readonly url: string }
  | { readonly kind: 'none' };

/** An input pin that is open. */
export interface GpioInput {
  read(): Promise<Level>;
  /** Each edge until the returned function is called; `onLost` when the pin can no longer be read. */
  watch(onLevel: (level: Level) => void, onLost: (cause: unknown) => void): () => void;
  close(): void;
}

/** What opens pins. Rejects with `gpio.unavailable` or `gpio.no-such-line`. */
export interface Pins {
  openInput(bcm: number): Promise<GpioInput>;
}

/** BCM2711, the largest of them, has 58 lines; the 40-pin header has 0 to 27. */
const BCM_MAX = 57;

export function parseLine(text: string): LineAddress | Fault {
  if (text === 'none') return { kind: 'none' };
  if (/^https?:\/\/\S+$/.test(text)) return { kind: 'simulated', url: text };
  const [, digits] = /^gpio:(\d{1,2})$/.exec(text) ?? [];
  if (digits !== undefined && Number(digits) <= BCM_MAX) return { kind: 'pin', bcm: Number(digits) };
  return invalidProperty('line', phrase('wants gpio with a pin’s BCM number, an http address or none'));
}

/** A whole number from a dialog, where the editor may have stored text; `fallback` for a property that is not there. */
export function wholeNumber(raw: unknown, name: string, bounds: { max: number; fallback: number }): number | Fault {
  const { max } = bounds;
  const value = asFields(raw)[name];
  const text = typeof value === 'number' ? String(value) : configText(raw, name);
  if (text === '') return bounds.fallback;
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  return invalidProperty(name, phrase('wants a whole number from __min__ to __max__', { min: 0, max }));
}

/** A pull resistor cannot be set through sysfs: the line for /boot/firmware/config.txt, where one is wanted. */
export function pullLine(line: LineAddress, pull: Pull): string | undefined {
  if (line.kind !== 'pin' || pull === 'none') return undefined;
  return `gpio=${line.bcm}=${pull === 'up' ? 'pu' : 'pd'}`;
}

export function inverted(level: Level, isActiveLow: boolean): Level {
  return isActiveLow ? (level === 1 ? 0 : 1) : level;
}
