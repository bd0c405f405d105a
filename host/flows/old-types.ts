// Node types of earlier releases, read as what they are called now: an operator's own tab survives an upgrade.
import { Fault } from '@tapcase/domain';
import type { FlowNode } from './node.ts';

interface Renamed {
  readonly now: string;
  /** What the old name meant, as properties of the new one. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** For each output of the old one the output that it is now; without it they are the same. */
  readonly outputs?: readonly number[];
}

interface Gone {
  /** Ends the sentence "the type x": what to build instead. */
  readonly gone: string;
}

/** By the old name. A row stays for as long as somebody may come from a release that had it. */
export const OLD_TYPES: Readonly<Record<string, Renamed | Gone>> = {
  ledger: { now: 'tapcase-ledger' },
  shop: { now: 'tapcase-shop' },
  catalog: { now: 'tapcase-catalog' },
  'case-keys': { now: 'hmac-keys' },
  'customer-check': { now: 'tapcase-customer', set: { step: 'who' } },
  'customer-code': { now: 'tapcase-customer', set: { step: 'code' } },
  'customer-sign-in': { now: 'tapcase-customer', set: { step: 'sign-in' } },
  'customer-sign-out': { now: 'tapcase-customer', set: { step: 'sign-out' } },
  'me-view': { now: 'tapcase-view', set: { what: 'me' } },
  'case-view': { now: 'tapcase-view', set: { what: 'case' } },
  'visit-view': { now: 'tapcase-view', set: { what: 'visit' } },
  'visits-view': { now: 'tapcase-view', set: { what: 'visits' } },
  'visit-why': { now: 'tapcase-view', set: { what: 'why' } },
  'picture-view': { now: 'tapcase-view', set: { what: 'pictures' } },
  'visit-live': { now: 'tapcase-view', set: { what: 'live' } },
  'push-send': { now: 'web-push', set: { step: 'send' } },
  'push-subscribe': { now: 'web-push', set: { step: 'subscribe' } },
  'mail-send': { now: 'tapcase-mail' },
  'api-fault': { now: 'tapcase-reply' },
};

/** Throws `flows.old-type` with a sentence for a type that has no successor. */
export function asNow(node: FlowNode): FlowNode {
  const row = Object.hasOwn(OLD_TYPES, node.type) ? OLD_TYPES[node.type]! : undefined;
  if (row === undefined) return node;
  if ('gone' in row) throw new Fault('flows.old-type', `the type ${node.type} of the node ${node.id} ${row.gone}`);
  const { now, set = {}, outputs } = row;
  const { wires } = node;
  if (outputs === undefined || !Array.isArray(wires)) return { ...node, ...set, type: now };
  const moved: unknown[][] = Array.from({ length: Math.max(...outputs) + 1 }, () => []);
  for (const [at, targets] of wires.entries()) {
    // Two of the old outputs may have become one.
    if (Array.isArray(targets)) moved[outputs[at] ?? at]?.push(...(targets as unknown[]));
  }
  return { ...node, ...set, type: now, wires: moved };
}
