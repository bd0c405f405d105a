// Puts whole objects where a request asked for them with `expand[]`; everywhere else references stay ids.
import type { Books } from './books.ts';
import { badRequest } from './refusal.ts';

type Node = Record<string, unknown>;

/** Stripe's own limit on the depth of an expansion. */
const DEPTH_MAX = 4;
const PATHS_MAX = 20;

/** References that can be filled in; any other name is refused before the request does anything. */
const EXPANDABLE = new Set(
  'charge customer data default_payment_method invoice_settings latest_charge payment_intent payment_method setup_intent'.split(
    ' ',
  ),
);

export function checkExpansions(paths: readonly string[]): void {
  if (paths.length > PATHS_MAX) throw badRequest(`At most ${PATHS_MAX} expansions.`, { param: 'expand' });
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > DEPTH_MAX) throw badRequest(`Expansions go ${DEPTH_MAX} levels deep.`, { param: 'expand' });
    if (!names.every((name) => EXPANDABLE.has(name))) throw unexpandable();
  }
}

/** A copy of `record` with `paths` (`latest_charge`, `setup_intent.payment_method`, `data.customer`) filled in. */
export function expanded(books: Books, record: object, paths: readonly string[]): object {
  const copy = structuredClone(record) as Node;
  for (const path of paths) expandAt(books, copy, path.split('.'));
  return copy;
}

function expandAt(books: Books, node: Node, [name, ...rest]: readonly string[]): void {
  if (name === undefined) return;
  const value = Object.hasOwn(node, name) ? node[name] : undefined;
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) expandAt(books, item as Node, rest);
    return;
  }
  const whole = typeof value === 'string' ? recordOf(books, value) : value;
  if (whole === undefined || typeof whole !== 'object') {
    throw unexpandable();
  }
  node[name] = whole;
  expandAt(books, whole as Node, rest);
}

function recordOf(books: Books, id: string): object | undefined {
  const shelves = [
    books.customers,
    books.paymentMethods,
    books.setupIntents,
    books.sessions,
    books.paymentIntents,
    books.charges,
    books.refunds,
  ];
  const found = shelves.map((shelf) => shelf.get(id)).find((record) => record !== undefined);
  return found === undefined ? undefined : structuredClone(found);
}

function unexpandable() {
  return badRequest('This property cannot be expanded, or is not in this object.', { param: 'expand' });
}
