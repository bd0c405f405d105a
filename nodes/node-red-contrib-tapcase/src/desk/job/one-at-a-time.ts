// Lets runs of a job follow each other: two at once would take up the same visits, or ask Stripe for the same payments.
import { Fault } from '@tapcase/domain';

/** A person presses a button twice, not eleven times; whoever sends more has a flow that goes in circles. */
const WAITING_MAX = 10;

export interface Turns {
  readonly isBusy: () => boolean;
  /** What `run` gives, when all before it are through. Throws `job.busy` where too many wait. */
  readonly take: <T>(run: () => Promise<T>) => Promise<T>;
}

export function oneAtATime(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return {
    isBusy: () => count > 0,
    take: (run) => {
      if (count > WAITING_MAX)
        throw new Fault('job.busy', `${WAITING_MAX} messages wait for this job already`, { max: WAITING_MAX });
      count += 1;
      const mine = last.then(run).finally(() => {
        count -= 1;
      });
      last = mine.catch(() => {});
      return mine;
    },
  };
}
