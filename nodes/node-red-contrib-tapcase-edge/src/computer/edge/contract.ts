// What is set of this computer once for all nodes, and what its port keeps.

import { asFields, type Complete, configText, contract, type SettingsHolder } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import * as ring from '../../camera/video-recorder/limits.ts';

const { RING } = ring;
const LINE = /^(none|gpio:\d{1,2}|https?:\/\/\S+)$/;
const PULL = { kind: 'choice', of: ['none', 'up', 'down'], default: 'down', group: 'lines' } as const;

/** Each but the folder is checked by the node that reads it: a wrong one stops that node and no other. */
export const edge = contract({
  type: 'tapcase-edge',
  category: 'config',
  wide: true,
  properties: {
    folder: { kind: 'text', default: '${DEVICE_STATE_DIR}', required: true, icon: 'folder-o' },
    caseId: { kind: 'text', default: '${CASE_ID}', group: 'case' },
    cloudUrl: { kind: 'text', default: '${CLOUD_URL}', group: 'case' },
    cameras: { kind: 'number', default: 2, min: 1, max: 4, whole: true, group: 'case' },
    serialPort: { kind: 'text', default: '${SERIAL_PORT}', is: /^(none|\/\S{1,200})$/, group: 'case' },
    baud: { kind: 'number', default: 115_200, min: 1_200, max: 921_600, unit: 'baud', group: 'case' },
    diskFreeMbMin: { kind: 'number', default: 500, min: 0, max: 1_000_000, unit: 'MB', group: 'case' },
    signalLine: { kind: 'text', default: '${SIGNAL_LINE}', is: LINE, group: 'lines' },
    signalPull: PULL,
    signalActiveLow: { kind: 'flag', default: false, group: 'lines' },
    motionLine: { kind: 'text', default: '${PIR_LINE}', is: LINE, group: 'lines' },
    motionPull: PULL,
    motionActiveLow: { kind: 'flag', default: false, group: 'lines' },
    recordingsFolder: { kind: 'text', default: '${RECORDINGS_DIR}', group: 'recorder' },
    continuous: { kind: 'flag', default: false, group: 'recorder' },
    ringHours: { ...RING.ringHours, default: ring.RING_HOURS, group: 'recorder' },
    ringGigabytes: { ...RING.ringGigabytes, default: ring.RING_GIGABYTES, group: 'recorder' },
    pinDays: { ...RING.pinDays, default: ring.PIN_DAYS, group: 'recorder' },
    pinGigabytes: { ...RING.pinGigabytes, default: ring.PIN_GIGABYTES, group: 'recorder' },
    reserveMegabytes: { ...RING.reserveMegabytes, default: ring.RESERVE_MEGABYTES, group: 'recorder' },
    segmentSeconds: { ...RING.segmentSeconds, default: ring.SEGMENT_SECONDS, group: 'recorder' },
    preRollSeconds: { ...RING.preRollSeconds, default: ring.PRE_ROLL_SECONDS, group: 'recorder' },
    postRollSeconds: { ...RING.postRollSeconds, default: ring.POST_ROLL_SECONDS, group: 'recorder' },
    snapshotsFolder: { kind: 'text', default: '${SNAPSHOTS_DIR}', group: 'snapshots' },
    snapshotMegabytes: { kind: 'number', default: 500, min: 1, max: 1_000_000, unit: 'MB', group: 'snapshots' },
    snapshotDays: { kind: 'number', default: 7, min: 0.01, max: 365, unit: 'days', group: 'snapshots' },
    snapshotEdge: { kind: 'number', default: 1_280, min: 64, max: 4_096, unit: 'px', group: 'snapshots' },
    snapshotQuality: { kind: 'number', default: 80, min: 1, max: 100, group: 'snapshots' },
  },
});

/** The port of the tapcase-edge config node: small JSON values by name, each durable when `write` returns; and settings. */
export interface DeviceState extends SettingsHolder {
  /** What was written under the name; undefined when nothing was, or when the file is damaged. */
  read(name: string): unknown;
  /** Throws `state.unwritable`. */
  write(name: string, value: unknown): void;
}

export interface DeviceStateConfig {
  readonly folder: string;
  readonly settings: DeviceState['settings'];
}

/** `state.no-folder`. */
export function parseConfig(
  saved: unknown,
  _evaluate?: unknown,
  complete: Complete = asItIs,
): DeviceStateConfig | Fault {
  const { name: _name, folder: _folder, ...names } = edge.defaults;
  const stored = complete(asFields(saved));
  const folder = configText(stored, 'folder');
  if (folder === '') return new Fault('state.no-folder', 'no folder is given, or its environment variable is not set');
  return { folder, settings: Object.fromEntries(Object.keys(names).map((name) => [name, stored[name]])) };
}

/** Where there is no environment that a default could name. */
const asItIs: Complete = (saved) => ({
  ...Object.fromEntries(Object.entries(edge.defaults).map(([name, { value }]) => [name, value])),
  ...saved,
});
