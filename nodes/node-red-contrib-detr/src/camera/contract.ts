// What camera stores: where the picture comes from, and what the camera is called.
import { Fault } from '@tapcase/domain';
import { asFields, configText } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  url: { value: '', required: true },
  cameraName: { value: '0', required: true },
} as const;

export interface CameraConfig {
  readonly url: string;
  /** Travels in the vision report. */
  readonly cameraName: string;
}

const NAME_LENGTH_MAX = 8;

export function parseConfig(raw: unknown): CameraConfig | Fault {
  const url = configText(raw, 'url');
  if (!/^https?:\/\//.test(url)) return new Fault('config.invalid', 'url wants an http address');
  const cameraName = String(asFields(raw).cameraName ?? '').trim();
  if (cameraName.length < 1 || cameraName.length > NAME_LENGTH_MAX) {
    return new Fault('config.invalid', `cameraName wants 1 to ${NAME_LENGTH_MAX} letters`);
  }
  return { url, cameraName };
}

/** Any message takes a picture. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
