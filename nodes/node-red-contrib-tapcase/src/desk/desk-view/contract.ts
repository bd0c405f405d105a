// What desk-view stores: which list of the staff's desk it fills.

import { asFields, chosen } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  list: { value: 'visits', required: true },
} as const;

export interface DeskViewConfig {
  readonly ledger: string;
  readonly list: 'visits' | 'flagged' | 'debts' | 'audits';
}

/** `config.invalid` */
export function parseConfig(raw: unknown): DeskViewConfig | Fault {
  const { list } = asFields(raw);
  if (list !== 'visits' && list !== 'flagged' && list !== 'debts' && list !== 'audits') {
    return new Fault('config.invalid', 'list: wants visits, flagged, debts or audits', { where: 'list' });
  }
  return { ledger: chosen(raw, 'ledger'), list };
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
