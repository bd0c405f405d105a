// What an expected failure is: an error with a stable code that a flow's Catch, a test and a person can name.

/**
 * `area.what-went-wrong`, lower case, words joined by dashes: `frame.bad-mac`, `visit.wrong-phase`.
 * The code is the contract; the message is for people and may change.
 */
export type FaultCode = `${string}.${string}`;

/** An expected failure of the world outside. Parsers return it; nodes hand it to Catch. Never used for our own mistakes. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** Facts that explain the failure (ids, limits, phases). Never secrets, card data or picture bytes. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** By shape: the kit that nodes are made with has a class of its own, and there may be two copies of a package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'Fault' && typeof (value as { code?: unknown }).code === 'string';
  }
}

/** The value, or the Fault thrown: for callers that have nothing to do with a Fault but pass it on. */
export function orThrow<T>(result: T | Fault): T {
  if (result instanceof Fault) throw result;
  return result;
}

/** For the end of an exhaustive switch: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new TypeError(`unreachable: ${JSON.stringify(value)}`);
}
