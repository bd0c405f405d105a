// What weight-reconcile stores (which policy decides, and which ledger knows the visit), and what it needs of a message.

import { asFields, chosen, contract, incomplete } from '@tapcase/define-node';
import { type CaseLearning, Fault, type Visit } from '@tapcase/domain';
import type { Evidence } from '@tapcase/ledger';
import * as v from 'valibot';
import { requiredVisit } from '../../messages.ts';
import { type Policy, parseConfig as parsePolicy, policyDefaults } from '../../shop/tapcase-policy/contract.ts';

export const weightReconcile = contract({
  type: 'weight-reconcile',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-balance-scale',
  inputs: 1,
  outputs: ['agreed', 'partly', 'review', 'nothing'],
  properties: {
    policy: { kind: 'ref', to: 'tapcase-policy', icon: 'balance-scale', tip: true },
    ledger: { kind: 'ref', to: 'tapcase-ledger', icon: 'book' },
  },
  // A policy of its own: kept, so that a Deploy does not change what is charged.
  earlier: { properties: Object.keys(policyDefaults), until: 'policy' },
});

export interface ReconcileConfig {
  /** The config node's id; '' where `own` decides. */
  readonly policy: string;
  /** The shipped defaults, but for what a node of an earlier release stores. */
  readonly own: Policy;
  /** Whom a message without evidence is asked of. */
  readonly ledger: string;
}

/** `reconcile.bad-thresholds` or `reconcile.bad-model`, of values that count: beside a policy, the node's own do not. */
export function parseConfig(raw: unknown): ReconcileConfig | Fault {
  const policy = chosen(raw, 'policy');
  const own = parsePolicy(policy === '' ? raw : {});
  return own instanceof Fault ? own : { policy, own, ledger: chosen(raw, 'ledger') };
}

export interface ReconcileMessage {
  readonly visit: Visit;
  /** undefined: the ledger has it, and what the case has learned. */
  readonly evidence: Evidence | undefined;
  readonly stock: Readonly<Record<string, number>> | undefined;
  readonly learned: CaseLearning | null;
  /** The sweep found the visit's deadline passed: nothing more is waited for. */
  readonly overdue: boolean;
}

/** `message.incomplete`, or `reconcile.bad-learning` and `reconcile.bad-stock` for values that would mislead. */
export function parseMessage(raw: unknown): ReconcileMessage | Fault {
  const { evidence, stock, learned, overdue } = asFields(raw);
  if (evidence !== undefined && !Array.isArray(asFields(evidence).door)) return incomplete('evidence');
  const visit = requiredVisit(raw);
  // A record of valibot's takes an array for one.
  const counts = v.safeParse(stockSchema, Array.isArray(stock) ? null : stock);
  if (!counts.success) return refusal('reconcile.bad-stock', 'stock', counts.issues[0]);
  const known = v.safeParse(learnedSchema, learned);
  if (!known.success) return refusal('reconcile.bad-learning', 'learned', known.issues[0]);
  return {
    visit,
    evidence: evidence as Evidence | undefined,
    stock: counts.output,
    learned: known.output,
    overdue: overdue === true,
  };
}

/** As a person can count them. */
const PIECES_MAX = 999;
const stockSchema = v.optional(
  v.record(v.string(), v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(PIECES_MAX))),
);

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const learnedSchema = v.nullish(
  v.object({
    visits: amount,
    learnedAtMs: amount,
    sigmaGrams: v.nullable(amount),
    masses: v.record(v.string(), v.object({ massGrams: amount, pieces: amount, errorGrams: amount })),
    popularity: v.record(v.string(), amount),
  }),
  null,
);

function refusal(
  code: 'reconcile.bad-stock' | 'reconcile.bad-learning',
  property: string,
  issue: v.BaseIssue<unknown>,
) {
  const where = [property, v.getDotPath(issue)].filter((part) => part !== null).join('.');
  return new Fault(code, `${where}: ${issue.message}`, { where });
}
