// Reads the parameters of one request. What nobody asked for is refused, as the API does: a typing error must not pass.
import type Stripe from 'stripe';
import type { FormObject } from './form.ts';
import { badRequest } from './refusal.ts';

/** Stripe's own limits (docs.stripe.com/api/metadata; strings: 5,000 characters). */
const TEXT_LENGTH_MAX = 5_000;
const METADATA_PAIRS_MAX = 50;
const METADATA_NAME_LENGTH_MAX = 40;
const METADATA_VALUE_LENGTH_MAX = 500;

export class Params {
  readonly #form: FormObject;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #nested: Params[] = [];
  #ended = false;

  constructor(form: FormObject, path = '') {
    this.#form = form;
    this.#path = path;
  }

  /** True once everything was read and found good: from here on the request is being executed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Refuses what was not read. Every endpoint calls it before it changes anything. */
  end(): void {
    const unknown = this.#unread();
    if (unknown !== undefined) {
      throw badRequest(`Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown });
    }
    this.#ended = true;
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw badRequest(`Invalid string: ${this.#full(name)}`, { param: this.#full(name) });
    if (value.length > TEXT_LENGTH_MAX) {
      throw badRequest(`${this.#full(name)} is longer than ${TEXT_LENGTH_MAX} characters.`, {
        param: this.#full(name),
      });
    }
    return value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#missing(name);
    if (value === '') {
      const param = this.#full(name);
      throw badRequest(`You passed an empty string for '${param}'.`, { code: 'parameter_invalid_empty', param });
    }
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,15}$/.test(value)) {
      throw badRequest(`Invalid integer: ${value.slice(0, 32)}`, {
        code: 'parameter_invalid_integer',
        param: this.#full(name),
      });
    }
    return Number(value);
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.oneOf(name, ['true', 'false']);
    return value === undefined ? undefined : value === 'true';
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!(allowed as readonly string[]).includes(value)) {
      const param = this.#full(name);
      throw badRequest(`Invalid ${param}: must be one of ${allowed.join(', ')}`, { param });
    }
    return value as T;
  }

  requiredOneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.oneOf(name, allowed);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  texts(name: string): readonly string[] | undefined {
    const list = this.nested(name);
    if (list === undefined) return undefined;
    return Object.keys(list.#form).map((index) => list.text(index) ?? '');
  }

  /** The objects of a list. */
  items(max: number): readonly Params[] {
    const indices = Object.keys(this.#form);
    if (indices.length > max) throw badRequest(`At most ${max} of ${this.#path}.`, { param: this.#path });
    return indices.flatMap((index) => this.nested(index) ?? []);
  }

  nested(name: string): Params | undefined {
    const value = this.#take(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') throw badRequest(`Invalid object: ${this.#full(name)}`, { param: this.#full(name) });
    const nested = new Params(value, this.#full(name));
    this.#nested.push(nested);
    return nested;
  }

  /** Pairs to merge into what there is; an empty value takes its pair away. */
  metadata(name = 'metadata'): Stripe.Metadata {
    const nested = this.nested(name);
    if (nested === undefined) return {};
    const pairs = Object.keys(nested.#form).map((key) => [key, nested.text(key) ?? ''] as const);
    const tooMuch =
      pairs.length > METADATA_PAIRS_MAX ||
      pairs.some(([key, value]) => key.length > METADATA_NAME_LENGTH_MAX || value.length > METADATA_VALUE_LENGTH_MAX);
    if (tooMuch) throw badRequest('Metadata has too many pairs, or too long ones.', { param: this.#full(name) });
    return Object.fromEntries(pairs);
  }

  requiredNested(name: string): Params {
    const value = this.nested(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** Given at all; that alone does not read it. */
  has(name: string): boolean {
    return this.#form[name] !== undefined;
  }

  /** Given as a value, not as an object. */
  isText(name: string, value?: string): boolean {
    return typeof this.#form[name] === 'string' && (value === undefined || this.#form[name] === value);
  }

  #take(name: string) {
    this.#read.add(name);
    return this.#form[name];
  }

  #unread(): string | undefined {
    const own = Object.keys(this.#form).find((name) => !this.#read.has(name));
    if (own !== undefined) return this.#full(own).slice(0, 64);
    return this.#nested.map((nested) => nested.#unread()).find((name) => name !== undefined);
  }

  #full(name: string): string {
    return this.#path === '' ? name : `${this.#path}[${name}]`;
  }

  #missing(name: string) {
    const param = this.#full(name);
    return badRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
}

/** What is there, with `changes` merged in as Stripe does. */
export function mergeMetadata(present: Stripe.Metadata, changes: Stripe.Metadata): Stripe.Metadata {
  return Object.fromEntries(Object.entries({ ...present, ...changes }).filter(([, value]) => value !== ''));
}
