// Starts a child again when it dies, as systemd does on the Pi: a case whose plug was pulled comes back by itself.
import { Fault } from '@tapcase/domain';
import { type Child, type ChildOptions, startChild } from './child.ts';

/** A child that dies so often within the window will not live; whoever started it must hear of it. */
const DEATHS_MAX = 5;
const WINDOW_MS = 60_000;

export interface KeepAliveOptions extends ChildOptions {
  /** It died, and is started again; `fault` says how. */
  readonly onAgain: (fault: Fault) => void;
  /** It is ready again. */
  readonly onBack: () => void;
}

/** Resolves once the child is ready for the first time; a first start that fails is thrown. */
export async function keepAlive(options: KeepAliveOptions): Promise<{ stop(): Promise<void> }> {
  let deathsMs: number[] = [];
  let stopping = false;
  let current: Promise<Child<unknown> | undefined>;
  const start = () => startChild({ ...options, onCrash });
  function onCrash(fault: Fault): void {
    if (stopping) return;
    const nowMs = Date.now();
    deathsMs = [...deathsMs.filter((diedMs) => nowMs - diedMs < WINDOW_MS), nowMs];
    if (deathsMs.length > DEATHS_MAX) return options.onCrash(fault);
    options.onLine(`${fault.message} It is started again.`);
    options.onAgain(fault);
    current = start().then(
      (child) => {
        if (!stopping) options.onBack();
        return child;
      },
      (thrown: unknown) => {
        onCrash(thrown instanceof Fault ? thrown : new Fault('start.child-crashed', String(thrown)));
        return undefined;
      },
    );
  }
  const first = start();
  current = first;
  await first;
  return {
    stop: async () => {
      stopping = true;
      await (await current)?.stop();
    },
  };
}
