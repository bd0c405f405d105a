// What a policy would have done on past visits: how each would have ended, and what would have been charged without a
// person. Nothing is written, and the event loop is left free between two visits.
import { setImmediate } from 'node:timers/promises';
import {
  type Basket,
  type CaseLearning,
  type Catalog,
  Fault,
  formatMinor,
  type LocalText,
  productBySku,
  type Ruling,
  rulingOf,
  totalMinor,
} from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Policy } from './contract.ts';
import { decide, isDecidedAlone } from './decide.ts';

/** Enough to see one visit in a hundred end otherwise. */
export const VISITS_MAX = 200;
/** As many as an operator reads. */
export const CHANGES_MAX = 20;
/** A dialog is not waited at for longer; the answer says how far it came. */
export const REPLAY_MS_MAX = 5_000;

export interface ReplayAsk {
  /** null: of all cases. */
  readonly caseId: string | null;
  /** As the node is. */
  readonly before: Policy;
  /** As it may become. */
  readonly after: Policy;
}

export interface Sources {
  readonly ledger: Pick<Ledger, 'decidedVisits' | 'visit' | 'evidence'>;
  /** What is known of a case today. */
  readonly learnedOf?: (caseId: string) => Promise<CaseLearning | null>;
  now(): number;
}

/** How visits end: one count for each way, and what was charged, `12.30 usd`, one text for each currency. */
export interface Tally extends Readonly<Record<Ruling, number>> {
  /** Of the agreed: decided by one source. */
  readonly alone: number;
  readonly charged: readonly string[];
}

export interface Change {
  readonly visitId: string;
  readonly endedAtMs: number | null;
  readonly from: Ended;
  readonly to: Ended;
  /** The most probable basket under the new policy. */
  readonly best: readonly { readonly count: number; readonly name: LocalText }[];
  /** Of that basket, 0..1. */
  readonly probability: number;
}
interface Ended {
  readonly ruling: Ruling;
  readonly charged: string;
}

export interface Replay {
  /** Visits that could be looked at, VISITS_MAX at most. */
  readonly found: number;
  readonly lookedAt: number;
  /** What was decided then, by whatever policy and learning there was. */
  readonly decided: Tally;
  /** The same visits under `before` and `after`, with what is known of the case today. */
  readonly before: Tally;
  readonly after: Tally;
  readonly changed: number;
  /** The newest first, CHANGES_MAX at most. */
  readonly changes: readonly Change[];
}

export async function replay(sources: Sources, { caseId, before, after }: ReplayAsk): Promise<Replay> {
  const { ledger, now } = sources;
  const ids = await ledger.decidedVisits({ caseId, limit: VISITS_MAX });
  const endsAtMs = now() + REPLAY_MS_MAX;
  const tallies = { decided: new Counting(), before: new Counting(), after: new Counting() };
  const changes: Change[] = [];
  let [lookedAt, changed] = [0, 0];
  for (const id of ids) {
    if (now() > endsAtMs) break;
    const past = await pastVisit(sources, id);
    if (past === undefined) continue;
    const { known, basket, endedAtMs } = past;
    const { catalog } = known;
    lookedAt += 1;
    const earlier = decide(known, before);
    await setImmediate();
    const later = decide(known, after);
    await setImmediate();
    tallies.decided.add(basket, catalog);
    const from = tallies.before.add(earlier, catalog);
    const to = tallies.after.add(later, catalog);
    if (from.ruling === to.ruling && from.charged === to.charged) continue;
    changed += 1;
    if (changes.length === CHANGES_MAX) continue;
    changes.push({ visitId: id, endedAtMs, from, to, best: bestOf(later, catalog), probability: later.probability });
  }
  const [decided, was, will] = [tallies.decided.tally(), tallies.before.tally(), tallies.after.tally()];
  return { found: ids.length, lookedAt, decided, before: was, after: will, changed, changes };
}

async function pastVisit({ ledger, learnedOf }: Sources, id: string) {
  const visit = await ledger.visit(id);
  if (visit === undefined || visit.basket === null) return undefined;
  const { catalog, caseId, basket, endedAtMs } = visit;
  const learned = (await learnedOf?.(caseId)) ?? null;
  return { basket, endedAtMs, known: { catalog, evidence: await ledger.evidence(id), learned } };
}

function bestOf({ candidates }: Basket, catalog: Catalog): Change['best'] {
  return (candidates[0]?.lines ?? []).map(({ sku, count }) => ({
    count,
    name: productBySku(catalog, sku)?.name ?? { en: sku, es: sku },
  }));
}

class Counting {
  readonly #counts = { agreed: 0, partly: 0, review: 0, nothing: 0, alone: 0 };
  readonly #minor = new Map<string, number>();

  add(basket: Pick<Basket, 'verdict' | 'lines'>, catalog: Catalog): Ended {
    const ruling = rulingOf(basket);
    this.#counts[ruling] += 1;
    if (isDecidedAlone(basket)) this.#counts.alone += 1;
    const total = totalMinor(basket.lines, catalog);
    // Above what one charge can carry nothing is charged: whoever prices it refuses it.
    const chargedMinor = total instanceof Fault ? 0 : total;
    const { currency } = catalog;
    this.#minor.set(currency, (this.#minor.get(currency) ?? 0) + chargedMinor);
    return { ruling, charged: formatMinor(chargedMinor, currency) };
  }

  tally(): Tally {
    return { ...this.#counts, charged: [...this.#minor].map(([currency, minor]) => formatMinor(minor, currency)) };
  }
}
