// Whose footage, on which card, within which limits and by which clock.
import type { RingLimits } from '@tapcase/domain';
import type { Card } from './card.ts';

export interface RecorderClock {
  /** Unix milliseconds, right or not. */
  nowMs(): number;
  /** Milliseconds since the machine was started: no one ever sets it. */
  uptimeMs(): number;
  /** Another one after each start of the machine. */
  readonly boot: string;
}

export interface FootageOptions {
  readonly card: Card;
  readonly camera: string;
  readonly limits: RingLimits;
  readonly segmentSeconds: number;
  readonly clock: RecorderClock;
}
