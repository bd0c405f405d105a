// Which sentence a fault gets. Codes of the cloud that have none get the sentence of their HTTP status.
import type { ApiFault } from './api.ts';
import type { Words } from './words.ts';

type Sentence = { [K in keyof Words]: K extends `fault${string}` ? K : never }[keyof Words];

const BY_CODE: ReadonlyMap<string, Sentence> = new Map([
  ['case.busy', 'faultBusy'],
  ['case.offline', 'faultOffline'],
  ['case.closed', 'faultClosed'],
  ['case.restocking', 'faultRestocking'],
  ['case.not-now', 'faultNotNow'],
  ['case.unknown', 'faultUnknownCase'],
  ['customer.no-card', 'faultNoCard'],
  ['customer.owes', 'faultOwes'],
  ['customer.unopened', 'faultUnopened'],
  ['debt.none', 'faultPaid'],
  ['debt.busy', 'faultDebtBusy'],
  ['shop.starting', 'faultStarting'],
  ['sign-in.wrong-code', 'faultCode'],
  ['stripe.needs-action', 'faultNeedsAction'],
  ['visit.unknown', 'faultVisit'],
  ['net.unreachable', 'faultNetwork'],
  ['net.timeout', 'faultTimeout'],
]);

/** A whole family of codes with one thing to do about it; the first that fits. */
const BY_PREFIX: readonly (readonly [string, Sentence])[] = [
  ['stripe.declined', 'faultDeclined'],
  ['stripe.authentication', 'faultNeedsAction'],
  ['stripe.', 'faultPayment'],
  ['session.', 'faultSession'],
];

const BY_STATUS: ReadonlyMap<number, Sentence> = new Map([
  [401, 'faultSession'],
  [402, 'faultDeclined'],
  [429, 'faultTooMany'],
  [503, 'faultAway'],
  [504, 'faultTimeout'],
]);

export function faultSentence({ code, status }: ApiFault, words: Words): string {
  const known = BY_CODE.get(code) ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
  return words[known ?? BY_STATUS.get(status) ?? 'faultOther'];
}

export function isSessionFault({ code, status }: ApiFault): boolean {
  return status === 401 || code.startsWith('session.');
}
