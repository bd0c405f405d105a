// What firmware-file stores, and which file of which release a controller asks for.
import { chosen } from '@tapcase/define-node';
import { paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  store: { value: '', type: 'firmware-store', required: true },
} as const;

export interface FirmwareFileQuestion {
  /** Not a number where the path names none. */
  readonly number: number;
  readonly file: string;
  readonly raw: unknown;
}

export function parseConfig(raw: unknown): { readonly store: string } {
  return { store: chosen(raw, 'store') };
}

export function parseMessage(raw: unknown): FirmwareFileQuestion {
  return { number: Number(paramOf(raw, 'number')), file: paramOf(raw, 'file'), raw };
}
