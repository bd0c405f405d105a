// What an operator should know of what a case has learned: a pack that has changed, a scale that grows noisy.
import type { Catalog, Product } from '../catalog/product.ts';
import type { LocalText } from '../protocol/api.ts';
import { DEFAULT_MODEL } from '../reconcile/model.ts';
import { type CaseLearning, isBelieved, LEARNED_SIGMA_GRAMS, type LearnedMass } from './learning.ts';
import { SIGMA_VISITS_MIN } from './sigma.ts';

/** A learned mass that differs by fewer of its own errors may be chance: 3 happen once in 370. */
const NOTICE_ERRORS = 3;
/** Less is no business of a person: no basket turns on it, and a kitchen scale shows whole grams. */
const NOTICE_GRAMS = 2;
/** A scale this many times as noisy as it should be makes about twice as many baskets doubtful. */
const NOISY_FACTOR = 1.5;

export type LearningNotice =
  | { readonly kind: 'mass'; readonly sku: string; readonly text: LocalText }
  | { readonly kind: 'noisy_scale' | 'few_visits'; readonly text: LocalText };

/** `used`: instead of the catalog's. `too_far`: shown only. `not_weighed`: nothing was learned. */
export type MassUse = 'used' | 'too_far' | 'not_weighed';

export function massUse({ massGrams }: Product, learned: LearnedMass | undefined): MassUse {
  if (learned === undefined) return 'not_weighed';
  return isBelieved(massGrams, learned.massGrams) ? 'used' : 'too_far';
}

export function learnedMass({ masses }: CaseLearning, sku: string): LearnedMass | undefined {
  return Object.hasOwn(masses, sku) ? masses[sku] : undefined;
}

/** Masses in the catalog's order, then the scale. `defaultSigmaGrams` is what the model has for a case that knows nothing. */
export function notices(
  { products }: Catalog,
  learning: CaseLearning,
  defaultSigmaGrams = DEFAULT_MODEL.scale.sigmaGrams,
): readonly LearningNotice[] {
  const masses = products.flatMap((product) => massNotice(product, learnedMass(learning, product.sku)) ?? []);
  const few = learning.sigmaGrams === null ? [fewVisits(learning.visits)] : [];
  const noisy = (learning.sigmaGrams ?? 0) > NOISY_FACTOR * defaultSigmaGrams;
  return [...masses, ...(noisy ? [noisyScale(learning.sigmaGrams!, defaultSigmaGrams)] : []), ...few];
}

function massNotice(product: Product, learned: LearnedMass | undefined): LearningNotice | undefined {
  if (learned === undefined) return undefined;
  const offGrams = Math.abs(learned.massGrams - product.massGrams);
  if (offGrams <= NOTICE_GRAMS || offGrams <= NOTICE_ERRORS * learned.errorGrams) return undefined;
  const { name, sku } = product;
  const [weighs, says] = [learned.massGrams, product.massGrams].map((grams) => Math.round(grams));
  const isUsed = isBelieved(product.massGrams, learned.massGrams);
  const en = isUsed ? '' : ' That is too far to believe: correct the catalog.';
  const es = isUsed ? '' : ' Es demasiada diferencia para creerla: corrija el catálogo.';
  return {
    kind: 'mass',
    sku,
    text: {
      en: `${name.en} weighs ${weighs} g, the catalog says ${says} g: has the pack changed?${en}`,
      es: `${name.es} pesa ${weighs} g, el catálogo dice ${says} g: ¿cambió el envase?${es}`,
    },
  };
}

function noisyScale(sigmaGrams: number, defaultGrams: number): LearningNotice {
  const [is, should] = [sigmaGrams.toFixed(1), defaultGrams.toFixed(1)];
  const isBroken = sigmaGrams > LEARNED_SIGMA_GRAMS.max;
  return {
    kind: 'noisy_scale',
    text: {
      en: `The scale scatters by ${is} g, it should by ${should} g: ${isBroken ? 'it is broken.' : 'is something touching the shelf?'}`,
      es: `La báscula varía ${is} g, debería variar ${should} g: ${isBroken ? 'está averiada.' : '¿hay algo que toca el estante?'}`,
    },
  };
}

function fewVisits(visits: number): LearningNotice {
  return {
    kind: 'few_visits',
    text: {
      en: `Only ${visits} visits to learn from: the scale is judged from ${SIGMA_VISITS_MIN} on which cameras and scale agree.`,
      es: `Solo ${visits} visitas de las que aprender: la báscula se juzga desde ${SIGMA_VISITS_MIN} en que coincidan cámaras y báscula.`,
    },
  };
}
