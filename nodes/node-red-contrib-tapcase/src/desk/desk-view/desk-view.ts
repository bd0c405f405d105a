// Fills a list of the staff's desk: rows that a person can read, newest first, without anything about who the customer is.
import { defineNode } from '@tapcase/define-node';
import { type Debt, formatMinor, type Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { type DeskViewConfig, defaults, parseConfig, parseMessage } from './contract.ts';
import { whyOf } from './why.ts';

/** What fits on a screen and is read; the rest is a report's business. */
const ROWS_MAX = 100;
const REPORTS_MAX = 14;

export default defineNode({
  type: 'desk-view',
  outputs: ['rows'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async () => {
      const payload = await rowsOf(ledger, config.list);
      return { to: 'rows', add: { payload }, status: `${payload.length} rows` };
    };
  },
});

async function rowsOf(ledger: Ledger, list: DeskViewConfig['list']): Promise<readonly object[]> {
  switch (list) {
    case 'visits':
    case 'flagged': {
      const visits = await ledger.latestVisits({ flagged: list === 'flagged', limit: ROWS_MAX });
      const reasons = await ledger.flagReasons(visits.filter(({ flagged }) => flagged).map(({ id }) => id));
      return visits.map((visit) => visitRow(visit, visit.flagged ? whyOf(visit, reasons.get(visit.id) ?? []) : ''));
    }
    case 'debts':
      return (await ledger.debts({ state: 'open', limit: ROWS_MAX })).map(debtRow);
    case 'audits':
      return (await ledger.audits(REPORTS_MAX)).map(({ day, differences, report }) => ({ day, differences, report }));
  }
}

function visitRow({ id, caseId, createdAtMs, phase, outcome, catalog, ...visit }: Visit, why: string) {
  const money = (amountMinor: number) => formatMinor(amountMinor, catalog.currency);
  return {
    when: timeOf(createdAtMs),
    case: caseId,
    outcome: outcome ?? phase,
    total: money(visit.totalMinor),
    received: money(visit.chargedMinor),
    'given back': money(visit.refundedMinor),
    look: visit.flagged ? 'yes' : '',
    why,
    visit: id,
  };
}

function debtRow({ openedAtMs, amountMinor, waivedMinor, currency, reason, declineCode, tries, visitId }: Debt) {
  return {
    since: timeOf(openedAtMs),
    owed: formatMinor(amountMinor - waivedMinor, currency),
    reason: declineCode ?? reason,
    tries,
    visit: visitId,
  };
}

function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
