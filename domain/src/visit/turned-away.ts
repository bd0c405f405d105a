// Says in one word why a case opened nothing for a visit, from the code with which its controller refused the unlock.

/**
 * - late: the unlock was too old when it came, or its number was.
 * - in_use: the door stood open, or somebody else was served.
 * - closed: the case lets nobody in now.
 * - restarted: it began anew after the tap, and what it was told before is lost.
 * - silent: nothing was heard of it.
 */
export type TurnedAway = 'late' | 'in_use' | 'closed' | 'restarted' | 'silent';

/** `code` is the firmware's (firmware/app/orders.py); a newer one may have more of them than this cloud knows. */
export function turnedAwayBy(code: string): TurnedAway {
  switch (code) {
    case 'frame.expired':
    case 'frame.clock-skew':
    case 'seq.replayed':
    case 'seq.leap':
      return 'late';
    case 'visit.busy':
      return 'in_use';
    case 'clock.unknown':
      return 'restarted';
    default:
      return 'closed';
  }
}
