// Puts whole objects where a request asked for them with `expand[]`; everywhere else references stay ids.
import type { Books } from './books.ts';
import { copyOf } from './copy.ts';
import { badRequest } from './refusal.ts';

type Node = Record<string, unknown>;

/** Stripe's own limit on the depth of an expansion. */
const DEPTH_MAX = 4;
const PATHS_MAX = 20;

/** References that can be filled in, by the name of the property; any other name is refused before anything is done. */
const SHELVES = {
  charge: 'charges',
  customer: 'customers',
  default_payment_method: 'paymentMethods',
  latest_charge: 'charges',
  payment_intent: 'paymentIntents',
  payment_method: 'paymentMethods',
  setup_intent: 'setupIntents',
} as const satisfies Record<string, keyof Books>;

/** Names that only lead further: lists, and what is an object already. */
const STEPS: ReadonlySet<string> = new Set(['data', 'invoice_settings']);

export function checkExpansions(paths: readonly string[]): void {
  if (paths.length > PATHS_MAX) throw badRequest(`At most ${PATHS_MAX} expansions.`, { param: 'expand' });
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > DEPTH_MAX) throw badRequest(`Expansions go ${DEPTH_MAX} levels deep.`, { param: 'expand' });
    if (!names.every((name) => isExpandable(name) || STEPS.has(name))) throw unexpandable();
  }
}

/** `record` with `paths` (`latest_charge`, `setup_intent.payment_method`, `data.customer`) filled in; a copy if any. */
export function expanded(books: Books, record: object, paths: readonly string[]): object {
  if (paths.length === 0) return record;
  const copy = copyOf(record) as Node;
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
  const whole = typeof value === 'string' ? recordOf(books, name, value) : value;
  if (whole === undefined || typeof whole !== 'object') throw unexpandable();
  node[name] = whole;
  expandAt(books, whole as Node, rest);
}

function recordOf(books: Books, name: string, id: string): object | undefined {
  const found = isExpandable(name) ? books[SHELVES[name]].get(id) : undefined;
  return found === undefined ? undefined : copyOf(found);
}

function isExpandable(name: string): name is keyof typeof SHELVES {
  return Object.hasOwn(SHELVES, name);
}

function unexpandable() {
  return badRequest('This property cannot be expanded, or is not in this object.', { param: 'expand' });
}
