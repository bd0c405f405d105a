// What visit-due stores; any message is a tick of the clock.
import { chosen } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
