// Recognises a ledger that was put back: Stripe then knows payments of ours that this ledger never asked for. Pure.
import type { MoneyStepKind } from './facts.ts';
import { formatMinor } from './money.ts';

/** A payment at Stripe with the marks that every step of a visit writes on it before it is asked for. */
export interface MarkedPayment {
  readonly intent: string;
  readonly visitId: string;
  /** `metadata.step` */
  readonly kind: MoneyStepKind;
  readonly attempt: number;
  readonly status: string;
  readonly receivedMinor: number;
  readonly currency: string;
  /** By Stripe's clock. */
  readonly createdAtMs: number;
}

export interface StrangePayment extends MarkedPayment {
  /** Whether the ledger at least has the visit. */
  readonly knowsVisit: boolean;
}

const KINDS: ReadonlySet<string> = new Set<MoneyStepKind>(['hold', 'charge', 'pay']);
const ATTEMPT_MAX = 1_000;

/** undefined for what no visit of this shop's has asked for: an own flow's payment, another shop's. */
export function stepMarks(metadata: Readonly<Record<string, unknown>>) {
  const { visit, step, attempt } = metadata;
  const number = Number(attempt);
  if (typeof visit !== 'string' || visit.length > 64 || typeof step !== 'string' || !KINDS.has(step)) return undefined;
  if (!Number.isInteger(number) || number < 1 || number > ATTEMPT_MAX) return undefined;
  return { visitId: visit, kind: step as MoneyStepKind, attempt: number };
}

/** How many payments a report spells out; the rest is counted. */
const SHOWN_MAX = 50;

/** What a person reads when charging has stopped. */
export function restoredReport(strange: readonly StrangePayment[]): string {
  const lines = [
    'Stripe knows payments that this ledger never asked for: it was put back from a backup, or belongs to another shop.',
    'Nothing is charged or given back until a person has looked. Doors still open: what is taken is reserved and kept.',
    'Stop the cloud, run "npm run ledger:restore-check", then again with --repair, and start the cloud (docs/payments.md).',
    ...strange.slice(0, SHOWN_MAX).map(sentence),
  ];
  if (strange.length > SHOWN_MAX) lines.push(`- and ${strange.length - SHOWN_MAX} more`);
  return lines.join('\n');
}

function sentence({
  intent,
  visitId,
  kind,
  attempt,
  status,
  receivedMinor,
  currency,
  knowsVisit,
}: StrangePayment): string {
  const money = receivedMinor > 0 ? `${formatMinor(receivedMinor, currency)} received` : status;
  return `- visit ${visitId}${knowsVisit ? '' : ' (not in the ledger)'}: ${kind} ${attempt}, ${money} (${intent})`;
}
