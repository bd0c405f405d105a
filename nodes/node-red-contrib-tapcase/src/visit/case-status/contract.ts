// What case-status stores, and the status report that a verified frame must carry.

import { chosen } from '@tapcase/define-node';
import { type Fault, parseStatusReport, type StatusReport } from '@tapcase/domain';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): CaseFrame<StatusReport> | Fault {
  return caseFrame(raw, 'status', parseStatusReport);
}
