// Says in words why a person must look at a visit: what went wrong with its money, and what to do about it.
import { formatMinor, type Visit } from '@tapcase/domain';
import type { VisitEventRow } from '@tapcase/ledger';

export function whyOf({ outcome, catalog }: Visit, events: readonly VisitEventRow[]): string {
  const told = events.map(({ event, note }) => sentence(event, note ?? {}, catalog.currency));
  const ended = outcome === null ? '' : (OUTCOMES[outcome] ?? '');
  return [...new Set(told), ended].filter((text) => text !== '').join('; ');
}

const OUTCOMES: Readonly<Partial<Record<NonNullable<Visit['outcome']>, string>>> = {
  in_review: 'a person must say what was taken',
  owed: 'nothing of it could be charged',
  partly_paid: 'a part could not be charged',
};

function sentence(event: string, note: Readonly<Record<string, unknown>>, currency: string): string {
  const { amountMinor, code, step, reason } = note;
  const money = typeof amountMinor === 'number' && amountMinor > 0 ? ` of ${formatMinor(amountMinor, currency)}` : '';
  const why = typeof code === 'string' ? ` (${code})` : '';
  switch (event) {
    case 'refund_failed':
      return `the refund${money} failed${why}: nothing went back`;
    case 'step_given_up':
      return unanswered(STEPS[String(step)] ?? 'a payment', money);
    case 'moved_at_stripe':
      return atStripe(note, currency);
    case 'disputed_at_bank':
      return `disputed at the bank${typeof reason === 'string' ? ` (${asWords(reason)})` : ''}`;
    case 'report_kept_aside':
      return `a report of its case was kept aside and counts for nothing${why}: look at what the scale and the cameras say`;
    default:
      return asWords(event);
  }
}

/** Somebody has done it at Stripe's dashboard; the ledger knows of it now. */
function atStripe({ givenMinor, tookMinor, is }: Readonly<Record<string, unknown>>, currency: string): string {
  if (typeof givenMinor === 'number' && givenMinor > 0)
    return `${formatMinor(givenMinor, currency)} was given back at Stripe`;
  if (typeof tookMinor === 'number' && tookMinor > 0) return `${formatMinor(tookMinor, currency)} was taken at Stripe`;
  return `the payment was changed at Stripe: it is ${asWords(String(is))} now`;
}

const STEPS: Readonly<Record<string, string>> = {
  refund: 'the refund',
  pay: 'the payment on Stripe’s page',
  charge: 'the charge',
  hold: 'the hold',
};

function unanswered(what: string, money: string): string {
  return `${what}${money} was never answered: look at Stripe first`;
}

function asWords(text: string): string {
  return text.replaceAll('_', ' ');
}
