// What the shop does by the clock, each with a timer of its own: what is due, housekeeping, the books, learning.

import {
  defineNode,
  type Emission,
  type Handled,
  inEnglish,
  type NodeContext,
  partsBy,
  type Status,
  says,
  shows,
} from '@tapcase/define-node';
import type { Node } from 'node-red';
import { books } from './books.ts';
import { type JobConfig, type Output, tapcaseJob } from './contract.ts';
import { due } from './due.ts';
import { housekeeping } from './housekeeping.ts';
import { learning } from './learning.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { startTimer } from './timer.ts';

const jobs = partsBy('what', { due, housekeeping, books, learning });

export default defineNode({
  ...tapcaseJob,
  parseMessage: jobs.parseMessage,
  build: (config: JobConfig, node: NodeContext<Output>) => {
    const turns = oneAtATime();
    // Before the job is built: one that cannot be says so again and again, as a Fault for Catch.
    const timer = startTimer(config, node.now, () => {
      if (!turns.isBusy()) tick(node);
    });
    node.onClose(timer.stop);
    const { tell, failed } = teller(config, node, timer.nextAtMs);
    tell(undefined);
    const run = jobs.build(config, node);
    return (message, raw) => {
      // A sweep that is under way finds what whoever asks has in mind, or the next does, a second later.
      if (config.what === 'due' && turns.isBusy()) return undefined;
      return turns.take(async () => {
        try {
          return tell(await run(message, raw));
        } catch (thrown) {
          failed();
          throw thrown;
        }
      });
    };
  },
});

/** A run by the clock is a message like any other: Catch, Complete and the status hold for it too. */
function tick({ RED, id }: Pick<NodeContext<Output>, 'RED' | 'id'>): void {
  (RED.nodes.getNode(id) as Node | null)?.receive({});
}

/** The editor draws longer ones into the neighbour's wires. */
const STATUS_LENGTH_MAX = 20;

/** Adds the next run to what a run says last, as far as it fits; shows it alone where the run has nothing to say. */
function teller({ everyS }: JobConfig, node: NodeContext<Output>, nextAtMs: () => number) {
  let isQuiet = false;
  const tell = (handled: Handled<Output>): Handled<Output> => {
    if (everyS === 0) return handled;
    const next = everyS < 60 ? `→ ${everyS} s` : `→ ${new Date(nextAtMs()).toISOString().slice(11, 16)} UTC`;
    const emissions = asList(handled);
    const last = emissions.findLast(({ status }) => status !== undefined);
    // Each second the same: it is said once.
    if (last === undefined && !(isQuiet && everyS < 60)) node.status(shows(next));
    isQuiet = last === undefined;
    return emissions.map((each) =>
      last !== undefined && each === last ? { ...each, status: joined(last.status ?? shows(''), next) } : each,
    );
  };
  const failed = () => {
    isQuiet = false;
  };
  return { tell, failed };
}

function asList(handled: Handled<Output>): readonly Emission<Output>[] {
  if (handled === undefined) return [];
  return Array.isArray(handled) ? handled : [handled as Emission<Output>];
}

function joined(status: Status, next: string): Status {
  const isLong = `${inEnglish(status)} ${next}`.length > STATUS_LENGTH_MAX;
  return isLong ? status : says('__status__ __next__', { status, next });
}
