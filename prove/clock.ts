// The one clock of the proof: shop, cases and Stripe are moved together.

export interface Clock {
  nowMs(): number;
  seconds(): number;
  offsetMs(): number;
  advance(ms: number): void;
}

export function createClock(): Clock {
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  return {
    nowMs,
    seconds: () => Math.floor(nowMs() / 1_000),
    offsetMs: () => offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}
