// What fault-count stores, and the fault that a caught message brings.
import { asFields, chosen } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

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

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): CaughtFault {
  const { code, message, source } = asFields(asFields(raw).error);
  const { id, type } = asFields(source);
  return {
    code: typeof code === 'string' && CODE.test(code) ? code : 'node.unknown',
    message: String(message ?? '').slice(0, MESSAGE_LENGTH_MAX),
    source: String(id ?? type ?? 'unknown').slice(0, 60),
  };
}
