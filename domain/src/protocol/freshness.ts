// Decides whether a command or status is recent enough to be acted on.
import { Fault } from '../fault.ts';

/** How far a clock may be off either way. The modem's clock comes from the network or from us, good to a second or
 * two; 30 s leaves room for a slow link and is far below the time a captured unlock would be worth anything. */
export const SKEW_SECONDS_MAX = 30;

/** How long an unlock stays valid: a tap that could not reach the door within this is dead, and the customer taps again. */
export const UNLOCK_VALID_SECONDS = 10;

export interface Stamped {
  /** Unix seconds of the sender. */
  readonly at: number;
  /** Unix seconds after which the message is worth nothing. */
  readonly exp?: number | undefined;
}

/** undefined when fresh, else `frame.expired` or `frame.clock-skew`. */
export function checkFresh(message: Stamped, nowSeconds: number, skewSecondsMax = SKEW_SECONDS_MAX): Fault | undefined {
  if (message.exp !== undefined && nowSeconds > message.exp) {
    return new Fault('frame.expired', `expired ${nowSeconds - message.exp} s ago`, { exp: message.exp });
  }
  if (Math.abs(nowSeconds - message.at) > skewSecondsMax) {
    return new Fault('frame.clock-skew', `clock off by ${nowSeconds - message.at} s`, { at: message.at });
  }
  return undefined;
}

/** How long a wish to keep a visit's evidence stays good: a Pi that was off the network for a day still hears it. */
export const KEEP_VALID_SECONDS = 86_400;

/**
 * For `keep` alone: good until its `exp`, however old. It opens nothing and moves no money; its number must rise all the
 * same, so that a recorded one is never obeyed again; and the worst that a delayed one does is that a visit's own evidence
 * is kept a little longer and sent to where it belongs. `frame.expired` otherwise.
 */
export function checkUnexpired({ exp }: { readonly exp: number }, nowSeconds: number): Fault | undefined {
  if (nowSeconds <= exp) return undefined;
  return new Fault('frame.expired', `expired ${nowSeconds - exp} s ago`, { exp });
}
