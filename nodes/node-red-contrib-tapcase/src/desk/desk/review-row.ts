// Words an open review as a row that a person can read, without anything about who the customer is.
import {
  type BasketLine,
  type CaseEvidence,
  formatMinor,
  productBySku,
  type Review,
  type Visit,
} from '@tapcase/domain';
import type { ReviewedVisit } from '@tapcase/ledger';
import { timeOf } from './time-of.ts';

/** More than the two or three that are worth a look makes a row unreadable. */
const EXPLANATIONS_MAX = 3;

const CAUSES: Readonly<Record<Review['cause'], string>> = {
  disputed: 'not certain',
  asked: 'policy asks',
  not_weighed: 'never weighed',
  late_report: 'late report',
  paid_too_much: 'paid too much',
};

// A type, not an interface: tables take records.
export type ReviewRow = {
  readonly when: string;
  readonly case: string;
  readonly cause: string;
  readonly mass: string;
  readonly explanations: string;
  readonly charged: string;
  readonly why: string;
  readonly choose: string;
  readonly visit: string;
};

export function rowOf({ review, visit }: ReviewedVisit, { scale }: Pick<CaseEvidence, 'scale'>): ReviewRow {
  return {
    when: timeOf(visit.createdAtMs),
    case: visit.caseId,
    cause: CAUSES[review.cause],
    mass: massOf(scale),
    explanations: explanationsOf(visit),
    charged: chargedOf(visit),
    why: `/why/${visit.id}`,
    choose: 'Choose',
    visit: visit.id,
  };
}

export function massOf(scale: CaseEvidence['scale']): string {
  if (scale === null) return 'no reading';
  return `${Math.round(scale.removedGrams)} g \u00b1 ${Math.max(1, Math.round(scale.sigmaGrams))}`;
}

export function explanationsOf({ basket, catalog }: Visit): string {
  const shown = (basket?.candidates ?? []).slice(0, EXPLANATIONS_MAX);
  if (shown.length === 0) return 'none fits';
  return shown
    .map(({ lines, probability }) => `${Math.round(100 * probability)} % ${wordsOf(lines, catalog)}`)
    .join(' \u00b7 ');
}

function wordsOf(lines: readonly BasketLine[], catalog: Visit['catalog']): string {
  if (lines.length === 0) return 'nothing';
  return lines.map(({ sku, count }) => `${count} ${productBySku(catalog, sku)?.name.en ?? sku}`).join(', ');
}

export function chargedOf({ chargedMinor, totalMinor, catalog, phase }: Visit): string {
  if (phase !== 'done') return 'not yet';
  const charged = formatMinor(chargedMinor, catalog.currency);
  return chargedMinor === totalMinor ? charged : `${charged} of ${formatMinor(totalMinor, catalog.currency)}`;
}
