// Reads what earlier nodes and HTTP requests put on a message: the one place that knows where each thing lies.

import { asFields, type FieldReader, incomplete, readFields } from '@tapcase/define-node';
import { type Card, Fault, type Visit } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';

/**
 * The JSON body of a request. Throws `request.not-json`, so that a form on another site cannot post as a signed-in
 * customer (a browser asks this server before it sends JSON across sites), or `request.invalid` at the first bad field.
 */
export function readBody(raw: unknown): FieldReader {
  const { req, payload } = asFields(raw);
  const type = headerOf(raw, 'content-type') ?? '';
  if (req !== undefined && !/^application\/json\s*(;|$)/i.test(type)) {
    throw new Fault('request.not-json', 'the body must be application/json');
  }
  return readFields(payload, 'request.invalid');
}

export function headerOf(raw: unknown, name: string): string | undefined {
  const value = asFields(asFields(asFields(raw).req).headers)[name];
  return typeof value === 'string' ? value : undefined;
}

export function cookieOf(raw: unknown, name: string): string | undefined {
  const value = asFields(asFields(asFields(raw).req).cookies)[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * The network a request came from: an IPv4 address, or the 64 bits of an IPv6 address that one household has. '' where nobody
 * asked over HTTP.
 */
export function networkOf(raw: unknown): string {
  const { ip } = asFields(asFields(raw).req);
  if (typeof ip !== 'string') return '';
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 45);
  return address.includes(':') ? networkOfIpv6(address) : address;
}

/** The parameter `name` behind the path's question mark, once. */
export function queryOf(raw: unknown, name: string): string | undefined {
  const value = asFields(asFields(asFields(raw).req).query)[name];
  return typeof value === 'string' ? value.slice(0, 1_000) : undefined;
}

/** The part of the URL that the HTTP node's path calls `:name`; '' when there is none. */
export function paramOf(raw: unknown, name: string): string {
  const value = asFields(asFields(asFields(raw).req).params)[name];
  return typeof value === 'string' ? value.slice(0, 64) : '';
}

/** `msg.customer`, which only this palette writes; undefined for a visitor who is not signed in. */
export function customerOf(raw: unknown): Customer | undefined {
  const { customer } = asFields(raw);
  return typeof asFields(customer).id === 'string' ? (customer as Customer) : undefined;
}

/** The id of the session that a request has shown, which only this palette writes. */
export function sessionIdOf(raw: unknown): string | undefined {
  const { id } = asFields(asFields(raw).session);
  return typeof id === 'string' ? id : undefined;
}

/** `msg.visit`. Throws `message.incomplete`. */
export function requiredVisit(raw: unknown): Visit {
  const { visit } = asFields(raw);
  const { id, catalog } = asFields(visit);
  if (typeof id !== 'string' || catalog === undefined) throw incomplete('visit');
  return visit as Visit;
}

/** `msg.customer`. Throws `customer.unknown`: the flow let somebody through who is not signed in. */
export function requiredCustomer(raw: unknown): Customer {
  const customer = customerOf(raw);
  if (customer === undefined) throw new Fault('customer.unknown', 'sign in first');
  return customer;
}

/** `msg.card`, as stripe-page or a webhook gave it; undefined when there is none. Throws `card.invalid`. */
export function cardOf(raw: unknown): Card | undefined {
  const { card } = asFields(raw);
  if (card === undefined) return undefined;
  const read = readFields(card, 'card.invalid', 'card.');
  return {
    stripeCustomer: read.text('stripeCustomer', { max: 255 }),
    paymentMethod: read.text('paymentMethod', { max: 255 }),
    brand: read.text('brand', { max: 40 }),
    last4: read.text('last4', { max: 4, pattern: /^\d{4}$/ }),
    ...(asFields(card).fingerprint === undefined ? {} : { fingerprint: read.text('fingerprint', { max: 255 }) }),
  };
}

/** Four of its eight groups; `::` stands for as many empty ones as are missing (RFC 5952). */
function networkOfIpv6(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined) => (part ?? '').split(':').filter((group) => group !== '');
  const [before, after] = [groups(head), groups(tail)];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(missing).fill('0'), ...after].slice(0, 4).join(':');
}
