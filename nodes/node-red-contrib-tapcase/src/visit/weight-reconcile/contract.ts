// What weight-reconcile stores (thresholds, and the numbers of the model), and what it needs of a message.

import { asFields, incomplete } from '@tapcase/define-node';
import {
  type CaseLearning,
  DEFAULT_MODEL,
  DEFAULT_THRESHOLDS,
  Fault,
  parseModel,
  parseThresholds,
  type ReconcileModel,
  type Thresholds,
  type Visit,
} from '@tapcase/domain';
import type { Evidence } from '@tapcase/ledger';
import * as v from 'valibot';
import { requiredVisit } from '../../messages.ts';

const GROUPS = ['scale', 'camera', 'basket'] as const;

/** A number of the model that the dialog shows: `scale.sigmaGrams` as `scaleSigmaGrams`. What is kept by name is learned. */
const PARAMETERS: Readonly<Record<string, { readonly value: number }>> = Object.fromEntries([
  ...GROUPS.flatMap((group) =>
    Object.entries(DEFAULT_MODEL[group]).flatMap(([key, value]) =>
      typeof value === 'number' ? [[propertyOf(group, key), { value }] as const] : [],
    ),
  ),
  ['temperature', { value: DEFAULT_MODEL.temperature }],
]);

export const PARAMETER_NAMES: readonly string[] = Object.keys(PARAMETERS);

export const defaults = {
  name: { value: '' },
  /** Only for the dialog's look at past visits: messages bring their own evidence. */
  ledger: { value: '', type: 'ledger', required: false },
  charge: { value: DEFAULT_THRESHOLDS.charge },
  certain: { value: DEFAULT_THRESHOLDS.certain },
  asksAlone: { value: false },
  ...PARAMETERS,
} as const;

/** Everything that decides about a visit. */
export interface Policy {
  readonly model: ReconcileModel;
  readonly thresholds: Thresholds;
  /** A person looks also at what one source decided alone. */
  readonly asksAlone: boolean;
}

/** `reconcile.bad-thresholds` or `reconcile.bad-model`. What is absent or empty has its default: nodes of earlier releases. */
export function parseConfig(raw: unknown): Policy | Fault {
  const fields = asFields(raw);
  const thresholds = parseThresholds({
    charge: numberOf(fields.charge, DEFAULT_THRESHOLDS.charge),
    certain: numberOf(fields.certain, DEFAULT_THRESHOLDS.certain),
  });
  if (thresholds instanceof Fault) return thresholds;
  const model = parseModel({
    ...DEFAULT_MODEL,
    ...Object.fromEntries(GROUPS.map((group) => [group, groupOf(fields, group)])),
    temperature: numberOf(fields.temperature, DEFAULT_MODEL.temperature),
  });
  return model instanceof Fault ? model : { model, thresholds, asksAlone: fields.asksAlone === true };
}

function groupOf(fields: Readonly<Record<string, unknown>>, group: (typeof GROUPS)[number]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(DEFAULT_MODEL[group]).map(([key, value]) => [
      key,
      typeof value === 'number' ? numberOf(fields[propertyOf(group, key)], value) : value,
    ]),
  );
}

function propertyOf(group: string, key: string): string {
  return `${group}${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

/** The editor stores an edited number as text, with the operator's own decimal sign. What is no number stays as it is. */
function numberOf(stored: unknown, otherwise: number): unknown {
  if (stored === undefined || stored === null) return otherwise;
  if (typeof stored !== 'string') return stored;
  const text = stored.trim();
  if (text === '') return otherwise;
  return /^\d{1,9}([.,]\d{1,12})?$/.test(text) ? Number(text.replace(',', '.')) : text;
}

export interface ReconcileMessage {
  readonly visit: Visit;
  readonly evidence: Evidence;
  readonly stock: Readonly<Record<string, number>> | undefined;
  readonly learned: CaseLearning | null;
}

/** `message.incomplete`, or `reconcile.bad-learning` and `reconcile.bad-stock` for values that would mislead. */
export function parseMessage(raw: unknown): ReconcileMessage | Fault {
  const { evidence, stock, learned } = asFields(raw);
  if (!Array.isArray(asFields(evidence).door)) return incomplete('evidence');
  const visit = requiredVisit(raw);
  // A record of valibot's takes an array for one.
  const counts = v.safeParse(stockSchema, Array.isArray(stock) ? null : stock);
  if (!counts.success) return refusal('reconcile.bad-stock', 'stock', counts.issues[0]);
  const known = v.safeParse(learnedSchema, learned);
  if (!known.success) return refusal('reconcile.bad-learning', 'learned', known.issues[0]);
  return { visit, evidence: evidence as Evidence, stock: counts.output, learned: known.output };
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
