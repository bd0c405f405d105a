// Asks the ledger what a person decided about a visit.
import { existsSync } from 'node:fs';
import { decisionOf, Fault, type VisitDecision } from '@tapcase/domain';
import type { Ledger } from '../../ledger/src/port.ts';
import type { Options } from './options.ts';

export type DecisionLedger = Pick<Ledger, 'review' | 'visit' | 'close'>;

/** Throws `dataset.no-ledger` where there is no such file: opening it would make an empty one. */
export async function openDecisions(ledger: Options['ledger']): Promise<DecisionLedger> {
  if ('url' in ledger) {
    // Loaded only where it is used: the driver is an optional dependency.
    const { openPostgresLedger } = await import('../../ledger/src/postgres.ts');
    return openPostgresLedger({ url: ledger.url, poolMax: 1 });
  }
  if (!existsSync(ledger.file)) throw new Fault('dataset.no-ledger', `there is no ledger ${ledger.file}`);
  const { openLedger } = await import('../../ledger/src/open.ts');
  return openLedger({ file: ledger.file });
}

/** null: the ledger knows no such visit. `dataset.wrong-case`: it was at another case. */
export async function decisionAbout(
  ledger: DecisionLedger,
  { caseId, visit: id }: { readonly caseId: string; readonly visit: string },
): Promise<VisitDecision | null | Fault> {
  const reviewed = await ledger.review(id);
  const visit = reviewed?.visit ?? (await ledger.visit(id));
  if (visit === undefined) return null;
  if (visit.caseId !== caseId) return new Fault('dataset.wrong-case', 'the ledger knows this visit at another case');
  return decisionOf(visit, reviewed?.review ?? null);
}
