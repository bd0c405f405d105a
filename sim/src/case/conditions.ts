// Says what may be asked of a simulated case besides shopping, and what it is like when nothing is wrong.
import { BATTERY_VOLTS, FRIDGE_CELSIUS } from './board-power.ts';
import type { Conditions, PowerSource } from './types.ts';

export const ALL_WELL: Conditions = {
  power: 'mains',
  radio: true,
  temperatureC: FRIDGE_CELSIUS,
  batteryVolts: BATTERY_VOLTS,
  boltStuck: false,
  contactOpen: false,
  cellTorn: false,
  cellSilent: false,
  displayGone: false,
};

/** Both ends of what a DS18B20 can say (datasheet p. 1), and of what one lithium cell can have. */
const RANGES = { temperatureC: [-55, 125], batteryVolts: [0, 4.3] } as const;
const SOURCES: readonly PowerSource[] = ['mains', 'battery', 'none'];

/** What a request wants changed, at least one thing; undefined for anything else. */
export function parseConditions(wanted: Readonly<Record<string, unknown>>): Partial<Conditions> | undefined {
  const names = Object.keys(wanted);
  if (names.length === 0 || names.some((name) => !Object.hasOwn(ALL_WELL, name))) return undefined;
  return names.every((name) => isGood(name, wanted[name])) ? (wanted as Partial<Conditions>) : undefined;
}

function isGood(name: string, value: unknown): boolean {
  if (name === 'power') return SOURCES.some((source) => source === value);
  if (name !== 'temperatureC' && name !== 'batteryVolts') return typeof value === 'boolean';
  const [least, most] = RANGES[name];
  return typeof value === 'number' && value >= least && value <= most;
}
