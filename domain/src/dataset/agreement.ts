// Whether what a camera counted before and after agrees with what a person decided was taken.
import type { VisitDecision } from './decision.ts';
import type { EvidenceMoment, ProposedBox } from './evidence.ts';
import { compareText } from './part.ts';

/** Products that share a label cannot be told apart by it: they are counted together. */
export interface LabelGroup {
  readonly labels: readonly string[];
  readonly skus: readonly string[];
}

/** How many pieces of a group are gone afterwards; below zero: there are more. */
export interface GroupChange extends LabelGroup {
  readonly seen: number;
  readonly decided: number;
}

/**
 * By how much a picture is off, if the other picture of its pair is right: boxes that are missing, or are too many. Which
 * of the two is wrong nobody has said.
 */
export interface Off {
  readonly labels: readonly string[];
  readonly missing: number;
  readonly tooMany: number;
}

export interface Agreement {
  readonly agrees: boolean;
  /** Groups of which something was seen to go or come, or was decided to be taken. */
  readonly changes: readonly GroupChange[];
}

type Looked = Readonly<Record<EvidenceMoment, { readonly boxes: readonly ProposedBox[] } | undefined>>;

/**
 * Of one camera. null where it cannot be said: nobody decided, nobody could tell, a picture of the pair is missing, or
 * something was taken that no label shows.
 */
export function agreementOf(looked: Looked, decision: VisitDecision): Agreement | null {
  const { before, after } = looked;
  const { taken, products } = decision;
  if (before === undefined || after === undefined || taken === null) return null;
  const groups = groupsOf(products);
  const shown = new Set(groups.flatMap(({ skus }) => skus));
  if (taken.some(({ sku }) => !shown.has(sku))) return null;
  const changes = groups.map((group) => ({
    ...group,
    seen: countOf(before.boxes, group) - countOf(after.boxes, group),
    decided: taken.reduce((sum, { sku, count }) => (group.skus.includes(sku) ? sum + count : sum), 0),
  }));
  return {
    agrees: changes.every(({ seen, decided }) => seen === decided),
    changes: changes.filter(({ seen, decided }) => seen !== 0 || decided !== 0),
  };
}

export function offIn(moment: EvidenceMoment, { changes }: Agreement): readonly Off[] {
  return changes
    .filter(({ seen, decided }) => seen !== decided)
    .map(({ labels, seen, decided }) => {
      // More seen to go than were taken: too many boxes before, or too few after.
      const tooMany = moment === 'before' ? seen - decided : decided - seen;
      return { labels, missing: Math.max(0, -tooMany), tooMany: Math.max(0, tooMany) };
    });
}

function countOf(boxes: readonly ProposedBox[], { labels }: LabelGroup): number {
  return boxes.filter(({ label }) => labels.includes(label)).length;
}

/** Products without labels are in none. Each group's names in order; so are the groups. */
function groupsOf(products: VisitDecision['products']): LabelGroup[] {
  let groups: { readonly labels: ReadonlySet<string>; readonly skus: readonly string[] }[] = [];
  for (const { sku, labels } of products) {
    if (labels.length === 0) continue;
    const shares = (group: { readonly labels: ReadonlySet<string> }) => labels.some((one) => group.labels.has(one));
    const joined = groups.filter(shares);
    groups = groups.filter((group) => !shares(group));
    groups.push({
      labels: new Set([...labels, ...joined.flatMap((group) => [...group.labels])]),
      skus: [sku, ...joined.flatMap(({ skus }) => skus)],
    });
  }
  return groups
    .map(({ labels, skus }) => ({ labels: [...labels].sort(compareText), skus: [...skus].sort(compareText) }))
    .sort((a, b) => compareText(a.labels[0]!, b.labels[0]!));
}
