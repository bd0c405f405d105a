// Shows how the cases are and what they have learned: what is wrong, what to look at, each scale, each product's mass, and how far weighings were off.
import { defineNode } from '@tapcase/define-node';
import { PAST_MS_MAX, PAST_VISITS_MAX, studyCase } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop, ShopCase } from '../../shop/shop/contract.ts';
import { caseRow } from './case-rows.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { type LearnedCase, noticeRows, productRows, scaleRow } from './rows.ts';

/** A table of more is not read; the search above it finds the rest of a smaller shop. */
const ROWS_MAX = 1_000;
/** More lines than colours that a person tells apart; each costs some hundredths of a second. */
const CHART_CASES_MAX = 4;

export default defineNode({
  type: 'sensors-view',
  outputs: ['shown'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async () => {
      const cases = shop.cases();
      switch (config.show) {
        case 'cases': {
          const nowMs = node.now();
          const rows = cases.map(async (one) => caseRow(one, await ledger.caseRow(one.id), nowMs));
          return { to: 'shown', add: { payload: await Promise.all(rows) } };
        }
        case 'notices': {
          const rows = (await learnedCases(ledger, cases)).flatMap(noticeRows).slice(0, ROWS_MAX);
          const look = rows.length === 0 ? 'did' : 'needs-person';
          return { to: 'shown', add: { payload: rows }, status: `${rows.length} to look at`, look };
        }
        case 'scales':
          return { to: 'shown', add: { payload: (await learnedCases(ledger, cases)).map(scaleRow) } };
        case 'products': {
          const rows = (await learnedCases(ledger, cases)).flatMap(productRows).slice(0, ROWS_MAX);
          return { to: 'shown', add: { payload: rows } };
        }
        case 'drift': {
          const points: object[] = [];
          for (const one of cases.slice(0, CHART_CASES_MAX)) points.push(...(await drift(ledger, one, node.now())));
          return { to: 'shown', add: { payload: points } };
        }
      }
    };
  },
});

async function learnedCases(ledger: Ledger, cases: readonly ShopCase[]): Promise<LearnedCase[]> {
  return Promise.all(cases.map(async (shopCase) => ({ shopCase, learning: await ledger.learning(shopCase.id) })));
}

/** Two points for each visit, against the catalog and as learned: `at` in unix milliseconds, `off` in grams. */
async function drift(ledger: Ledger, shopCase: ShopCase, atMs: number): Promise<readonly object[]> {
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
