// Turns the evidence of a visit into the most probable basket, how sure we are of it, and what is certain in any case.
import type { Catalog } from '../catalog/product.ts';
import {
  type Basket,
  type BasketLine,
  CANDIDATES_MAX,
  type Candidate,
  type LineEvidence,
  type LineSighting,
} from './basket.ts';
import type { CameraView, CaseEvidence, ScaleReading, ZoneReading } from './evidence.ts';
import { type Family, familiesOf, type Kind } from './families.ts';
import { type FamilyContext, FamilyLikelihood } from './family-likelihood.ts';
import { DEFAULT_MODEL, type ReconcileModel } from './model.ts';
import { certainLines, DEFAULT_THRESHOLDS, type Thresholds, verdictOf, type Weighed } from './policy.ts';
import { type Prior, priorOf } from './prior.ts';
import { NO_CATALOG, NO_SOURCE, reasonFor, TOO_MANY } from './reason.ts';
import { scaleModel } from './scale-model.ts';
import { type Explanation, searchBaskets } from './search.ts';
import { type Book, type Camera, camerasOf, countOf, type KindRates, type Stock, sightingOf } from './sightings.ts';

export interface ReconcileInput extends CaseEvidence {
  /** As frozen at the visit's start. */
  readonly catalog: Catalog;
  /** SKU to pieces in the case before the visit; a SKU that is not named: not known. */
  readonly stock?: Stock;
  readonly model?: ReconcileModel;
  readonly thresholds?: Thresholds;
}

/** Total and deterministic: any evidence gives a basket, at worst an empty one that is `disputed`. */
export function reconcile(input: ReconcileInput): Basket {
  const { catalog, model = DEFAULT_MODEL, thresholds = DEFAULT_THRESHOLDS } = input;
  const told = { scale: sane(input.scale), zones: input.zones.filter(isSane), cameras: input.cameras };
  const nothing = { lines: [], verdict: 'disputed', probability: 0, candidates: [], evidence: [], ...told } as const;
  const idle = { tried: 0, limited: false };
  if (catalog.products.length === 0) return { ...nothing, reason: NO_CATALOG, work: idle };
  const posterior = posteriorOf({ ...input, ...told }, model);
  if (posterior === null) return { ...nothing, reason: NO_SOURCE, work: idle };
  const { work, candidates, sources, seen } = posterior;
  const [best, next] = candidates;
  if (best === undefined) return { ...nothing, reason: TOO_MANY, work };
  const verdict = verdictOf(best, sources, thresholds);
  const isCertain = !work.limited && (verdict !== 'disputed' || best.asSeen || best.asWeighed);
  const lines = verdict !== 'disputed' ? best.lines : isCertain ? certainLines(candidates, thresholds) : [];
  const removedGrams = sources.hasScale ? removedOf(told) : null;
  return {
    lines,
    verdict,
    probability: best.probability,
    candidates: candidates
      .slice(0, CANDIDATES_MAX)
      .map(({ lines, probability }): Candidate => ({ lines, probability })),
    evidence: evidenceFor(catalog, candidates, told.cameras),
    reason: reasonFor({ catalog, verdict, lines, best, next, removedGrams, seen, limited: work.limited }),
    ...told,
    work,
  };
}

interface Posterior {
  /** The most probable first. */
  readonly candidates: readonly Weighed[];
  readonly sources: { readonly hasScale: boolean; readonly hasCameras: boolean; readonly limited: boolean };
  /** What the cameras that can be counted on saw go. */
  readonly seen: readonly BasketLine[] | null;
  readonly work: { readonly tried: number; readonly limited: boolean };
}

/** null where neither a scale nor a camera spoke. */
function posteriorOf(input: ReconcileInput, model: ReconcileModel): Posterior | null {
  const { catalog, scale, zones } = input;
  const known = familiesOf(catalog);
  const prior = priorOf(catalog, input.stock, model.basket);
  const book = bookOf(catalog, input.stock, prior, model);
  const cameras = camerasOf(input.cameras, known, book.stockOf, model);
  const families = cameras === null ? known : known.flatMap((family) => apart(family, cameras, book));
  const planogram = new Set(catalog.products.map(({ zone }) => zone ?? ''));
  const weighing = scaleModel({ scale, zones, planogram }, model.scale);
  if (weighing === null && cameras === null) return null;
  const likelihoods = likelihoodsOf(families, cameras, book, model);
  const found = searchBaskets({ catalog, families, likelihoods, prior, scale: weighing });
  return {
    candidates: candidatesOf(found.explanations, catalog, model.temperature),
    sources: { hasScale: weighing !== null, hasCameras: cameras !== null, limited: found.limited },
    seen: cameras === null ? null : seenBy(families, likelihoods, catalog),
    work: { tried: found.tried, limited: found.limited },
  };
}

function bookOf({ products }: Catalog, stock: Stock | undefined, prior: Prior, model: ReconcileModel): Book {
  const ratesOf = ({ products: members }: Kind): KindRates => {
    // In powers of two, so that most kinds have the same rates and share one likelihood.
    const share = members.reduce((sum, index) => sum + prior.share(index), 0);
    const putBack = model.basket.putBackRate * 2 ** Math.round(Math.log2(share));
    const { hiddenRate, missRate, confusionRate } = model.products[products[members[0]!]!.sku] ?? model.camera;
    return { hiddenRate, missRate, confusionRate, putBack };
  };
  if (stock === undefined) return { stockOf: () => null, ratesOf };
  const stockOf = ({ products: members }: Kind) => {
    let sum = 0;
    for (const index of members) {
      const { sku } = products[index]!;
      if (!Object.hasOwn(stock, sku)) return null;
      sum += stock[sku]!;
    }
    return sum;
  };
  return { stockOf, ratesOf };
}

