// Any call to Stripe's API that no other method of the port makes: one object, or a list, whole or not at all.
import { phrase } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import { asFields, badMessage } from '../fields.ts';
import { isApiPath } from './api-path.ts';
import type { CallAnswer, CallOrder, CallParams, ListCall, StripeAccount } from './contract.ts';
import { asDefiniteNo, asFault, isStripeError } from './faults.ts';

/** Stripe's own limit of a page. */
const PAGE = 100;

export function calls(stripe: Stripe): Pick<StripeAccount, 'call' | 'callList'> {
  return {
    call: (order) => answeredOrNot(() => ask(stripe, order)),
    callList: (order) => answeredOrNot(() => all(stripe, order)),
  };
}

async function answeredOrNot<T>(call: () => Promise<T>): Promise<CallAnswer<T>> {
  try {
    return { kind: 'done', answer: await call() };
  } catch (thrown) {
    if (!isStripeError(thrown)) throw thrown;
    const refusal = asDefiniteNo(thrown);
    if (refusal === undefined) throw asFault(thrown);
    return { kind: 'refused', refusal, object: thrown.payment_intent ?? null };
  }
}

/** The SDK's own request: its key, host, API version, time limit and repeats. */
async function ask(stripe: Stripe, { method, path, params, idempotencyKey }: CallOrder) {
  if (!isApiPath(path)) throw badMessage('path', phrase('is no path of Stripe’s API'));
  if (method === 'POST') return request(stripe, method, path, params, idempotencyKey);
  return request(stripe, method, withQuery(path, params), null, idempotencyKey);
}

async function request(stripe: Stripe, method: string, path: string, body: CallParams | null, key?: string) {
  const options = key === undefined ? {} : { idempotencyKey: key };
  const answer: unknown = await stripe.rawRequest(method, path, body === null ? undefined : { ...body }, options);
  return asFields(answer);
}

/** Stripe lists the newest first. */
async function all(stripe: Stripe, { path, params, max }: ListCall): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let page = await ask(stripe, { method: 'GET', path, params: { limit: PAGE, ...params }, idempotencyKey: undefined });
  for (;;) {
    const { data } = page;
    if (!Array.isArray(data)) throw new Fault('stripe.no-list', 'what Stripe answered is no list', { path });
    found.push(...(data as unknown[]));
    const next = nextOf(page, path, { limit: PAGE, ...params });
    // What is known to be more is not fetched first.
    if (found.length > max || (found.length === max && next !== undefined))
      throw new Fault('stripe.too-many', `more than ${max} were found`, { max });
    if (next === undefined) return found.reverse();
    if (data.length === 0) throw endless(path);
    page = await request(stripe, 'GET', next, null);
  }
}

/** undefined: that was all. Version 1 goes on after the last object, or by a search's mark; version 2 gives an address. */
function nextOf(page: Readonly<Record<string, unknown>>, path: string, params: CallParams): string | undefined {
  const { data, has_more: hasMore, next_page: mark, next_page_url: address } = page;
  if (typeof address === 'string') {
    const [next, query] = address.split('?', 2);
    if (!isApiPath(next) || !/^[\x21-\x7e]*$/.test(query ?? '')) throw endless(path);
    return address;
  }
  if (hasMore !== true) return undefined;
  if (typeof mark === 'string') return withQuery(path, { ...params, page: mark });
  const { id } = asFields((data as readonly unknown[]).at(-1));
  if (typeof id !== 'string') throw endless(path);
  return withQuery(path, { ...params, starting_after: id });
}

function endless(path: string): Fault {
  return new Fault('stripe.no-list', 'Stripe has more, and does not say where', { path });
}

function withQuery(path: string, params: CallParams): string {
  const query = new URLSearchParams(pairs(params)).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** `created[gte]=5`, `types[0]=x`: as the SDK writes them. */
function pairs(value: unknown, name = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, value === null ? '' : String(value)]];
  return Object.entries(value).flatMap(([key, each]) => pairs(each, name === '' ? key : `${name}[${key}]`));
}
