// What picture-prune stores. Any message is a tick.
import { chosen } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  store: { value: '', type: 'picture-store', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly store: string } {
  return { store: chosen(raw, 'store') };
}

export function parseMessage(): Record<string, never> {
  return {};
}
