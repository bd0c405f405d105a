// Tells how the Pi itself is, at every message; and apart from that, once, when it begins to need a person.
import { defineNode, type Emission, fillEmpty } from '@tapcase/define-node';
import { defaults, type Health, parseConfig, parseMessage, type Warning } from './contract.ts';
import { warningsOf } from './judge.ts';
import { type HealthSources, readHealth } from './read-health.ts';

type Output = 'health' | 'warning';

export function piHealth(sources: Omit<HealthSources, 'folder'>) {
  return defineNode({
    type: 'pi-health',
    outputs: ['health', 'warning'],
    defaults,
    parseConfig,
    parseMessage,
    inherits: { from: 'state', type: 'tapcase-edge', fill: fillEmpty({ diskFreeMbMin: 'diskFreeMbMin' }) },
    build: ({ folder, diskFreeMbMin }) => {
      let before: readonly Warning[] = [];
      return async () => {
        const readings = await readHealth({ ...sources, folder });
        const warnings = warningsOf(readings, diskFreeMbMin, before);
        const isNew = warnings.some((warning) => !before.includes(warning));
        before = warnings;
        const health: Health = { ...readings, warnings };
        const add = { health };
        const told: Emission<Output>[] = [
          warnings.length > 0
            ? { to: 'health', add, status: warnings[0]!, look: 'needs-person' }
            : { to: 'health', add, status: statusOf(health) },
        ];
        if (isNew) told.push({ to: 'warning', add });
        return told;
      };
    },
  });
}

export default piHealth({});

function statusOf({ temperatureC, diskFreeMb }: Health): string {
  const heat = temperatureC === null ? [] : [`${Math.round(temperatureC)} °C`];
  const disk = diskFreeMb === null ? [] : [`${diskFreeMb} MB free`];
  return [...heat, ...disk].join(', ') || 'well';
}
