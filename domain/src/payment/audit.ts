// The daily reconciliation: what Stripe received against the ledger and the baskets. Every difference is named. Pure.
import { groupBy } from '../group.ts';
import { HELD } from './facts.ts';
import { formatMinor } from './money.ts';

/** A visit as the ledger has it. */
export interface AuditedVisit {
  readonly id: string;
  readonly currency: string;
  readonly ended: boolean;
  /** A person has yet to look, so nothing is expected of the amounts. */
  readonly inReview: boolean;
  /** The basket. */
  readonly totalMinor: number;
  /** What a person found to be missing in it. */
  readonly raisedMinor: number;
  readonly chargedMinor: number;
  readonly refundedMinor: number;
  /** Open or waived debt: what of the total was not received. */
  readonly unpaidMinor: number;
}

/** A PaymentIntent as Stripe has it, with our metadata. */
export interface AuditedIntent {
  readonly intent: string;
  /** `metadata.visit`. */
  readonly visitId: string;
  readonly status: string;
  readonly receivedMinor: number;
  readonly refundedMinor: number;
  /** What was reserved and never taken: some accounts show it among what was given back. 0 where nobody knows. */
  readonly untakenMinor: number;
}

/** A dispute of a payment of ours, of which no event has told. */
export interface AuditedDispute {
  readonly intent: string;
  readonly visitId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export type DifferenceKind =
  /** Stripe received another sum than the ledger says. */
  | 'received'
  | 'refunded'
  /** Ledger: total + raised = charged + unpaid does not hold. */
  | 'basket'
  /** More received than the basket cost. */
  | 'above_basket'
  /** A hold of a visit that has ended. */
  | 'hold_left'
  /** The cardholder has told their bank that it was not them. */
  | 'disputed'
  /** Money at Stripe for a visit that the ledger does not have. */
  | 'unknown_visit';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly visitId: string;
  readonly intents: readonly string[];
  readonly wantMinor: number;
  readonly haveMinor: number;
  readonly currency: string;
}

export interface Audit {
  readonly visits: number;
  readonly intents: number;
  /** By currency. */
  readonly sums: Readonly<
    Record<string, { readonly received: number; readonly refunded: number; readonly unpaid: number }>
  >;
  readonly differences: readonly Difference[];
}

/** `disputes`: those that nobody was told of yet. */
export function audit(
  visits: readonly AuditedVisit[],
  intents: readonly AuditedIntent[],
  disputes: readonly AuditedDispute[] = [],
): Audit {
  const byVisit = groupBy(intents, ({ visitId }) => visitId);
  const known = new Set(visits.map(({ id }) => id));
  const differences: Difference[] = [];
  for (const visit of visits) differences.push(...differencesOf(visit, byVisit.get(visit.id) ?? []));
  for (const [visitId, strangers] of byVisit) {
    if (!known.has(visitId)) differences.push(...strange(visitId, strangers));
  }
  for (const { visitId, amountMinor, currency, ...payment } of disputes)
    differences.push(difference('disputed', visitId, [payment], 0, amountMinor, currency));
  return { visits: visits.length, intents: intents.length, sums: sumsOf(visits), differences };
}

function differencesOf(visit: AuditedVisit, intents: readonly AuditedIntent[]): Difference[] {
  if (!visit.ended) return [];
  const receivedMinor = sum(intents, 'receivedMinor');
  const refundedMinor = sum(intents, 'refundedMinor');
  const costsMinor = visit.totalMinor + visit.raisedMinor;
  const found: Difference[] = [];
  const add = (kind: DifferenceKind, wantMinor: number, haveMinor: number) => {
    if (wantMinor !== haveMinor) found.push(difference(kind, visit.id, intents, wantMinor, haveMinor, visit.currency));
  };
  add('received', visit.chargedMinor, receivedMinor);
  // Of an account that shows what it never took as given back both sums are right.
  const shown = intents.filter(({ untakenMinor, refundedMinor: given }) => given >= untakenMinor);
  const isShown = visit.refundedMinor === refundedMinor - sum(shown, 'untakenMinor');
  if (!isShown) add('refunded', visit.refundedMinor, refundedMinor);
  if (!visit.inReview) add('basket', costsMinor, visit.chargedMinor + visit.unpaidMinor);
  if (!visit.inReview && receivedMinor > costsMinor) add('above_basket', costsMinor, receivedMinor);
  add('hold_left', 0, intents.filter(({ status }) => status === HELD).length);
  return found;
}

