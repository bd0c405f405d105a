// Decides what becomes of a wish for a sign-in code: whoever can read an address's mail always gets in, whatever strangers ask
// and guess meanwhile, and neither mails nor guesses are without bound. docs/security.md has the numbers that follow.

/** Long enough for a slow mail server, short enough that a mailbox opened later holds nothing of use. */
export const CODE_LIFE_MS = 600_000;
/** Guesses that one browser has at one code. */
export const CODE_GUESSES_MAX = 5;
/** A second code for the same browser within this only confuses whoever waits for the first mail. */
export const CODE_GAP_MS = 30_000;
/** Wishes for one address in a day that are answered with a short code of their own. Nobody signs in so often. */
export const SHORT_CODES_MAX = 30;
export const SHORT_CODES_WINDOW_MS = 86_400_000;
/**
 * Beyond those the address is being tried. Its codes are then so long that the number of guesses no longer matters, and whoever
 * asks within this time of the last mail is let in by the code in that one: half of its life is left.
 */
export const SHARED_FOR_MS = 300_000;

/** The first digit tells a browser how many to wait for, and nothing else. */
export const SHORT_CODE = { digits: 6, from: 100_000, below: 1_000_000 } as const;
/** Begins with a 0: a hundred billion of them. */
export const LONG_CODE = { digits: 12, from: 0, below: 100_000_000_000 } as const;

export interface CodeWish {
  /** When this browser last got a code for this address; null: never, or it has expired. */
  readonly askedAtMs: number | null;
  /** Wishes for the address in its day, this one included. */
  readonly wishes: number;
  /** When the newest long code of the address was mailed; null where none is good any more. */
  readonly longMailedAtMs: number | null;
}

/**
 * `too-soon`: the code that this browser has stays the one. `short`, `long`: a new one is mailed. `shared`: the newest long one,
 * already in the mailbox, is good in this browser too.
 */
export type CodeAnswer = 'too-soon' | 'short' | 'long' | 'shared';

export function answerCodeWish({ askedAtMs, wishes, longMailedAtMs }: CodeWish, nowMs: number): CodeAnswer {
  if (askedAtMs !== null && isWithin(askedAtMs, CODE_GAP_MS, nowMs)) return 'too-soon';
  if (wishes <= SHORT_CODES_MAX) return 'short';
  return longMailedAtMs !== null && isWithin(longMailedAtMs, SHARED_FOR_MS, nowMs) ? 'shared' : 'long';
}

/** Either way: after a clock that was set back nobody waits for it to come round. */
function isWithin(atMs: number, spanMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) < spanMs;
}

/** The code of a random number from the shape's range. */
export function longCode(random: number): string {
  return String(random).padStart(LONG_CODE.digits, '0');
}
