// How the cases are and what they have learned: what is wrong, what to look at, each scale, each product's mass, and how far
// weighings were off.
import { type Handled, type NodeContext, part, says } from '@tapcase/define-node';
import { PAST_MS_MAX, PAST_VISITS_MAX, studyCase } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import { caseRow } from './case-row.ts';
import type { DeskConfig, Output } from './contract.ts';
import { forEverybody } from './everybody.ts';
import { type LearnedCase, noticeRows, productRows, scaleRow } from './learned-rows.ts';

/** A table of more is not read; the search above it finds the rest of a smaller shop. */
const ROWS_MAX = 1_000;
/** More lines than colours that a person tells apart; each costs some hundredths of a second. */
const CHART_CASES_MAX = 4;

export const cases = ofCases(async (ledger, all, nowMs) => {
  const rows = all.map(async (one) =>
    caseRow(one, await ledger.caseRow(one.id), await ledger.heldReports(one.id, nowMs), nowMs),
  );
  return { to: 'shown', add: forEverybody(await Promise.all(rows)) };
});

export const notices = ofCases(async (ledger, all) => {
  const rows = (await learnedCases(ledger, all)).flatMap(noticeRows).slice(0, ROWS_MAX);
  const look = rows.length === 0 ? 'did' : 'needs-person';
  return { to: 'shown', add: forEverybody(rows), status: says('__n__ to look at', { n: rows.length }), look };
});

export const scales = ofCases(async (ledger, all) => {
  return { to: 'shown', add: forEverybody((await learnedCases(ledger, all)).map(scaleRow)) };
});

export const products = ofCases(async (ledger, all) => {
  const rows = (await learnedCases(ledger, all)).flatMap(productRows).slice(0, ROWS_MAX);
  return { to: 'shown', add: forEverybody(rows) };
});

export const drift = ofCases(async (ledger, all, nowMs) => {
  const points: object[] = [];
  for (const one of all.slice(0, CHART_CASES_MAX)) points.push(...(await driftOf(ledger, one, nowMs)));
  return { to: 'shown', add: forEverybody(points) };
});

function ofCases(show: (ledger: Ledger, all: readonly ShopCase[], nowMs: number) => Promise<Handled<Output>>) {
  return part<DeskConfig, unknown, Output>({
    parseMessage: (raw) => raw,
    build: (config, node: NodeContext<Output>) => {
      const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
      const shop = node.use<Shop>(config.shop, 'tapcase-shop');
      return () => show(ledger, shop.cases(), node.now());
    },
  });
}

async function learnedCases(ledger: Ledger, cases: readonly ShopCase[]): Promise<LearnedCase[]> {
  return Promise.all(cases.map(async (shopCase) => ({ shopCase, learning: await ledger.learning(shopCase.id) })));
}

/** Two points for each visit, against the catalog and as learned: `at` in unix milliseconds, `off` in grams. */
async function driftOf(ledger: Ledger, shopCase: ShopCase, atMs: number): Promise<readonly object[]> {
  const { id, catalog } = shopCase;
  const visits = await ledger.pastBaskets({ caseId: id, sinceMs: atMs - PAST_MS_MAX, limit: PAST_VISITS_MAX });
  const { residuals } = studyCase(catalog, visits, atMs, await ledger.forgotten(id));
  return residuals.flatMap(({ atMs: at, catalogResidualGrams, residualGrams }) => [
    { line: `case ${id}, by the catalog`, at, off: tenths(catalogResidualGrams) },
    { line: `case ${id}, as learned`, at, off: tenths(residualGrams) },
  ]);
}

function tenths(grams: number): number {
  return Math.round(grams * 10) / 10;
}
