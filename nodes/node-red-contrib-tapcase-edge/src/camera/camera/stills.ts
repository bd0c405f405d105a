// A camera that serves still pictures: one when asked, one after the other while it is awake. No process at all.
import type { Fault } from '@tapcase/domain';
import type { Judge, Judged } from './judge.ts';
import { fetchStill } from './still-picture.ts';
import { busy, WAITING_MAX } from './waiting-room.ts';

export interface Stills {
  /** The picture, judged. Throws `camera.unreachable`, `camera.bad-picture`, `camera.busy`. */
  take(): Promise<Judged>;
  /** Live pictures until it is awake no more; a call while they come changes nothing. */
  follow(): void;
  close(): void;
}

export interface StillsOptions {
  readonly url: string;
  readonly judge: Judge['judge'];
  readonly answerMs: number;
  readonly everyMs: number;
  readonly now: () => number;
  readonly isAwake: () => boolean;
  readonly onLive: (judged: Judged) => void;
  readonly onFault: (fault: Fault) => void;
}

export function createStills({ url, judge, answerMs, everyMs, now, isAwake, onLive, onFault }: StillsOptions): Stills {
  let asked = 0;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<Judged> => judge(await fetchStill(url, answerMs), now());
  const lookAgain = (afterMs: number) => {
    timer = setTimeout(() => {
      if (isAwake()) void lookLive();
      else timer = undefined;
    }, afterMs);
  };
  const lookLive = async (): Promise<void> => {
    try {
      onLive(await look());
    } catch (thrown) {
      onFault(thrown as Fault);
    }
    lookAgain(everyMs);
  };
  return {
    take: async () => {
      if (asked >= WAITING_MAX) throw busy();
      asked += 1;
      try {
        return await look();
      } finally {
        asked -= 1;
      }
    },
    follow: () => {
      if (timer === undefined) lookAgain(0);
    },
    close: () => clearTimeout(timer),
  };
}
