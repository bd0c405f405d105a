// Decides whether somebody who had doors unlocked and opened none may have another one unlocked: for as long as it is unlocked
// a case serves nobody else, and it costs them nothing.

/** A visit whose door was unlocked, or is about to be, and was not opened. */
export interface UnopenedVisit {
  readonly caseId: string;
  /** When the door was asked for. */
  readonly atMs: number;
}

/**
 * A door that sticks is tried again, twice. Each try takes the case for ten seconds and a hold's moment: 35 s in ten minutes, and
 * whoever wants to buy there waits no longer than for another customer.
 */
export const UNOPENED_AT_CASE = { max: 3, windowMs: 600_000 } as const;
/** From case to case, and through the hours: a minute of each. */
export const UNOPENED_ANYWHERE = { max: 6, windowMs: 3_600_000 } as const;
/** How far back to look. */
export const UNOPENED_MS = UNOPENED_ANYWHERE.windowMs;

/** From when on they may try again; null: now. `unopened` are the customer's own and those on their card, in any order. */
export function tryAgainAtMs(unopened: readonly UnopenedVisit[], caseId: string, nowMs: number): number | null {
  const here = unopened.filter((visit) => visit.caseId === caseId);
  const waits = [freeAtMs(here, UNOPENED_AT_CASE, nowMs), freeAtMs(unopened, UNOPENED_ANYWHERE, nowMs)];
  const latest = Math.max(...waits);
  return latest <= nowMs ? null : latest;
}

/** When fewer than `max` are younger than the window; after a clock that was set back never later than a window from now. */
function freeAtMs(
  visits: readonly UnopenedVisit[],
  { max, windowMs }: { readonly max: number; readonly windowMs: number },
  nowMs: number,
): number {
  const newestFirst = visits.map(({ atMs }) => Math.min(atMs, nowMs)).sort((a, b) => b - a);
  const counted = newestFirst[max - 1];
  return counted === undefined ? nowMs : counted + windowMs;
}
