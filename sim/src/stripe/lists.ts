// Pages through records, newest first, the way every list of the API does; looks at no more of them than a page needs.
import type { Params } from './params.ts';
import { badRequest } from './refusal.ts';
import type { Chronicle, Listed } from './shelf.ts';

export interface ListPage {
  readonly object: 'list';
  readonly data: readonly object[];
  readonly has_more: boolean;
  readonly url: string;
}

export interface ListQuery {
  readonly limit: number;
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
  /** Unix seconds, both inclusive. */
  readonly fromS: number;
  readonly toS: number;
}

/** Which of a shelf's records a list is about. */
export interface Selection<T> {
  /** Only those filed under this name. */
  readonly name?: string | undefined;
  readonly matches?: (record: T) => boolean;
}

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;

export function readListQuery(params: Params, { byDate = true } = {}): ListQuery {
  const limit = params.integer('limit') ?? LIMIT_DEFAULT;
  if (limit < 1 || limit > LIMIT_MAX) throw badRequest(`limit must be from 1 to ${LIMIT_MAX}.`, { param: 'limit' });
  const page = { limit, startingAfter: params.text('starting_after'), endingBefore: params.text('ending_before') };
  if (page.startingAfter !== undefined && page.endingBefore !== undefined) {
    throw badRequest('Give starting_after or ending_before, not both.', { param: 'ending_before' });
  }
  return { ...page, ...(byDate ? readDates(params) : { fromS: -Infinity, toS: Infinity }) };
}

/** `created=5`, or any of `created[gt|gte|lt|lte]=5`. */
function readDates(params: Params): { fromS: number; toS: number } {
  if (params.isText('created')) {
    const atS = params.requiredInteger('created');
    return { fromS: atS, toS: atS };
  }
  const range = params.nested('created');
  const {
    gt = -Infinity,
    gte = -Infinity,
    lt = Infinity,
    lte = Infinity,
  } = {
    gt: range?.integer('gt'),
    gte: range?.integer('gte'),
    lt: range?.integer('lt'),
    lte: range?.integer('lte'),
  };
  return { fromS: Math.max(gt + 1, gte), toS: Math.min(lt - 1, lte) };
}

export function listPage<T extends Listed>(
  shelf: Chronicle<T>,
  { name, matches = () => true }: Selection<T>,
  query: ListQuery,
  url: string,
): ListPage {
  const ids = shelf.ids(name);
  const { fromS, toS, limit, startingAfter, endingBefore } = query;
  const low = firstAt(shelf, ids, fromS);
  const high = firstAt(shelf, ids, toS + 1) - 1;
  const taken =
    endingBefore === undefined
      ? walk(
          shelf,
          ids,
          startingAfter === undefined ? high : Math.min(high, at('starting_after', startingAfter) - 1),
          -1,
        )
      : walk(shelf, ids, Math.max(low, at('ending_before', endingBefore) + 1), +1).reverse();
  const isFull = taken.length > limit;
  const data = endingBefore === undefined ? taken.slice(0, limit) : taken.slice(-limit);
  return { object: 'list', data, has_more: isFull, url };

  function at(param: string, id: string): number {
    const record = shelf.get(id);
    const near = record === undefined ? -1 : ids.indexOf(id, firstAt(shelf, ids, record.created));
    // Filed later than it was made, as a card that was attached.
    const from = near < 0 ? ids.indexOf(id) : near;
    if (from < 0) throw badRequest(`${param} names no record of this list.`, { code: 'resource_missing', param });
    return from;
  }

  /** One more than a page, so that it is known whether there are more. */
  function walk(records: Chronicle<T>, order: readonly string[], from: number, step: 1 | -1): T[] {
    const found: T[] = [];
    for (let index = from; index >= low && index <= high && found.length <= limit; index += step) {
      const record = records.get(order[index]!);
      if (record !== undefined && matches(record)) found.push(record);
    }
    return found;
  }
}

/** The first place whose record was made at `atS` or later; records lie in the order of their making. */
function firstAt<T extends Listed>(shelf: Chronicle<T>, ids: readonly string[], atS: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shelf.get(ids[middle]!)!.created < atS) low = middle + 1;
    else high = middle;
  }
  return low;
}
