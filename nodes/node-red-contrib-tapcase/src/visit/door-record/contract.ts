// What door-record stores, and the door report that a verified frame must carry.

import { chosen } from '@tapcase/define-node';
import { type DoorReport, type Fault, parseDoorReport } from '@tapcase/domain';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface DoorRecordConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): DoorRecordConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

export function parseMessage(raw: unknown): CaseFrame<DoorReport> | Fault {
  return caseFrame(raw, 'door', parseDoorReport);
}
