// Does several things of one run, each whatever became of the others: a folder that is full keeps no rows from being pruned.
import type { Emission, NodeContext } from '@tapcase/define-node';
import type { Output } from './contract.ts';

export type Task = () => Promise<readonly Emission<Output>[]>;

/** Throws the first failure, after what the others had to say was said. */
export async function allOf(
  { emit, fail }: Pick<NodeContext<Output>, 'emit' | 'fail'>,
  tasks: readonly Task[],
): Promise<readonly Emission<Output>[]> {
  const emissions: Emission<Output>[] = [];
  const failures: unknown[] = [];
  for (const task of tasks) {
    try {
      emissions.push(...(await task()));
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length === 0) return emissions;
  for (const emission of emissions) emit(emission);
  for (const failure of failures.slice(1)) fail(failure);
  throw failures[0];
}
