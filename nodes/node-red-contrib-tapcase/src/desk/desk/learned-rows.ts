// Words what a case has learned as rows that a person can read.
import {
  type CaseLearning,
  DEFAULT_MODEL,
  LEARNED_MASS_SHARE_MAX,
  LEARNED_SIGMA_GRAMS,
  learnedMass,
  type MassUse,
  massUse,
  notices,
  SIGMA_VISITS_MIN,
} from '@tapcase/domain';
import type { ShopCase } from '../../shop/shop/contract.ts';
import { timeOf } from './time-of.ts';

/** A case and what it has learned; null where nothing is stored. */
export interface LearnedCase {
  readonly shopCase: ShopCase;
  readonly learning: CaseLearning | null;
}

// Types, not interfaces: tables take records.
export type NoticeRow = { readonly case: string; readonly what: string; readonly es: string };
export type ScaleRow = {
  readonly case: string;
  readonly scatter: string;
  readonly should: string;
  readonly use: string;
  readonly visits: string;
  readonly learned: string;
  readonly choose: string;
  readonly caseId: string;
  readonly sku: string;
};
export type ProductRow = {
  readonly case: string;
  readonly product: string;
  readonly catalog: string;
  readonly learned: string;
  readonly pieces: string;
  readonly use: string;
  readonly choose: string;
  readonly caseId: string;
  readonly sku: string;
};

const SHOULD_GRAMS = DEFAULT_MODEL.scale.sigmaGrams;

export function noticeRows({ shopCase, learning }: LearnedCase): readonly NoticeRow[] {
  const told = learning === null ? [] : notices(shopCase.catalog, learning);
  return told.map(({ text }) => ({ case: nameOf(shopCase), what: text.en, es: text.es }));
}

export function scaleRow({ shopCase, learning }: LearnedCase): ScaleRow {
  const sigma = learning?.sigmaGrams ?? null;
  return {
    case: nameOf(shopCase),
    scatter: sigma === null ? 'not yet known' : `${sigma.toFixed(1)} g`,
    should: `${SHOULD_GRAMS.toFixed(1)} g`,
    use: scaleUse(sigma),
    visits: String(learning?.visits ?? 0),
    learned: learning === null ? 'never' : timeOf(learning.learnedAtMs),
    choose: 'Forget …',
    caseId: shopCase.id,
    sku: '',
  };
}

function scaleUse(sigmaGrams: number | null): string {
  const { min, max } = LEARNED_SIGMA_GRAMS;
  if (sigmaGrams === null) return `no: fewer than ${SIGMA_VISITS_MIN} agreed visits`;
  if (sigmaGrams < min) return `as ${min} g: no scale is quieter`;
  return sigmaGrams > max ? `as ${max} g: the scale is broken` : 'yes';
}

const USES: Readonly<Record<MassUse, string>> = {
  used: 'yes',
  too_far: `no: more than ${100 * LEARNED_MASS_SHARE_MAX} % off, correct the catalog`,
  not_weighed: 'no: none weighed yet',
};

/** In the catalog's order. */
export function productRows({ shopCase, learning }: LearnedCase): readonly ProductRow[] {
  return shopCase.catalog.products.map((product) => {
    const learned = learning === null ? undefined : learnedMass(learning, product.sku);
    return {
      case: nameOf(shopCase),
      product: product.name.en,
      catalog: `${product.massGrams} g`,
      learned: learned === undefined ? '–' : `${learned.massGrams.toFixed(1)} g ± ${learned.errorGrams.toFixed(1)}`,
      pieces: String(learned?.pieces ?? 0),
      use: USES[massUse(product, learned)],
      choose: 'Forget …',
      caseId: shopCase.id,
      sku: product.sku,
    };
  });
}

function nameOf({ id, name }: ShopCase): string {
  return `${name} (${id})`;
}
