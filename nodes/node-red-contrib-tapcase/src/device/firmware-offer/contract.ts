// What firmware-offer stores, the stage of a rollout, and what a controller asks: is there something for me, or its manifest.

import { chosen, parsed, readFields } from '@tapcase/define-node';
import { CASE_ID, Fault, type Rollout } from '@tapcase/domain';
import { paramOf } from '../../messages.ts';
import { CASES_MAX } from '../../shop/shop/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
  shop: { value: '', type: 'shop', required: true },
  store: { value: '', type: 'firmware-store', required: true },
  /** Empty: nobody is offered anything. */
  version: { value: '' },
  percent: { value: '0', required: true },
  /** Ids, with commas or spaces between. */
  cases: { value: '' },
  haltPercent: { value: '10', required: true },
} as const;

export interface FirmwareOfferConfig {
  readonly ledger: string;
  readonly shop: string;
  readonly store: string;
  readonly rollout: Rollout;
}

export interface FirmwareQuestion {
  readonly caseId: string;
  readonly wants: 'offer' | 'manifest';
  readonly raw: unknown;
}

const WANTS: Readonly<Record<string, FirmwareQuestion['wants']>> = { 'manifest.sig': 'offer', manifest: 'manifest' };

/** `config.invalid` */
export function parseConfig(raw: unknown): FirmwareOfferConfig | Fault {
  return parsed(() => {
    const read = readFields(raw, 'config.invalid');
    const caseIds = read
      .text('cases', { min: 0, max: 33 * CASES_MAX })
      .split(/[\s,]+/)
      .filter((id) => id !== '');
    const wrong = caseIds.find((id) => !CASE_ID.test(id));
    if (wrong !== undefined)
      throw new Fault('config.invalid', `cases: ${wrong.slice(0, 32)} is no case`, { where: 'cases' });
    return {
      ledger: chosen(raw, 'ledger'),
      shop: chosen(raw, 'shop'),
      store: chosen(raw, 'store'),
      rollout: {
        version: read.text('version', { min: 0, max: 20 }),
        percent: read.whole('percent', { min: 0, max: 100 }),
        caseIds,
        haltPercent: read.whole('haltPercent', { min: 1, max: 100 }),
      },
    };
  });
}

/** `firmware.unknown-file` */
export function parseMessage(raw: unknown): FirmwareQuestion | Fault {
  const wants = WANTS[paramOf(raw, 'file')];
  if (wants === undefined) return new Fault('firmware.unknown-file', 'neither manifest nor manifest.sig');
  return { caseId: paramOf(raw, 'case'), wants, raw };
}
