// What is set of this computer once for all nodes, and what its port keeps.

import { asFields, configText, type SettingsHolder } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

/** Each is checked by the node that reads it: a wrong one stops that node and no other. */
export const settings = {
  caseId: { value: '${CASE_ID}' },
  cloudUrl: { value: '${CLOUD_URL}' },
  serialPort: { value: '${SERIAL_PORT}' },
  baud: { value: '115200' },
  cameras: { value: '2' },
  signalLine: { value: '${SIGNAL_LINE}' },
  signalPull: { value: 'down' },
  signalActiveLow: { value: false },
  motionLine: { value: '${PIR_LINE}' },
  motionPull: { value: 'down' },
  motionActiveLow: { value: false },
  recordingsFolder: { value: '${RECORDINGS_DIR}' },
  continuous: { value: false },
  segmentSeconds: { value: 20 },
  preRollSeconds: { value: 5 },
  postRollSeconds: { value: 5 },
  ringHours: { value: 24 },
  ringGigabytes: { value: 11.5 },
  pinDays: { value: 30 },
  pinGigabytes: { value: 0.5 },
  reserveMegabytes: { value: 512 },
  snapshotsFolder: { value: '${SNAPSHOTS_DIR}' },
  snapshotEdge: { value: '1280' },
  snapshotQuality: { value: '80' },
  snapshotMegabytes: { value: '500' },
  snapshotDays: { value: '7' },
  diskFreeMbMin: { value: '500' },
} as const;

export const defaults = {
  name: { value: '' },
  folder: { value: '${DEVICE_STATE_DIR}', required: true },
  ...settings,
} as const;

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

export function parseConfig(raw: unknown): DeviceStateConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder !== '') return { folder, settings: settingsOf(raw) };
  return new Fault('state.no-folder', 'no folder is given, or its environment variable is not set');
}

/** A node of an earlier release stores none of them: it has the shipped ones, but for those of the environment. */
function settingsOf(raw: unknown): DeviceState['settings'] {
  const stored = asFields(raw);
  return Object.fromEntries(
    Object.entries(settings).map(([name, { value }]) => [name, stored[name] === undefined ? value : stored[name]]),
  );
}
