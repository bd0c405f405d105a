// Every request that the shop itself takes from strangers, and what each may carry: what is not in this table is not found, and
// a body is parsed here, once, into what its schema says. Whatever walks over a message later, Node-RED's clone above all, meets
// nothing deeper or larger than that.
import {
  type CardSetupRequest,
  type CodeRequest,
  PICTURE_BYTES_MAX,
  type PushRequest,
  type SignInRequest,
  type UnlockRequest,
} from '@tapcase/domain';
import * as v from 'valibot';

export type Body =
  /** JSON of just this shape. */
  | { readonly kind: 'json'; readonly schema: v.GenericSchema }
  /** As they are, whatever they say of themselves: their signature is checked over them. */
  | { readonly kind: 'bytes'; readonly max: number }
  /** Left to a node that reads the bytes itself; no larger than any body. */
  | { readonly kind: 'unread' };

export interface Route {
  readonly method: 'get' | 'post' | 'put';
  /** As Express writes it. */
  readonly path: string;
  /** Of a GET, none. */
  readonly body?: Body;
}

/** No request of the phone comes near this; Stripe's largest webhook bodies are a few kB. */
export const BODY_BYTES_MAX = 64 * 1024;
/** Stripe posts here with a signature of its own instead of a cookie. */
export const WEBHOOK_PATH = '/api/stripe/webhook';
/** Everything below these is the shop's own. */
export const SHOP_ROOTS = ['/api', '/firmware'] as const;

/** Nodes say what is a good address, code or number; here is only how large. */
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const language = v.picklist(['en', 'es']);
const nothing = v.strictObject({});

const code: v.GenericSchema<CodeRequest> = v.strictObject({ email: text(254), language });
const signIn: v.GenericSchema<SignInRequest> = v.strictObject({ email: text(254), code: text(6) });
const card: v.GenericSchema<CardSetupRequest> = v.strictObject({ caseId: text(64) });
const unlock: v.GenericSchema<UnlockRequest> = v.strictObject({ requestId: text(64), language });
const push: v.GenericSchema<PushRequest> = v.strictObject({
  subscription: v.strictObject({
    endpoint: text(1_000),
    keys: v.strictObject({ p256dh: text(100), auth: text(50) }),
  }),
  language,
});

const get = (path: string): Route => ({ method: 'get', path });
const post = (path: string, schema: v.GenericSchema): Route => ({
  method: 'post',
  path,
  body: { kind: 'json', schema },
});

export const ROUTES: readonly Route[] = [
  get('/api/me'),
  post('/api/sign-in/code', code),
  post('/api/sign-in', signIn),
  post('/api/sign-out', nothing),
  post('/api/cards', card),
  get('/api/cards/return'),
  get('/api/cases/:case'),
  post('/api/cases/:case/unlock', unlock),
  get('/api/visits'),
  get('/api/visits/:visit'),
  get('/api/visits/:visit/live'),
  get('/api/visits/:visit/pictures'),
  get('/api/visits/:visit/pictures/:name'),
  post('/api/visits/:visit/pay', nothing),
  get('/api/visits/:visit/paid'),
  post('/api/push', push),
  get('/api/staff/visits/:visit/why'),
  get('/api/staff/visits/:visit/pictures'),
  get('/api/staff/visits/:visit/pictures/:name'),
  get('/api/staff/reviews.jsonl'),
  { method: 'put', path: '/api/evidence/:case/:visit/:name', body: { kind: 'bytes', max: PICTURE_BYTES_MAX } },
  { method: 'post', path: WEBHOOK_PATH, body: { kind: 'unread' } },
  get('/firmware/:case/:file'),
  get('/firmware/:case/:number/:file'),
];
