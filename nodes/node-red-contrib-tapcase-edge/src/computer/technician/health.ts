// How the computer itself is: what is looked at, what is told of it, and when it begins to need a person.

import { configText, Fault, invalidProperty, phrase, type Status, says, shows } from '@tapcase/define-node';
import { wholeNumber } from '../gpio/line.ts';
import { warningsOf } from './judge.ts';
import { type Health, type HealthSources, readHealth, type Warning } from './read-health.ts';

export interface HealthConfig {
  /** Undefined: no disk is looked at. */
  readonly folder: string | undefined;
  readonly diskFreeMbMin: number;
}

/** 500 MB is half an hour of two cameras; a terabyte would be a mistake. */
const DISK_FREE_MB = 500;
const DISK_FREE_MB_MAX = 1_000_000;

export function parseHealthConfig(raw: unknown): HealthConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return invalidProperty('folder', phrase('wants a path, or none'));
  const diskFreeMbMin = wholeNumber(raw, 'diskFreeMbMin', { max: DISK_FREE_MB_MAX, fallback: DISK_FREE_MB });
  if (diskFreeMbMin instanceof Fault) return diskFreeMbMin;
  return { folder: folder === 'none' ? undefined : folder, diskFreeMbMin };
}

/** Looks each time it is called; `isNew` when a warning stands that did not at the last look. Never rejects. */
export function watchHealth(
  sources: Omit<HealthSources, 'folder'>,
  { folder, diskFreeMbMin }: HealthConfig,
): () => Promise<{ readonly health: Health; readonly isNew: boolean }> {
  let before: readonly Warning[] = [];
  return async () => {
    const readings = await readHealth({ ...sources, folder });
    const warnings = warningsOf(readings, diskFreeMbMin, before);
    const isNew = warnings.some((warning) => !before.includes(warning));
    before = warnings;
    return { health: { ...readings, warnings }, isNew };
  };
}

/** The first warning, else heat and room: 20 characters. */
export function healthStatus({ warnings, temperatureC, diskFreeMb }: Health): Status {
  const [warning] = warnings;
  if (warning !== undefined) return says(warning);
  const heat = temperatureC === null ? undefined : shows(`${Math.round(temperatureC)} °C`);
  const disk = diskFreeMb === null ? undefined : says('__n__ MB free', { n: diskFreeMb });
  if (heat !== undefined && disk !== undefined) return says('__heat__, __disk__', { heat, disk });
  return heat ?? disk ?? says('well');
}
