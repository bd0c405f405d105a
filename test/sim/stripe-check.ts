// Holds every question to the stand-in and every answer of it against the SDK's own types. Give `check` to startStripe;
// what does not fit is answered with a 500 that says why, and `problems` has it.
import type { Exchange } from '@tapcase/sim/stripe/start-stripe';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Schema, type SdkSchema, sdkSchema } from './sdk-schema.ts';

/** Each endpoint of the stand-in, as the SDK calls it. */
const ENDPOINTS = {
  'POST /v1/customers': 'Customers.create',
  'GET /v1/customers/:id': 'Customers.retrieve',
  'POST /v1/customers/:id': 'Customers.update',
  'GET /v1/customers/:id/payment_methods': 'Customers.listPaymentMethods',
  'GET /v1/payment_methods': 'PaymentMethods.list',
  'GET /v1/payment_methods/:id': 'PaymentMethods.retrieve',
  'POST /v1/payment_methods/:id/attach': 'PaymentMethods.attach',
  'POST /v1/payment_methods/:id/detach': 'PaymentMethods.detach',
  'POST /v1/checkout/sessions': 'Checkout/Sessions.create',
  'GET /v1/checkout/sessions/:id': 'Checkout/Sessions.retrieve',
  'POST /v1/checkout/sessions/:id/expire': 'Checkout/Sessions.expire',
  'GET /v1/setup_intents/:id': 'SetupIntents.retrieve',
  'GET /v1/payment_intents': 'PaymentIntents.list',
  'POST /v1/payment_intents': 'PaymentIntents.create',
  'GET /v1/payment_intents/:id': 'PaymentIntents.retrieve',
  'POST /v1/payment_intents/:id': 'PaymentIntents.update',
  'POST /v1/payment_intents/:id/confirm': 'PaymentIntents.confirm',
  'POST /v1/payment_intents/:id/capture': 'PaymentIntents.capture',
  'POST /v1/payment_intents/:id/cancel': 'PaymentIntents.cancel',
  'POST /v1/payment_intents/:id/increment_authorization': 'PaymentIntents.incrementAuthorization',
  'GET /v1/charges/:id': 'Charges.retrieve',
  'GET /v1/refunds': 'Refunds.list',
  'POST /v1/refunds': 'Refunds.create',
  'GET /v1/refunds/:id': 'Refunds.retrieve',
  'GET /v1/disputes': 'Disputes.list',
  'GET /v1/disputes/:id': 'Disputes.retrieve',
  'GET /v1/events': 'Events.list',
  'GET /v1/events/:id': 'Events.retrieve',
} as const;

export interface StripeCheck {
  check(exchange: Exchange): void;
  /** An event as it came to a webhook. */
  checkEvent(event: unknown): void;
  readonly problems: readonly string[];
}

export function stripeCheck(): StripeCheck {
  const { answers, requests, schema } = validators();
  const problems: string[] = [];
  const complain = (problem: string): never => {
    problems.push(problem);
    throw new Error(problem);
  };
  return {
    problems,
    checkEvent: (event) => {
      const wrong = eventProblem(event);
      if (wrong !== undefined) complain(wrong);
    },
    check: (exchange) => {
      const wrong = problemOf(exchange);
      if (wrong !== undefined) complain(`${exchange.method} ${exchange.path} (${exchange.status}): ${wrong}`);
    },
  };

  function problemOf({ method, path, form, status, answer }: Exchange): string | undefined {
    const name = methodOf(method, path);
    if (name === undefined) return 'the check does not know this endpoint';
    const body: unknown = JSON.parse(answer);
    // What was refused may have been asked wrongly; that is what refusals are for. A declined card was asked for rightly.
    const wasRight = status < 400 || status === 402 || status >= 500;
    const asked = wasRight ? decode(form) : {};
    const wrong = wasRight ? invalid(requests(name), asked, []) : undefined;
    if (wrong !== undefined) return `question: ${wrong}`;
    if (status >= 400) return invalid(answers('error'), withoutMore(body), []);
    const expand = Object.values((asked.expand ?? {}) as Record<string, string>);
    if (name === 'Events.list') return (body as { data: unknown[] }).data.map(eventProblem).find((each) => each);
    if (name === 'Events.retrieve') return eventProblem(body);
    return invalid(answers(name), body, expand);
  }

  function eventProblem(event: unknown): string | undefined {
    const { type, data } = event as { type: string; data: { object: { object: string } } };
    const carried = schema.events[type];
    if (carried === undefined) return `no event is called ${type}`;
    if (data.object.object !== carried) return `${type} carries a ${carried}, not a ${data.object.object}`;
    const frame = { ...(event as object), data: { ...data, object: {} } };
    return invalid(answers('event'), frame, []) ?? invalid(answers(carried), data.object, []);
  }
}

