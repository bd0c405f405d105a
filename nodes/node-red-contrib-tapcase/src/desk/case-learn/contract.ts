// What case-learn stores: where visits are kept, and which cases there are. Any message is a wish to learn.
import { chosen } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface CaseLearnConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): CaseLearnConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

export function parseMessage(): Record<string, never> {
  return {};
}
