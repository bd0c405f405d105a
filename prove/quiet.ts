// The end of the proof: until nothing is left to do, nobody is told anything more, and the books of each day are compared.
import { isPending, type Visit } from '@tapcase/domain';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import type { Ledger } from '../ledger/src/port.ts';
import { hasReceipt } from './audit.ts';
import type { Case } from './case.ts';
import type { Clock } from './clock.ts';
import type { Clouds } from './clouds.ts';
import type { Phones } from './phones.ts';
import type { Staff } from './staff.ts';

export interface Quieting {
  readonly clock: Clock;
  readonly cloud: Clouds;
  readonly stripe: RunningStripe;
  readonly phones: Phones;
  readonly cases: ReadonlyMap<string, Case>;
  readonly staff: Staff;
  /** Of now: it may have been put back. */
  readonly ledger: () => Ledger;
  /** What Stripe has been asked so far. */
  readonly asked: () => number;
  /** Whether its receipt could only be told a day after its end. */
  readonly isTooOld: (visit: Visit) => boolean;
  readonly log: (line: string) => void;
}

export interface Quiet {
  /** Until two looks saw the same: nobody asks Stripe, nobody is told, no visit moves. */
  still(): Promise<void>;
  /** Quiet for two ticks: what comes twice, or late, has come by then. */
  untilQuiet(): Promise<void>;
  /** What was done at Stripe's dashboard, and no event has told, is learnt from it. Throws where no report comes. */
  auditDay(atMs: number): Promise<void>;
}

/** The job that sweeps, each second and when somebody presses it. */
const SWEEP = 'clock.due';
/** The job that balances the books. */
const BOOKS = 'books.audit';
/** More than there are days in a proof. */
const REPORTS_MAX = 200;
/** Each tick of the end moves the clock by this; half an hour of silence is 30 ticks. */
const TICK_MS = 60_000;
const TICKS_MAX = 400;
/** Nothing has moved for so long: now only time can move it. */
const STILL_MS = 400;
/** Stripe lists a day's payments in seconds; this is ten minutes. */
const AUDIT_LOOKS_MAX = 1_500;
const VISITS_MAX = 1_000_000;

export function quieting({
  clock,
  cloud,
  stripe,
  phones,
  cases,
  staff,
  ledger,
  asked,
  isTooOld,
  log,
}: Quieting): Quiet {
  return { still, untilQuiet, auditDay };

  async function auditDay(atMs: number): Promise<void> {
    const day = new Date(atMs).toISOString().slice(0, 10);
    const nowMs = clock.nowMs();
    cloud.press(BOOKS, { audit: { day } });
    const isMade = async () => {
      const made = await ledger().audits(REPORTS_MAX);
      return made.some((report) => report.day === day && report.atMs >= nowMs);
    };
    for (let looks = 0; !(await isMade()); looks += 1) {
      if (looks === AUDIT_LOOKS_MAX) throw new Error(`the books of ${day} were not compared`);
      await clock.wait(STILL_MS);
    }
  }

  async function untilQuiet(): Promise<void> {
    for (let ticks = 0, quiet = 0; ticks < TICKS_MAX && quiet < 2; ticks += 1) {
      clock.advance(TICK_MS);
      stripe.advance(0);
      await staff.press();
      cloud.press(SWEEP, {});
      await still();
      const visits = await ledger().latestVisits({ flagged: false, limit: VISITS_MAX });
      quiet = (await isQuiet(visits)) ? quiet + 1 : 0;
      if (ticks % 20 !== 19) continue;
      const waiting = visits.filter(({ phase }) => phase !== 'done');
      for (const { id } of waiting.slice(0, 3)) log(await stateOf(ledger(), id, clock.nowMs()));
      const untold = visits.filter(isUntold);
      const unheard = [...cases].filter(([, each]) => !each.isQuiet);
      log(
        `without a receipt: ${untold.map(({ id }) => id).join(' ')}; not acked: ${unheard.map(([id]) => id).join(' ')}`,
      );
    }
  }

  function isUntold(visit: Visit): boolean {
    return hasReceipt(visit.outcome) && !phones.receipts.has(visit.id) && !isTooOld(visit);
  }

  async function isQuiet(visits: readonly Visit[]): Promise<boolean> {
    return (
      visits.every((visit) => visit.phase === 'done' && !isUntold(visit)) &&
      [...cases.values()].every((each) => each.isQuiet) &&
      isDecided(ledger(), staff.seen.keys(), clock.nowMs())
    );
  }

  async function still(): Promise<void> {
    for (let before = '', now = '-'; before !== now; ) {
      before = now;
      await clock.wait(STILL_MS);
      const visits = await ledger().latestVisits({ flagged: false, limit: VISITS_MAX });
      const shown = [...phones.receipts.values()].reduce((sum, { size }) => sum + size, 0);
      const unsaid = [...cases.values()].filter((each) => !each.isQuiet).length;
      now = `${asked()} ${shown} ${unsaid} ${visits.map(({ id, phase, outcome, flagged }) => [id, phase, outcome, flagged])}`;
    }
  }
}

/** Whether no review waits for a person, and no decision for the money that follows from it. */
async function isDecided(ledger: Ledger, visitIds: Iterable<string>, nowMs: number): Promise<boolean> {
  if ((await ledger.openReviews({ limit: 1 })).length > 0) return false;
  for (const id of visitIds) {
    const { steps, debt } = await ledger.money(id);
    if (steps.some(isPending)) return false;
    if (debt?.state === 'open' && debt.nextTryAtMs !== null && debt.nextTryAtMs <= nowMs) return false;
  }
  return true;
}

/** What a visit waits for, in a line. */
async function stateOf(ledger: Ledger, id: string, nowMs: number): Promise<string> {
  const visit = await ledger.visit(id);
  const { steps } = await ledger.money(id);
  const due = visit?.dueAtMs == null ? 'never' : `in ${Math.round((visit.dueAtMs - nowMs) / 1_000)} s`;
  const asked = steps.map(({ kind, state, code, tries }) => `${kind} ${state} ${code ?? ''} (${tries})`);
  return `${id} is ${visit?.phase}, due ${due}: ${asked.join(', ')}`;
}
