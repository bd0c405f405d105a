// What customer-sign-out stores; any request may sign out.
import { chosen } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  sessions: { value: '', type: 'sessions', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly sessions: string } {
  return { sessions: chosen(raw, 'sessions') };
}

export function parseMessage(): undefined {
  return undefined;
}