interface Validators {
  readonly schema: SdkSchema;
  readonly requests: (name: string) => ValidateFunction;
  readonly answers: (name: string) => ValidateFunction;
}

let made: Validators | undefined;
/** The expansions that the answer in hand was asked for. */
let expected: readonly string[] = [];

function validators(): Validators {
  made ??= makeValidators();
  return made;
}

function makeValidators(): Validators {
  const schema = sdkSchema(
    Object.values(ENDPOINTS).map((name) => {
      const [file, method] = name.split('.') as [string, string];
      return { file, method };
    }),
  );
  // A form carries text only; an answer must have the types it says.
  const asking = ajv(schema, true);
  const answering = ajv(schema, false);
  const { methods, resources, error } = schema;
  const answers: Record<string, Schema> = { ...resources, error: refusal(error) };
  for (const [name, { answer }] of Object.entries(methods)) answers[name] = answer;
  const compile = (from: Ajv, schemas: (name: string) => Schema) => {
    const compiled = new Map<string, ValidateFunction>();
    return (name: string) => {
      const known = compiled.get(name) ?? from.compile(pointed(schemas(name)));
      compiled.set(name, known);
      return known;
    };
  };
  return {
    schema,
    requests: compile(asking, (name) => methods[name]!.request),
    answers: compile(answering, (name) => answers[name]!),
  };
}

const SCHEMA_ID = 'stripe-sdk';

function ajv({ $defs }: SdkSchema, coerceTypes: boolean): Ajv {
  const made = new Ajv({
    coerceTypes,
    strict: false,
    allErrors: false,
    // Each resource is one function, made once and as it comes: it is called a few times only.
    inlineRefs: false,
    code: { optimize: false },
  });
  // A reference is an object only where that was asked for, and an id everywhere else.
  made.addKeyword({
    keyword: 'expandable',
    errors: false,
    validate: (_is: unknown, value: unknown, _schema: unknown, where?: { instancePath: string }) => {
      const path = (where?.instancePath ?? '').split('/').filter((name) => name !== '' && !/^\d+$/.test(name));
      const isAsked = expected.some((asked) => asked === path.join('.') || asked.startsWith(`${path.join('.')}.`));
      return typeof value === 'object' && value !== null ? isAsked : value === null || !isAsked;
    },
  });
  return made.addSchema({ $id: SCHEMA_ID, $defs });
}

/** References inside the generated schema, seen from outside of it. */
function pointed(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${SCHEMA_ID}#/$defs/`)) as Schema;
}

/** Documented (docs.stripe.com/changelog/endive), and not in the SDK's list. */
const CODES_MORE: ReadonlySet<unknown> = new Set(['payment_method_types_no_longer_supported']);

function refusal(error: Schema): Schema {
  return { type: 'object', properties: { error }, required: ['error'], additionalProperties: false };
}

function withoutMore(body: unknown): unknown {
  const { code, ...rest } = (body as { error: { code?: unknown } }).error;
  return CODES_MORE.has(code) ? { error: rest } : body;
}

function invalid(validate: ValidateFunction, value: unknown, expand: readonly string[]): string | undefined {
  expected = expand;
  if (validate(value)) return undefined;
  const [first] = validate.errors ?? [];
  return `${first?.instancePath ?? ''} ${first?.message ?? ''} ${JSON.stringify(first?.params ?? {}).slice(0, 200)}`;
}

function methodOf(method: string, path: string): string | undefined {
  const found = Object.entries(ENDPOINTS).find(([endpoint]) => {
    const [verb, pattern] = endpoint.split(' ') as [string, string];
    return verb === method && new RegExp(`^${pattern.replace(/:id/, '[^/]+')}$`).test(path);
  });
  return found?.[1];
}

type Decoded = { [name: string]: Decoded | string | (Decoded | string)[] };

/** `a[b][0]=c` to objects and lists: written apart from the stand-in's own, so that one does not hide the other's mistake. */
export function decode(form: string): Decoded {
  const root = emptyDecoded();
  for (const [key, value] of new URLSearchParams(form)) {
    const names = key.replaceAll(']', '').split('[');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= emptyDecoded();
      at = at[name] as Decoded;
    }
    at[names.at(-1)!] = value;
  }
  return listed(root) as Decoded;
}

/** Without a prototype: `__proto__[x]` must not reach anybody else's. */
function emptyDecoded(): Decoded {
  return Object.create(null) as Decoded;
}

function listed(value: Decoded[string]): Decoded[string] {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) {
    return names.map((name) => listed(value[name]!) as Decoded | string);
  }
  return Object.fromEntries(names.map((name) => [name, listed(value[name]!)]));
}
