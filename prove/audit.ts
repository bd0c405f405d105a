// The verdict: what Stripe received, against what was taken, what the ledger says and what the customers were told.
import type { Visit } from '@tapcase/domain';
import type { Books } from '@tapcase/sim/stripe/books';
import type { Ledger } from '../nodes/node-red-contrib-tapcase/src/store/port.ts';
import type { Story } from './stories.ts';

export interface Told {
  readonly story: Story;
  /** The case said what was taken, and was heard. */
  readonly reported: boolean;
}

export interface Verdict {
  readonly doubleCharged: number;
  readonly overCharged: number;
  readonly lost: number;
  readonly stuckHolds: number;
  readonly stuckVisits: number;
  readonly receiptsMissing: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** What to read when a number above is not 0. */
  readonly findings: readonly string[];
}

const VISITS_MAX = 1_000_000;

export async function auditAll(
  ledger: Ledger,
  books: Books,
  told: ReadonlyMap<string, Told>,
  receipts: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Verdict> {
  const counts = { doubleCharged: 0, overCharged: 0, lost: 0, stuckHolds: 0, stuckVisits: 0, receiptsMissing: 0 };
  const outcomes: Record<string, number> = {};
  const findings: string[] = [];
  const byVisit = Map.groupBy(books.paymentIntents.values(), ({ metadata }) => metadata.visit ?? '');
  for (const visit of await ledger.latestVisits({ flagged: false, limit: VISITS_MAX })) {
    const word = visit.outcome ?? visit.phase;
    outcomes[word] = (outcomes[word] ?? 0) + 1;
    const wrong = await judge(visit);
    for (const kind of wrong) counts[kind] += 1;
    if (wrong.length > 0) findings.push(await describe(visit, wrong));
  }
  // A hold of a visit that the ledger does not have.
  for (const [visitId, intents] of byVisit) {
    if ((await ledger.visit(visitId)) !== undefined) continue;
    counts.stuckHolds += intents.filter(({ status }) => status === 'requires_capture').length;
  }
  return { ...counts, outcomes, findings };

  async function judge(visit: Visit): Promise<(keyof typeof counts)[]> {
    const wrong: (keyof typeof counts)[] = [];
    const intents = byVisit.get(visit.id) ?? [];
    const { debt } = await ledger.money(visit.id);
    const received = intents.reduce((sum, { amount_received }) => sum + amount_received, 0);
    const unpaid = debt === null || debt.state === 'paid' ? 0 : debt.amountMinor;
    const { story, reported } = told.get(visit.id) ?? {};
    if (received > visit.totalMinor || received !== visit.chargedMinor) wrong.push('doubleCharged');
    if (received > (story?.totalMinor ?? 0)) wrong.push('overCharged');
    if (reported === true && received + unpaid < (story?.totalMinor ?? 0)) wrong.push('lost');
    if (intents.some(({ status }) => status === 'requires_capture')) wrong.push('stuckHolds');
    if (visit.phase !== 'done') wrong.push('stuckVisits');
    const isOwedReceipt = visit.outcome !== 'unused' && visit.outcome !== 'refused';
    const shown = receipts.get(visit.id)?.size ?? 0;
    if (visit.phase === 'done' && isOwedReceipt && shown !== 1) wrong.push('receiptsMissing');
    return wrong;
  }

  async function describe(visit: Visit, wrong: readonly string[]): Promise<string> {
    const { story, reported } = told.get(visit.id) ?? {};
    const { steps, debt } = await ledger.money(visit.id);
    const events = await ledger.visitEvents(visit.id);
    const intents = byVisit.get(visit.id) ?? [];
    return [
      `${visit.id}: ${wrong.join(', ')}`,
      `  ${visit.phase} ${visit.outcome ?? ''} total ${visit.totalMinor} charged ${visit.chargedMinor} hold ${visit.holdMinor}`,
      `  story ${story === undefined ? 'unknown' : `${story.kind} ${JSON.stringify(story.taken)} ${story.totalMinor} ${story.card}`}, reported ${reported}`,
      `  receipts ${JSON.stringify([...(receipts.get(visit.id) ?? [])])}`,
      `  debt ${JSON.stringify(debt)}`,
      ...steps.map(
        ({ kind, attempt, amountMinor, state, code, tries }) =>
          `  step ${kind} ${attempt} ${amountMinor} ${state} ${code ?? ''} tries ${tries}`,
      ),
      ...intents.map(
        ({ id, status, amount, amount_received, metadata }) =>
          `  ${id} ${status} ${amount} received ${amount_received} ${metadata.step}`,
      ),
      ...events.map(({ event, phase, note }) => `  event ${event} -> ${phase} ${JSON.stringify(note ?? '')}`),
    ].join('\n');
  }
}
