// A promise that a function of somebody's own flow let fail without looking: the shop sells on.

/** Of a stack: the function's node, as Node-RED names its code. */
const FUNCTION = /Function node:(\S+)/;
/** It may be any length. */
const WHY_LENGTH_MAX = 200;

/**
 * Until the answer is called. Functions run in a realm of their own, and their promises are of it. A promise of ours that fails
 * unheard is a mistake of ours: the process ends, as it does without this.
 */
export function surviveOwnMistakes(log: (line: string, isError: boolean) => void): () => void {
  const onUnhandled = (reason: unknown, promise: Promise<unknown>) => {
    if (promise instanceof Promise) throw reason;
    const { stack, message } = (reason ?? {}) as { readonly stack?: unknown; readonly message?: unknown };
    const [, node = 'of an own flow'] = FUNCTION.exec(String(stack)) ?? [];
    const why = String(message ?? reason).slice(0, WHY_LENGTH_MAX);
    log(`error: [function ${node}] a promise failed and nobody looked (flows.unheard-promise): ${why}`, true);
  };
  process.on('unhandledRejection', onUnhandled);
  return () => process.off('unhandledRejection', onUnhandled);
}
