// What pi-health stores: which folder's disk it looks at and when that is nearly full; and the health it reports.

import { configText } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { wholeNumber } from '../gpio/line.ts';

export const defaults = {
  name: { value: '' },
  state: { value: '', type: 'tapcase-edge', required: false },
  folder: { value: '/', required: true },
  diskFreeMbMin: { value: '' },
} as const;

export interface PiHealthConfig {
  /** Undefined: no disk is looked at. */
  readonly folder: string | undefined;
  readonly diskFreeMbMin: number;
}

/** What the firmware of a Pi says about its supply and its heat. */
export type Throttle = 'under-voltage' | 'frequency-capped' | 'throttled' | 'soft-temperature-limit';
export type Warning = 'hot' | 'disk-nearly-full' | 'under-voltage';

/** `msg.health`. Null where this machine cannot say. Mb are 1,000,000 bytes. */
export interface Health {
  /** The hottest zone. */
  readonly temperatureC: number | null;
  readonly throttled: { readonly now: readonly Throttle[]; readonly sinceStart: readonly Throttle[] } | null;
  readonly memoryFreeMb: number | null;
  readonly diskFreeMb: number | null;
  readonly diskTotalMb: number | null;
  readonly uptimeS: number | null;
  readonly load1: number | null;
  readonly model: string | null;
  /** What stands now; output 2 tells it when one is new. */
  readonly warnings: readonly Warning[];
}

/** 500 MB is half an hour of two cameras; a terabyte would be a mistake. */
const DISK_FREE_MB = 500;
const DISK_FREE_MB_MAX = 1_000_000;

export function parseConfig(raw: unknown): PiHealthConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return new Fault('config.invalid', 'folder wants a path, or none');
  const diskFreeMbMin = wholeNumber(raw, 'diskFreeMbMin', { max: DISK_FREE_MB_MAX, fallback: DISK_FREE_MB });
  if (diskFreeMbMin instanceof Fault) return diskFreeMbMin;
  return { folder: folder === 'none' ? undefined : folder, diskFreeMbMin };
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
