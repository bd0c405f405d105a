// From evidence to explanations: puts together what cameras, scale, stock and past visits say, and how probable each
// basket is.
import type { Catalog } from '../catalog/product.ts';
import type { BasketLine, Work } from './basket.ts';
import { Effort } from './effort.ts';
import type { CaseEvidence } from './evidence.ts';
import { familiesOf } from './families.ts';
import { type FamilyContext, FamilyLikelihood } from './family-likelihood.ts';
import type { ReconcileModel } from './model.ts';
import type { Sources, Weighed } from './policy.ts';
import { priorOf } from './prior.ts';
import { scaleModel } from './scale-model.ts';
import { type Explanation, type Group, searchBaskets } from './search.ts';
import { camerasOf, familySighting, isPlain, type KindSighting, type Known, kindSighting } from './sightings.ts';
import type { Stock } from './stock.ts';

export interface PosteriorInput extends CaseEvidence {
  readonly catalog: Catalog;
  readonly stock?: Stock;
}

export interface Posterior {
  /** The most probable first. */
  readonly candidates: readonly Weighed[];
  readonly sources: Sources;
  /** What the cameras that can be counted on saw go. */
  readonly seen: readonly BasketLine[] | null;
  readonly work: Work;
}

/** null where neither a scale nor a camera spoke. */
export function posteriorOf(input: PosteriorInput, model: ReconcileModel): Posterior | null {
  const { catalog, scale, zones, stock } = input;
  const prior = priorOf(catalog, stock, model.basket);
  const planogram = new Set(catalog.products.map(({ zone }) => zone ?? ''));
  const weighing = scaleModel({ scale, zones, planogram }, model.scale);
  const effort = new Effort();
  const seen = sightingsOf({ catalog, views: input.cameras ?? [], stock, prior, model }, effort);
  if (weighing === null && seen === null) return null;
  const groups = seen ?? familiesOf(catalog).map((family): Group => ({ family, likelihood: null }));
  const found = searchBaskets({ catalog, groups, prior, effort, scale: weighing });
  const candidates = candidatesOf(found, catalog, model.temperature);
  const isCounted = seen !== null && candidates.length > 0 && isCountedBy(seen, candidates[0]!.lines, catalog);
  return {
    candidates,
    sources: { hasScale: weighing !== null, hasCameras: seen !== null, isCounted, limited: effort.isOver },
    seen: seen === null ? null : seenGoing(seen, catalog),
    work: { tried: effort.tried, limited: effort.isOver },
  };
}

/** Every family with what the cameras say about it; null where no camera can be counted on. */
function sightingsOf(known: Known, effort: Effort): Group[] | null {
  const { catalog, views, model } = known;
  if (views.length === 0) return null;
  const families = familiesOf(catalog).map((family) => ({
    family,
    kinds: family.isVisible ? family.kinds.map((kind) => kindSighting(kind, known)) : [],
  }));
  const visible = families.flatMap(({ kinds }) => kinds);
  const cameras = camerasOf(views, visible, model);
  if (cameras.length === 0) return null;
  const likelihoodOf = sharedLikelihoods({ cameras, model, kinds: visible.length, effort, shapes: new Map() });
  return families.flatMap(({ family, kinds }): Group[] => {
    if (kinds.length === 0) return [{ family, likelihood: null }];
    if (kinds.length > 1 && kinds.every((kind) => isPlain(kind, cameras))) {
      return family.kinds.map((kind, at) => ({
        family: { kinds: [kind], isVisible: true },
        likelihood: likelihoodOf([kinds[at]!]),
      }));
    }
    return [{ family, likelihood: likelihoodOf(kinds) }];
  });
}

/** Families that show the same counts share one likelihood: in a large case most of them do. */
function sharedLikelihoods(context: FamilyContext): (kinds: readonly KindSighting[]) => FamilyLikelihood {
  const shared = new Map<string, FamilyLikelihood>();
  return (kinds) => {
    const key = kinds.map((kind) => kind.key).join(';');
    let likelihood = shared.get(key);
    if (likelihood === undefined) {
      likelihood = new FamilyLikelihood(familySighting(kinds, context.cameras), context);
      shared.set(key, likelihood);
    }
    return likelihood;
  };
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

/** True where one camera, by itself, counted exactly these pieces less. */
function isCountedBy(groups: readonly Group[], lines: readonly BasketLine[], { products }: Catalog): boolean {
  const counts = new Map(lines.map(({ sku, count }) => [sku, count]));
  const counted = groups.flatMap(({ family, likelihood }) => {
    const taken = family.kinds.map((kind) =>
      kind.products.reduce((sum, index) => sum + (counts.get(products[index]!.sku) ?? 0), 0),
    );
    return likelihood === null ? [] : [likelihood.countedBy(taken)];
  });
  return (counted[0] ?? []).some((_, camera) => counted.every((byCamera) => byCamera[camera]));
}

/** What the cameras saw go, named by the first product of each kind. */
function seenGoing(groups: readonly Group[], { products }: Catalog): BasketLine[] {
  return groups.flatMap(({ family, likelihood }) =>
    (likelihood?.seenGoing() ?? []).flatMap((count, kind): BasketLine[] =>
      count > 0 ? [{ sku: products[family.kinds[kind]!.products[0]!]!.sku, count }] : [],
    ),
  );
}
