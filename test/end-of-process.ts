// What lives longer than one spec file and is stopped when the process that runs them ends: a shop that many files share.

type Stop = () => Promise<void>;
const stops: Stop[] = [];

/** Whether files run one after the other in a process of the runner; elsewhere mocha ends the process after the last test. */
const isWorker = process.env.TAPCASE_TEST_WORKER === '1';

/** Call it from a hook or a test, once for each thing that was started. */
export function stopAtEnd(stop: Stop): void {
  stops.push(stop);
}

/** Stops all of them, the last one first. */
export async function endOfProcess(): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
}

/** Call it while the file is loaded: with plain mocha there is no later file, and its last hook is the end. */
export function endsWithFile(): void {
  if (!isWorker) after(endOfProcess);
}
