// The dates and places in which the suite must be as green as here and today.

interface FalseClock {
  readonly name: string;
  /** As `npm test -- --clock` takes it. */
  readonly offset: string;
}

/** A day and more than a month ahead, past a year, past certificates and cards, and on the day that most years lack. */
export function clocks(nowMs = Date.now()): readonly FalseClock[] {
  return [
    { name: '+1 day', offset: '+1d' },
    { name: '+40 days', offset: '+40d' },
    { name: '+400 days', offset: '+400d' },
    { name: '+10 years', offset: '+3652d' },
    { name: '29 February', offset: `+${secondsToLeapDay(nowMs)}s` },
  ];
}

/** Fourteen hours ahead of UTC, and half an hour of daylight saving. */
export const ZONES = ['Pacific/Kiritimati', 'Australia/Lord_Howe'] as const;

/** To the evening of the next one, so that a run of an hour begins on it and ends in March. */
function secondsToLeapDay(nowMs: number): number {
  for (let year = new Date(nowMs).getUTCFullYear(); ; year += 1) {
    const eveningMs = Date.UTC(year, 1, 29, 23, 57);
    if (new Date(eveningMs).getUTCMonth() === 1 && eveningMs > nowMs) return Math.round((eveningMs - nowMs) / 1000);
  }
}
