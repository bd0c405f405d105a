// Decides whether an address may have another sign-in code yet. Kept in memory: after a restart the count begins anew.

/** A second code within this only confuses whoever waits for the first mail. */
export const GAP_MS = 30_000;
/**
 * A code allows five guesses at a million. Ten codes an hour leave an attacker about one chance in a thousand for a day
 * of trying, and a customer with a slow mail server enough to sign in.
 */
export const CODES_PER_HOUR_MAX = 10;
const HOUR_MS = 3_600_000;
/** Addresses remembered at once; the one asked for longest ago is forgotten first. */
const ADDRESSES_MAX = 10_000;

/** True when a code may go out now, which it then counts. */
export type CodeLimit = (email: string, nowMs: number) => boolean;

export function createCodeLimit(addressesMax = ADDRESSES_MAX): CodeLimit {
  // A Map keeps the order of insertion: the first key is the one asked for longest ago.
  const sentAtMs = new Map<string, readonly number[]>();
  return (email, nowMs) => {
    const recent = (sentAtMs.get(email) ?? []).filter((atMs) => nowMs - atMs < HOUR_MS);
    const latest = recent.at(-1);
    if (recent.length >= CODES_PER_HOUR_MAX) return false;
    if (latest !== undefined && nowMs - latest < GAP_MS) return false;
    sentAtMs.delete(email);
    sentAtMs.set(email, [...recent, nowMs]);
    const [oldest] = sentAtMs.keys();
    if (sentAtMs.size > addressesMax && oldest !== undefined) sentAtMs.delete(oldest);
    return true;
  };
}
