// What a replayed visit looks like as JSON, one object per line: unknown JSON becomes a case or a Fault.
// docs/reconcile.md describes it for people.
import * as v from 'valibot';
import { type Catalog, PRODUCTS_MAX, parseCatalog, productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import type { BasketLine } from './basket.ts';
import type { ReconcileInput } from './reconcile.ts';

export const CASE_ID_CHARS_MAX = 64;
/** As many as a door report carries. */
const ZONES_MAX = 16;
/** The edge has two; a wall of fridges seen by a dozen is a dozen cases. */
const CAMERAS_MAX = 16;
/** More than any catalog can name, and a detector that names every one of them is no detector. */
const LABELS_MAX = 1_000;
/** Of what was found, in a message. */
const QUOTED_CHARS_MAX = 200;

/** Grams and pieces as on the wire (protocol/payloads.ts): far outside what a cabinet can carry. */
const grams = v.pipe(v.number(), v.finite(), v.minValue(-1_000_000), v.maxValue(1_000_000));
const sigma = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100_000));
const pieces = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(999));
const label = v.pipe(v.string(), v.minLength(1), v.maxLength(40));
const score = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const sku = v.pipe(v.string(), v.minLength(1), v.maxLength(24));
const reading = { removedGrams: grams, sigmaGrams: sigma };

/** Keys that valibot's record drops without a word; a count that is dropped is a wrong one. */
const RESERVED = ['__proto__', 'prototype', 'constructor'];

const caseSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(CASE_ID_CHARS_MAX)),
  scale: v.nullable(v.object(reading)),
  zones: v.optional(
    v.pipe(
      v.array(v.object({ zone: v.pipe(v.string(), v.minLength(1), v.maxLength(12)), ...reading })),
      v.maxLength(ZONES_MAX),
      v.check((zones) => areDistinct(zones.map(({ zone }) => zone)), 'a zone stands twice'),
    ),
    [],
  ),
  cameras: v.nullable(
    v.pipe(
      v.array(
        v.object({
          camera: v.pipe(v.string(), v.minLength(1), v.maxLength(24)),
          before: named(label, pieces, LABELS_MAX),
          after: named(label, pieces, LABELS_MAX),
          scores: v.exactOptional(named(label, score, LABELS_MAX)),
          partial: v.exactOptional(v.boolean()),
        }),
      ),
      v.maxLength(CAMERAS_MAX),
      v.check((views) => areDistinct(views.map(({ camera }) => camera)), 'a camera stands twice'),
    ),
  ),
  stock: v.exactOptional(named(sku, pieces, PRODUCTS_MAX)),
  catalog: v.optional(v.unknown()),
  truth: v.exactOptional(
    v.pipe(
      v.array(v.object({ sku, count: v.pipe(pieces, v.minValue(1)) })),
      v.maxLength(PRODUCTS_MAX),
      v.check((lines) => areDistinct(lines.map((line) => line.sku)), 'a SKU stands twice'),
    ),
  ),
});

/** What a program that writes cases has to give; JSON.stringify makes a line of it. */
export type CaseRecord = v.InferInput<typeof caseSchema>;

export interface CaseInput {
  readonly id: string;
  /** As reconcile takes it, with the catalog that was frozen for this visit. */
  readonly input: ReconcileInput;
  /** What was really taken; null where nobody knows. */
  readonly truth: readonly BasketLine[] | null;
}

/**
 * Any value gives a case or a Fault; unknown keys are ignored, so that a program may keep its own beside ours.
 * `catalog` is for cases that bring none. `cases.invalid` names the field; `cases.no-catalog`; `cases.unknown-sku` where
 * stock or truth name what the case's catalog does not have; `catalog.*` for a case's own catalog.
 */
export function parseCase(value: unknown, catalog: Catalog | null): CaseInput | Fault {
  const result = v.safeParse(caseSchema, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    // Both quote what they found, and that may be megabytes.
    const where = (v.getDotPath(issue) ?? '(whole)').slice(0, QUOTED_CHARS_MAX);
    return new Fault('cases.invalid', `${where}: ${issue.message.slice(0, QUOTED_CHARS_MAX)}`, { where });
  }
  const { id, scale, zones, cameras, stock, truth = null, catalog: own } = result.output;
  const frozen = own === undefined ? catalog : parseCatalog(own);
  if (frozen instanceof Fault) return frozen;
  if (frozen === null) return new Fault('cases.no-catalog', 'neither this case nor the replay has a catalog', { id });
  const unknown = unknownSku(frozen, { stock, truth });
  if (unknown !== undefined) {
    const { where, sku } = unknown;
    return new Fault('cases.unknown-sku', `${where}: no ${sku} in this case's catalog`, { where, sku });
  }
  const input = { catalog: frozen, scale, zones, cameras, ...(stock === undefined ? {} : { stock }) };
  return { id, input, truth };
}

/** A JSON object (no array) of values by name. A function, not a constant: the schema above is built from it. */
function named<Key extends v.GenericSchema<string>, Value extends v.GenericSchema<number>>(
  key: Key,
  value: Value,
  namesMax: number,
) {
  return v.pipe(
    v.custom<Record<string, number>>(
      (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
      'wants an object',
    ),
    v.check((input) => Object.keys(input).length <= namesMax, `names more than ${namesMax}`),
    v.check((input) => !RESERVED.some((word) => Object.hasOwn(input, word)), 'a name is a reserved word'),
    v.record(key, value),
  );
}

function unknownSku(
  catalog: Catalog,
  { stock = {}, truth }: { stock: Readonly<Record<string, number>> | undefined; truth: readonly BasketLine[] | null },
): { where: string; sku: string } | undefined {
  const stocked = Object.keys(stock).map((sku) => ({ where: 'stock', sku }));
  const taken = (truth ?? []).map(({ sku }) => ({ where: 'truth', sku }));
  return [...stocked, ...taken].find(({ sku }) => productBySku(catalog, sku) === undefined);
}

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
