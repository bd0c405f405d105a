// The tables of visits and money: rows that a person can read, newest first, without anything about who the customer is.
import { part, says } from '@tapcase/define-node';
import { type Debt, formatMinor, type Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { DeskConfig, Output } from './contract.ts';
import { forEverybody } from './everybody.ts';
import { timeOf } from './time-of.ts';
import { whyOf } from './why.ts';

/** What fits on a screen and is read; the rest is a report's business. */
const ROWS_MAX = 100;
const REPORTS_MAX = 14;

export const visits = table((ledger) => visitRows(ledger, false));
export const flagged = table((ledger) => visitRows(ledger, true));
export const debts = table(async (ledger) => (await ledger.debts({ state: 'open', limit: ROWS_MAX })).map(debtRow));
export const audits = table(async (ledger) =>
  (await ledger.audits(REPORTS_MAX)).map(({ day, differences, report }) => ({ day, differences, report })),
);

function table(read: (ledger: Ledger) => Promise<readonly object[]>) {
  return part<DeskConfig, unknown, Output>({
    parseMessage: (raw) => raw,
    build: (config, node) => {
      const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
      return async () => {
        const payload = await read(ledger);
        return { to: 'shown', add: forEverybody(payload), status: says('__n__ rows', { n: payload.length }) };
      };
    },
  });
}

async function visitRows(ledger: Ledger, isFlagged: boolean): Promise<readonly object[]> {
  const rows = await ledger.latestVisits({ flagged: isFlagged, limit: ROWS_MAX });
  const reasons = await ledger.flagReasons(rows.filter((visit) => visit.flagged).map(({ id }) => id));
  return rows.map((visit) => visitRow(visit, visit.flagged ? whyOf(visit, reasons.get(visit.id) ?? []) : ''));
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