function strange(visitId: string, intents: readonly AuditedIntent[]): Difference[] {
  const left = intents.filter(({ status, receivedMinor }) => status === HELD || receivedMinor > 0);
  if (left.length === 0) return [];
  return [difference('unknown_visit', visitId, left, 0, sum(left, 'receivedMinor'), '')];
}

function difference(
  kind: DifferenceKind,
  visitId: string,
  intents: readonly Pick<AuditedIntent, 'intent'>[],
  wantMinor: number,
  haveMinor: number,
  currency: string,
): Difference {
  return { kind, visitId, intents: intents.map(({ intent }) => intent), wantMinor, haveMinor, currency };
}

function sum(intents: readonly AuditedIntent[], field: 'receivedMinor' | 'refundedMinor' | 'untakenMinor'): number {
  return intents.reduce((total, intent) => total + intent[field], 0);
}

function sumsOf(visits: readonly AuditedVisit[]): Audit['sums'] {
  const sums: Record<string, { received: number; refunded: number; unpaid: number }> = {};
  for (const { currency, chargedMinor, refundedMinor, unpaidMinor } of visits) {
    sums[currency] ??= { received: 0, refunded: 0, unpaid: 0 };
    const entry = sums[currency];
    entry.received += chargedMinor;
    entry.refunded += refundedMinor;
    entry.unpaid += unpaidMinor;
  }
  return sums;
}

/** How many differences a report spells out; the rest is counted. */
const SHOWN_MAX = 100;

/** The report as a person reads it. */
export function auditReport({ visits, intents, sums, differences }: Audit, title: string): string {
  const lines = [title, `${visits} visits, ${intents} payments at Stripe.`];
  for (const [currency, { received, refunded, unpaid }] of Object.entries(sums)) {
    const money = (amountMinor: number) => formatMinor(amountMinor, currency);
    lines.push(`Received ${money(received)}, given back ${money(refunded)}, not paid ${money(unpaid)}.`);
  }
  lines.push(differences.length === 0 ? 'No difference.' : `${differences.length} differences:`);
  for (const each of differences.slice(0, SHOWN_MAX)) lines.push(`- ${sentence(each)}`);
  if (differences.length > SHOWN_MAX) lines.push(`- and ${differences.length - SHOWN_MAX} more`);
  return lines.join('\n');
}

function sentence({ kind, visitId, intents, wantMinor, haveMinor, currency }: Difference): string {
  const money = (amountMinor: number) => (currency === '' ? String(amountMinor) : formatMinor(amountMinor, currency));
  const where = intents.length === 0 ? '' : ` (${intents.join(', ')})`;
  switch (kind) {
    case 'received':
      return `visit ${visitId}: the ledger says ${money(wantMinor)} received, Stripe says ${money(haveMinor)}${where}`;
    case 'refunded':
      return `visit ${visitId}: the ledger says ${money(wantMinor)} given back, Stripe says ${money(haveMinor)}${where}`;
    case 'basket':
      return `visit ${visitId}: the basket is ${money(wantMinor)}, paid and owed are ${money(haveMinor)}`;
    case 'above_basket':
      return `visit ${visitId}: more was received (${money(haveMinor)}) than the basket cost (${money(wantMinor)})${where}`;
    case 'hold_left':
      return `visit ${visitId} has ended and ${haveMinor} hold is left${where}`;
    case 'disputed':
      return `visit ${visitId}: ${money(haveMinor)} is disputed at the bank, and no event has told of it${where}`;
    case 'unknown_visit':
      return `no visit ${visitId} in the ledger, yet Stripe holds or received money for it${where}`;
  }
}