/** Where every camera sees all there is, before and after, look-alikes tell nothing about one another. */
function apart(family: Family, cameras: readonly Camera[], book: Book): readonly Family[] {
  const { kinds, isVisible } = family;
  const isPlain =
    kinds.length > 1 &&
    isVisible &&
    kinds.every((kind) => {
      const first = countOf(cameras[0]!.view.before, kind);
      const there = book.stockOf(kind) ?? first;
      return cameras.every(({ view }) => countOf(view.before, kind) === there && countOf(view.after, kind) === there);
    });
  return isPlain ? kinds.map((kind) => ({ kinds: [kind], isVisible })) : [family];
}

/** Families that show the same counts share one likelihood: in a large case most of them look alike. */
function likelihoodsOf(
  families: readonly Family[],
  cameras: readonly Camera[] | null,
  book: Book,
  model: ReconcileModel,
): (FamilyLikelihood | null)[] {
  if (cameras === null) return families.map(() => null);
  const kinds = families.reduce((sum, family) => sum + (family.isVisible ? family.kinds.length : 0), 0);
  const context: FamilyContext = { cameras, model, kinds, shapes: new Map() };
  const shared = new Map<string, FamilyLikelihood>();
  return families.map((family) => {
    if (!family.isVisible) return null;
    const sighting = sightingOf(family, cameras, book, model.camera.faintScore);
    const key = JSON.stringify(sighting);
    const likelihood = shared.get(key) ?? new FamilyLikelihood(sighting, context);
    shared.set(key, likelihood);
    return likelihood;
  });
}

/** Explanations that name the same pieces are one, whatever was put in beside; equals in the order of their lines. */
function candidatesOf(explanations: readonly Explanation[], catalog: Catalog, temperature: number): Weighed[] {
  const best = explanations.reduce((least, { costNats }) => Math.min(least, costNats), Number.POSITIVE_INFINITY);
  const merged = new Map<
    string,
    { lines: BasketLine[]; weight: number; costNats: number; asSeen: boolean; asWeighed: boolean }
  >();
  let whole = 0;
  for (const explanation of explanations) {
    const { costNats, asSeen, asWeighed } = explanation;
    const weight = Math.exp((best - costNats) / temperature);
    whole += weight;
    const lines = linesOf(explanation, catalog);
    const key = lines.map(({ sku, count }) => `${sku}=${count}`).join();
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { lines, weight, costNats, asSeen, asWeighed });
    else {
      same.weight += weight;
      same.asSeen ||= asSeen;
      if (costNats < same.costNats) [same.costNats, same.asWeighed] = [costNats, asWeighed];
    }
  }
  return [...merged]
    .map(([key, { lines, weight, asSeen, asWeighed }]) => ({
      key,
      lines,
      probability: Math.min(1, weight / whole),
      asSeen,
      asWeighed,
    }))
    .sort((a, b) => b.probability - a.probability || (a.key < b.key ? -1 : 1));
}

function linesOf({ picks }: Explanation, { products }: Catalog): BasketLine[] {
  return picks
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.product - b.product)
    .map(({ product, count }) => ({ sku: products[product]!.sku, count }));
}

/** What the cameras saw go, named by the first product of each kind. */
function seenBy(
  families: readonly Family[],
  likelihoods: readonly (FamilyLikelihood | null)[],
  { products }: Catalog,
): BasketLine[] {
  return families.flatMap((family, index) => {
    const gone = likelihoods[index]?.seenGoing() ?? [];
    return gone.flatMap((count, kind): BasketLine[] =>
      count > 0 ? [{ sku: products[family.kinds[kind]!.products[0]!]!.sku, count }] : [],
    );
  });
}

/** Every product of the best basket and the runner-up, and what else the cameras saw change. */
function evidenceFor(
  catalog: Catalog,
  candidates: readonly Weighed[],
  cameras: readonly CameraView[] | null,
): LineEvidence[] {
  const named = new Set(candidates.slice(0, 2).flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  const countIn = ({ lines }: Weighed, sku: string) => lines.find((line) => line.sku === sku)?.count ?? 0;
  return catalog.products.flatMap((product): LineEvidence[] => {
    const kind: Kind = { labels: product.labels, products: [] };
    const sightings = (cameras ?? []).map(
      ({ camera, before, after }): LineSighting => ({
        camera,
        before: countOf(before, kind),
        after: countOf(after, kind),
      }),
    );
    if (!named.has(product.sku) && sightings.every(({ before, after }) => before === after)) return [];
    const count = countIn(candidates[0]!, product.sku);
    const probability = candidates.reduce(
      (sum, candidate) => sum + (countIn(candidate, product.sku) >= Math.max(1, count) ? candidate.probability : 0),
      0,
    );
    const { sku, massGrams } = product;
    return [{ sku, count, probability: Math.min(1, probability), grams: count * massGrams, cameras: sightings }];
  });
}

/** A reading that is no number is silence. */
function sane(scale: ScaleReading | null): ScaleReading | null {
  return scale !== null && isSane(scale) ? scale : null;
}

function isSane({ removedGrams, sigmaGrams }: ScaleReading): boolean {
  return Number.isFinite(removedGrams) && Number.isFinite(sigmaGrams) && sigmaGrams >= 0;
}

function removedOf({ scale, zones }: { scale: ScaleReading | null; zones: readonly ZoneReading[] }): number {
  return scale?.removedGrams ?? zones.reduce((sum, { removedGrams }) => sum + removedGrams, 0);
}
