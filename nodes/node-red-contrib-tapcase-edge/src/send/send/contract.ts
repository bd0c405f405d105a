// What tapcase-send stores, and the four things a message can be: a report, an ack, a wish to keep pictures, a tick.

import { asFields, configText, contract, fillEmpty, invalidProperty, phrase } from '@tapcase/define-node';
import { CASE_ID, Fault, VISIT_ID } from '@tapcase/domain';

export const send = contract({
  type: 'tapcase-send',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-cloud-upload',
  inputs: 1,
  outputs: ['frame', 'received', 'sent'],
  properties: {
    state: { kind: 'ref', to: 'tapcase-edge', required: true },
    keys: { kind: 'ref', to: 'hmac-keys', required: true, icon: 'key' },
  },
});

export type SendOutput = (typeof send.outputs)[number];

/** What is set of this computer, by the names that the parts read. */
export const fillSend = fillEmpty(
  {
    caseId: 'caseId',
    folder: 'snapshotsFolder',
    url: 'cloudUrl',
    serialPort: 'serialPort',
    baud: 'baud',
  },
  { baud: '115200' },
);

export type SendMessage =
  | { readonly kind: 'report'; readonly report: Readonly<Record<string, unknown>> }
  | { readonly kind: 'ack'; readonly of: number }
  | { readonly kind: 'keep'; readonly visit: string }
  | { readonly kind: 'tick' };

/** `payload.invalid` for a keep without a visit. */
export function parseMessage(raw: unknown): SendMessage | Fault {
  const { report, command } = asFields(raw);
  if (asFields(report).type === 'report') return { kind: 'report', report: asFields(report) };
  const { type, of, id } = asFields(command);
  if (type === 'ack' && typeof of === 'number') return { kind: 'ack', of };
  if (type !== 'keep') return { kind: 'tick' };
  if (typeof id === 'string' && VISIT_ID.test(id)) return { kind: 'keep', visit: id };
  return new Fault('payload.invalid', 'a keep without a visit');
}

export function parseCase(raw: unknown): string | Fault {
  const caseId = configText(raw, 'caseId');
  return CASE_ID.test(caseId) ? caseId : invalidProperty('caseId', phrase('wants the name of a case'));
}
