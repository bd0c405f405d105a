// Spreads jobs over threads; the results come in the order of the jobs, whoever was first.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Job, type JobResult, runJob } from './job.ts';

/** One thread: here, without a worker, which a debugger and a profile like better. */
export async function runJobs(
  jobs: readonly Job[],
  { threads, onDone }: { readonly threads: number; readonly onDone: (result: JobResult) => void },
): Promise<JobResult[]> {
  const results: JobResult[] = [];
  let next = 0;
  const take = () => (next < jobs.length ? next++ : undefined);
  const finish = (at: number, result: JobResult) => {
    results[at] = result;
    onDone(result);
  };
  if (threads <= 1) {
    for (const [at, job] of jobs.entries()) finish(at, runJob(job));
    return results;
  }
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, () => work(jobs, take, finish)));
  return results;
}

async function work(
  jobs: readonly Job[],
  take: () => number | undefined,
  finish: (at: number, result: JobResult) => void,
): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  try {
    for (let at = take(); at !== undefined; at = take()) {
      // Rejects when the worker fails.
      const answer = once(worker, 'message') as Promise<[JobResult]>;
      worker.postMessage(jobs[at]!);
      const [result] = await answer;
      finish(at, result);
    }
  } finally {
    await worker.terminate();
  }
}
