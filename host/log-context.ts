// What a line of the log is about, wherever it is written: the request that is being answered, the visit that a message belongs to.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface LogContext {
  readonly requestId?: string;
  readonly visit?: string;
}

const context = new AsyncLocalStorage<LogContext>();

/** Empty outside of any request and message. */
export function logContext(): LogContext {
  return context.getStore() ?? {};
}

/** For all that `act` does, now and later. */
export function within<T>(about: LogContext, act: () => T): T {
  return context.run(about, act);
}

/** For the rest of what is being done: where somebody else calls on. */
export function fromHereOn(about: LogContext): void {
  context.enterWith(about);
}
