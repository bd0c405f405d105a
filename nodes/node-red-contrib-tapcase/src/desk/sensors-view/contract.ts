// What sensors-view stores: which part of how the cases are, and of what they have learned, it shows. Any message is a wish to see it.

import { asFields, chosen } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
  show: { value: 'scales', required: true },
} as const;

const SHOWN = ['cases', 'notices', 'scales', 'products', 'drift'] as const;

export interface SensorsViewConfig {
  readonly ledger: string;
  readonly shop: string;
  /** `drift`: how far each weighing was off, as points of a chart; the others as rows of a table. */
  readonly show: (typeof SHOWN)[number];
}

/** `config.invalid` */
export function parseConfig(raw: unknown): SensorsViewConfig | Fault {
  const show = SHOWN.find((each) => each === asFields(raw).show);
  if (show === undefined) return new Fault('config.invalid', `show: wants ${SHOWN.join(', ')}`, { where: 'show' });
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop'), show };
}

export function parseMessage(): Record<string, never> {
  return {};
}
