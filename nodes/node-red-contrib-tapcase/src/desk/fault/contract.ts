// What a node that counts faults stores, and the fault that a caught message brings.
import { asFields, contract } from '@tapcase/define-node';

export const tapcaseFault = contract({
  type: 'tapcase-fault',
  category: 'tapcase',
  color: '#F0B3AD',
  icon: 'font-awesome/fa-bar-chart',
  inputs: 1,
  outputs: ['counted'],
  properties: {
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

export interface CaughtFault {
  /** `node.unknown` where an error of another node has no code. */
  readonly code: string;
  readonly message: string;
  /** Which node it came from. */
  readonly source: string;
}

/** A line of the log, not a page. */
const MESSAGE_LENGTH_MAX = 300;
const CODE = /^[a-z0-9-]{1,30}\.[a-z0-9-]{1,40}$/;

export function parseMessage(raw: unknown): CaughtFault {
  const { code, message, source } = asFields(asFields(raw).error);
  const { id, type } = asFields(source);
  return {
    code: typeof code === 'string' && CODE.test(code) ? code : 'node.unknown',
    message: String(message ?? '').slice(0, MESSAGE_LENGTH_MAX),
    source: String(id ?? type ?? 'unknown').slice(0, 60),
  };
}
