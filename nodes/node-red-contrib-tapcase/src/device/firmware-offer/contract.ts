// What firmware-offer refers to, and what a controller asks: is there something for me, or its manifest.

import { chosen } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
  store: { value: '', type: 'firmware-store', required: true },
} as const;

export interface FirmwareOfferConfig {
  readonly ledger: string;
  readonly shop: string;
  readonly store: string;
}

export interface FirmwareQuestion {
  readonly caseId: string;
  readonly wants: 'offer' | 'manifest';
  readonly raw: unknown;
}

const WANTS: Readonly<Record<string, FirmwareQuestion['wants']>> = { 'manifest.sig': 'offer', manifest: 'manifest' };

export function parseConfig(raw: unknown): FirmwareOfferConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop'), store: chosen(raw, 'store') };
}

/** `firmware.unknown-file` */
export function parseMessage(raw: unknown): FirmwareQuestion | Fault {
  const wants = WANTS[paramOf(raw, 'file')];
  if (wants === undefined) return new Fault('firmware.unknown-file', 'neither manifest nor manifest.sig');
  return { caseId: paramOf(raw, 'case'), wants, raw };
}
