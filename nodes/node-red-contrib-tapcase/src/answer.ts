// How an answer to the phone lies on a message for the HTTP response node.

// A type, not an interface: it is merged into a message as a record.
export type Answer = {
  readonly statusCode: number;
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
};

/** Every answer is about one customer at one moment: nothing between here and the phone may keep it. */
export function answerWith(statusCode: number, payload: unknown, headers: Answer['headers'] = {}): Answer {
  return { statusCode, payload, headers: { 'cache-control': 'no-store', ...headers } };
}
