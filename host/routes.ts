// Every request that the shop takes, on which of its listeners, and what each may carry: what is not in this table is not found,
// and a body is parsed here, once, into what its schema says. Whatever walks over a message later, Node-RED's clone above all,
// meets nothing deeper or larger than that.
import {
  type CardSetupRequest,
  type CodeRequest,
  PICTURE_BYTES_MAX,
  type PushRequest,
  type SignInRequest,
  type UnlockRequest,
} from '@tapcase/domain';
import * as v from 'valibot';

/** Phones, devices and Stripe come to the one, the staff's browsers to the other. */
export type ListenerName = 'customer' | 'staff';

export type Body =
  /** JSON of just this shape; how deep it may be the shape says. */
  | { readonly kind: 'json'; readonly schema: v.GenericSchema; readonly types: readonly string[] }
  /** As they are, whatever they say of themselves: their signature is checked over them. */
  | { readonly kind: 'bytes'; readonly max: number; readonly types: readonly string[] }
  /** Left to a node that reads the bytes itself; no larger than any body. */
  | { readonly kind: 'unread'; readonly types: readonly string[] };

/**
 * Who must ask. `staff` is asked at the listener's door (staff-door.ts). `customer` is asked by the flow, whose answer
 * (`session.missing`) an operator can see: no cookie, an old one and an ended one are one outcome there. `signed`: a key signs
 * the bytes, and a node checks it; no cookie counts.
 */
export type SessionNeed = 'none' | 'customer' | 'staff' | 'signed';

/**
 * How often an address may ask (table.ts): people, devices, of which a shop has several behind one address, and `unlimited` for one
 * caller with much to say. Who signs in is counted in the ledger.
 */
export type RateClass = 'api' | 'device' | 'unlimited';

export interface Route {
  readonly listener: ListenerName;
  readonly method: 'get' | 'post' | 'put';
  /** As Express writes it. */
  readonly path: string;
  readonly session: SessionNeed;
  readonly rate: RateClass;
  /** None: a request that has one is refused. */
  readonly body?: Body;
}

/** No request of the phone comes near this; Stripe's largest webhook bodies are a few kB. */
export const BODY_BYTES_MAX = 64 * 1024;
/** An operator's own flows wait below this, on the customers' listener; on the Pi, on its only one. */
export const OWN_ROOT = '/own/';
/** Where the editor is: on the staff's listener in the cloud, beside the technician's page on the Pi. */
export const EDITOR_PATH = '/editor';
/** Where the staff's pages are: the `ui-base` node's path. */
export const DESK_PATH = '/dashboard';
/** Pages of the PWA, which finds its own way from the path. */
export const PAGES: Readonly<Record<ListenerName, readonly string[]>> = {
  customer: ['/', '/visits', '/devices', '/case/:id', '/visit/:id', '/visit/:id/why'],
  staff: ['/why/:id'],
};

/** Nodes say what is a good address, code or number; here is only how large. */
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const language = v.picklist(['en', 'es']);
const nothing = v.strictObject({});

const code: v.GenericSchema<CodeRequest> = v.strictObject({ email: text(254), language });
const signIn: v.GenericSchema<SignInRequest> = v.strictObject({ email: text(254), code: text(12) });
const card: v.GenericSchema<CardSetupRequest> = v.strictObject({ caseId: text(64) });
const unlock: v.GenericSchema<UnlockRequest> = v.strictObject({ requestId: text(64), language });
const push: v.GenericSchema<PushRequest> = v.strictObject({
  subscription: v.strictObject({
    endpoint: text(1_000),
    keys: v.strictObject({ p256dh: text(100), auth: text(50) }),
  }),
  language,
});

const JSON_TYPES = ['application/json'];

const get = (path: string, session: SessionNeed = 'customer'): Route => ({
  ...{ listener: 'customer', method: 'get', path, session, rate: 'api' },
});
const post = (path: string, schema: v.GenericSchema, session: SessionNeed = 'customer'): Route => ({
  ...{ listener: 'customer', method: 'post', path, session, rate: 'api' },
  body: { kind: 'json', schema, types: JSON_TYPES },
});
const forStaff = (path: string): Route => ({ ...get(path, 'staff'), listener: 'staff' });

/** What the shop's flows answer. */
export const ROUTES: readonly Route[] = [
  get('/api/me', 'none'),
  get('/api/me/sessions'),
  post('/api/me/sessions/:session/end', nothing),
  post('/api/sign-in/code', code, 'none'),
  post('/api/sign-in', signIn, 'none'),
  post('/api/sign-out', nothing, 'none'),
  post('/api/cards', card),
  get('/api/cards/return'),
  get('/api/cases/:case', 'none'),
  post('/api/cases/:case/unlock', unlock),
  get('/api/visits'),
  get('/api/visits/:visit'),
  get('/api/visits/:visit/live'),
  get('/api/visits/:visit/pictures'),
  get('/api/visits/:visit/pictures/:name'),
  post('/api/visits/:visit/pay', nothing),
  get('/api/visits/:visit/paid'),
  post('/api/push', push),
  {
    ...{
      listener: 'customer',
      method: 'put',
      path: '/api/evidence/:case/:visit/:name',
      session: 'signed',
      rate: 'device',
    },
    body: { kind: 'bytes', max: PICTURE_BYTES_MAX, types: ['image/jpeg', 'application/octet-stream'] },
  },
  {
    // A busy day's events come from a handful of addresses.
    ...{ listener: 'customer', method: 'post', path: '/api/stripe/webhook', session: 'signed', rate: 'unlimited' },
    body: { kind: 'unread', types: JSON_TYPES },
  },
  { ...get('/firmware/:case/:file', 'none'), rate: 'device' },
  { ...get('/firmware/:case/:number/:file', 'none'), rate: 'device' },
  forStaff('/api/staff/visits/:visit/why'),
  forStaff('/api/staff/visits/:visit/pictures'),
  forStaff('/api/staff/visits/:visit/pictures/:name'),
  forStaff('/api/staff/reviews.jsonl'),
];

export function routesOf(listener: ListenerName): readonly Route[] {
  return ROUTES.filter((route) => route.listener === listener);
}
