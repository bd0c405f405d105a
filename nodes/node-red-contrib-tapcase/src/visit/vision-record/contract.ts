// What vision-record stores, and the vision report that a verified frame must carry.

import { chosen } from '@tapcase/define-node';
import { type Fault, parseVisionReport, type VisionReport } from '@tapcase/domain';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisionRecordConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): VisionRecordConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

export function parseMessage(raw: unknown): CaseFrame<VisionReport> | Fault {
  return caseFrame(raw, 'vision', parseVisionReport);
}
