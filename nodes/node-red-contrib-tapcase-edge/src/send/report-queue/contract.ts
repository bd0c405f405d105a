// What report-queue stores, and the three things a message can be: a report, an ack, a tick.

import { asFields, chosen, configText } from '@tapcase/define-node';
import { CASE_ID, Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  caseId: { value: '' },
  keys: { value: '', type: 'hmac-keys', required: true },
  state: { value: '', type: 'tapcase-edge', required: true },
} as const;

export interface ReportQueueConfig {
  readonly caseId: string;
  readonly keys: string;
  readonly state: string;
}

export type QueueMessage =
  | { readonly kind: 'report'; readonly report: Readonly<Record<string, unknown>> }
  | { readonly kind: 'ack'; readonly of: number }
  | { readonly kind: 'tick' };

export function parseConfig(raw: unknown): ReportQueueConfig | Fault {
  const caseId = configText(raw, 'caseId');
  if (!CASE_ID.test(caseId)) return new Fault('config.invalid', 'no case is given');
  return { caseId, keys: chosen(raw, 'keys'), state: chosen(raw, 'state') };
}

export function parseMessage(raw: unknown): QueueMessage {
  const { report, command } = asFields(raw);
  const { type, of } = asFields(command);
  if (asFields(report).type === 'report') return { kind: 'report', report: asFields(report) };
  return type === 'ack' && typeof of === 'number' ? { kind: 'ack', of } : { kind: 'tick' };
}
