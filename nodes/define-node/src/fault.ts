// What an expected failure is: an error with a stable code, which Catch, a test and a person can name.

/** `area.what-went-wrong`, lower case, words joined by dashes. The code is the contract; the message is for people. */
export type FaultCode = `${string}.${string}`;

/** An expected failure of the world outside. Parsers return it, handlers throw it; `details` never hold secrets. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: FaultCode, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }

  /** By shape: each package may bring a class of its own, and a palette may meet two copies of this one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'Fault' && typeof (value as { code?: unknown }).code === 'string';
  }
}

/** Whatever was thrown as a Fault, so that Catch always sees a code. Our own mistakes become `node.bug` with the stack. */
export function toFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const fault = new Fault('node.bug', message, {}, thrown);
  if (thrown instanceof Error && thrown.stack !== undefined) fault.stack = thrown.stack;
  return fault;
}
