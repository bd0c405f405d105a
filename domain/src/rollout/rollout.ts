// Decides which cases are offered a new firmware, and when so many of them are in trouble that nobody else is.

export interface Rollout {
  /** What the cases then report as their firmware. */
  readonly version: string;
  /** These first, whatever the share is. */
  readonly caseIds: readonly string[];
  /** Share of all cases, 0 to 100: the same ones each time, and a larger share has those of a smaller one. */
  readonly percent: number;
  /** From this share of the offered cases in trouble on, nobody is offered it any more; 1 to 100. */
  readonly haltPercent: number;
}

/** A case that was offered the version, and how it has been since. */
export interface OfferedCase {
  readonly caseId: string;
  readonly offeredAtMs: number;
  /** It had given up an update before this offer already. */
  readonly hadFailed: boolean;
  /** What it last reported; null: nothing yet. */
  readonly firmware: string | null;
  readonly faults: readonly string[];
  readonly heardAtMs: number | null;
  /** Not heard for this long: silent. */
  readonly silentAfterMs: number;
}

/** A controller says this while the last update it tried is one that it gave up (firmware/app/update.py). */
export const UPDATE_FAILED = 'update.failed';

const BUCKETS = 10_000;

export function isInStage({ version, caseIds, percent }: Rollout, caseId: string): boolean {
  return caseIds.includes(caseId) || bucketOf(`${version}/${caseId}`) < (percent / 100) * BUCKETS;
}

/** `running`, or `halted` with the ids of the cases in trouble. */
export function stageOf(
  rollout: Rollout,
  offered: readonly OfferedCase[],
  nowMs: number,
): { readonly kind: 'running' | 'halted'; readonly troubled: readonly string[] } {
  const troubled = offered.filter((one) => isTroubled(rollout, one, nowMs)).map(({ caseId }) => caseId);
  const tooMany = troubled.length > 0 && troubled.length * 100 >= rollout.haltPercent * offered.length;
  return { kind: tooMany ? 'halted' : 'running', troubled };
}

/** Fallen silent since it was offered the version, or back on its old one. */
function isTroubled({ version }: Rollout, one: OfferedCase, nowMs: number): boolean {
  const lastSignMs = Math.max(one.heardAtMs ?? 0, one.offeredAtMs);
  if (nowMs - lastSignMs > one.silentAfterMs) return true;
  return one.firmware !== version && !one.hadFailed && one.faults.includes(UPDATE_FAILED);
}

/** FNV-1a of 32 bits: the same on every machine, and spread well enough to take a share. */
function bucketOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  // Its low bits of short texts that differ in the last byte lie close together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) % BUCKETS;
}
