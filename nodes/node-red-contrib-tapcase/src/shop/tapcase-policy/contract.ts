// What decides about a visit, as tapcase-policy stores it: thresholds, when a person is asked, and the model's numbers.
import { asFields } from '@tapcase/define-node';
import {
  DEFAULT_MODEL,
  DEFAULT_THRESHOLDS,
  Fault,
  parseModel,
  parseThresholds,
  type ReconcileModel,
  type Thresholds,
} from '@tapcase/domain';

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

/** What makes a policy; the name and the ledger do not. */
export const policyDefaults = {
  charge: { value: DEFAULT_THRESHOLDS.charge },
  certain: { value: DEFAULT_THRESHOLDS.certain },
  asksAlone: { value: false },
  ...PARAMETERS,
} as const;

export const defaults = {
  name: { value: '' },
  /** Only for the dialog's look at past visits: a policy decides without it. */
  ledger: { value: '', type: 'tapcase-ledger', required: false },
  ...policyDefaults,
} as const;

/** Everything that decides about a visit; the port of the tapcase-policy config node. */
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
