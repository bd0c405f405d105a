// Pages through records, newest first, the way every list of the API does.
import type { Params } from './params.ts';
import { badRequest } from './refusal.ts';

export interface ListPage {
  readonly object: 'list';
  readonly data: readonly object[];
  readonly has_more: boolean;
  readonly url: string;
}

interface Listed {
  readonly id: string;
  readonly created: number;
}

export interface ListQuery {
  readonly limit: number;
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
  readonly created: { gt?: number; gte?: number; lt?: number; lte?: number };
}

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;

export function readListQuery(params: Params, { byDate = true } = {}): ListQuery {
  const limit = params.integer('limit') ?? LIMIT_DEFAULT;
  if (limit < 1 || limit > LIMIT_MAX) throw badRequest(`limit must be from 1 to ${LIMIT_MAX}.`, { param: 'limit' });
  const range = byDate ? params.nested('created') : undefined;
  const created = Object.fromEntries(
    (['gt', 'gte', 'lt', 'lte'] as const).flatMap((bound) => {
      const value = range?.integer(bound);
      return value === undefined ? [] : [[bound, value]];
    }),
  );
  return { limit, startingAfter: params.text('starting_after'), endingBefore: params.text('ending_before'), created };
}

/** `records` in order of creation. */
export function listPage(records: Iterable<Listed>, query: ListQuery, url: string): ListPage {
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = query.created;
  const newestFirst = [...records].reverse();
  const matching = newestFirst.filter(({ created: at }) => at > gt && at >= gte && at < lt && at <= lte);
  const { data, more } = cut(matching, query);
  return { object: 'list', data, has_more: more, url };
}

function cut(records: readonly Listed[], { limit, startingAfter, endingBefore }: ListQuery) {
  if (endingBefore !== undefined) {
    const end = positionOf(records, endingBefore, 'ending_before');
    const start = Math.max(0, end - limit);
    return { data: records.slice(start, end), more: start > 0 };
  }
  const start = startingAfter === undefined ? 0 : positionOf(records, startingAfter, 'starting_after') + 1;
  return { data: records.slice(start, start + limit), more: records.length > start + limit };
}

function positionOf(records: readonly Listed[], id: string, param: string): number {
  const at = records.findIndex((record) => record.id === id);
  if (at < 0) throw badRequest(`${param} names no record of this list.`, { code: 'resource_missing', param });
  return at;
}
