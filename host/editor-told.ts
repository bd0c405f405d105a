// What the editor's socket tells whoever may not see money: that a node did something, not what, unless it is about devices; and no
// message that a debug node shows, which may be anything.

/**
 * Nodes whose status is about devices alone: connected, a frame's type or channel, what a door did, a release. Not those that say
 * what was taken (`weight-reconcile`: with the prices of the catalog that is the takings), what a bank answered
 * (`tapcase-visit-unlock`) or what became of an order. Every other one, an operator's own too, may say what it likes.
 */
const DEVICE_TYPES: ReadonlySet<string> = new Set([
  ...['mqtt in', 'mqtt out', 'hmac-verify', 'hmac-sign'],
  ...['tapcase-outbox', 'tapcase-record', 'tapcase-firmware'],
]);
const STATUS = 'status/';
const DEBUG = 'debug';

interface Told {
  readonly topic?: unknown;
  readonly data?: unknown;
}

/** `frame`: as Node-RED sends it, some topics at once; undefined: nothing of it is left. `typeOf`: of a node that runs. */
export function withoutMoney(frame: string, typeOf: (id: string) => string | undefined): string | undefined {
  const all: unknown = JSON.parse(frame);
  // Whether somebody is known, not what happens.
  if (!Array.isArray(all)) return frame;
  const left = all.map((one: Told) => shown(one, typeOf)).filter((one) => one !== undefined);
  return left.length === 0 ? undefined : JSON.stringify(left);
}

function shown(told: Told, typeOf: (id: string) => string | undefined): Told | undefined {
  const { topic, data } = told;
  if (typeof topic !== 'string' || topic === DEBUG || topic.startsWith(`${DEBUG}/`)) return undefined;
  if (!topic.startsWith(STATUS) || DEVICE_TYPES.has(typeOf(topic.slice(STATUS.length)) ?? '')) return told;
  const { fill, shape } = (data ?? {}) as { readonly fill?: unknown; readonly shape?: unknown };
  return { topic, data: { fill, shape, text: '' } };
}
