// What a good request to each route carries, and who sends it. The table of routes says what may be asked: a route that is not here is an
// error.
import type { Route } from '../../host/routes.ts';
import { type RouteName, STAFF_ROUTES } from '../../host/staff/routes.ts';

type Person = 'nobody' | 'guest' | 'buyer';
export interface Valid {
  readonly as: Person;
  readonly body?: object | Buffer;
  readonly headers?: readonly (readonly [string, string])[];
  readonly query?: string;
}

const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
/** The base point of P-256, uncompressed: a key as good as any. */
const POINT = Buffer.from(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
).toString('base64url');
const MAC = 'ab'.repeat(32);

/**
 * By method and path. A tap is the guest's, or doors would open; signing out is nobody's, or the others could ask nothing after it.
 * Addresses are of nobody, and differ by number: a second code for the same one is not sent.
 */
const VALID: Readonly<Record<string, Valid>> = {
  'get /api/me': { as: 'buyer' },
  'get /api/me/sessions': { as: 'buyer' },
  'post /api/me/sessions/:session/end': { as: 'guest', body: {} },
  'post /api/sign-in/code': { as: 'nobody', body: { email: 'nobody-0@tapcase.example', language: 'en' } },
  'post /api/sign-in': { as: 'nobody', body: { email: 'nobody-0@tapcase.example', code: '000000' } },
  'post /api/sign-out': { as: 'nobody', body: {} },
  'post /api/cards': { as: 'guest', body: { caseId: '123' } },
  'get /api/cards/return': { as: 'guest', query: 'back=http%3A%2F%2Fshop.test%2Fcase%2F123&session=cs_test_a1b2c3' },
  'get /api/cases/:case': { as: 'nobody' },
  'post /api/cases/:case/unlock': { as: 'guest', body: { requestId: 'aaaaaaaa-0001', language: 'en' } },
  'get /api/visits': { as: 'buyer' },
  'get /api/visits/:visit': { as: 'buyer' },
  'get /api/visits/:visit/live': { as: 'buyer' },
  'get /api/visits/:visit/pictures': { as: 'buyer' },
  'get /api/visits/:visit/pictures/:name': { as: 'buyer' },
  'post /api/visits/:visit/pay': { as: 'buyer', body: {} },
  'get /api/visits/:visit/paid': { as: 'buyer' },
  'post /api/push': {
    as: 'guest',
    body: {
      subscription: {
        endpoint: 'https://fcm.googleapis.com/fcm/send/abc',
        keys: { p256dh: POINT, auth: 'A'.repeat(22) },
      },
      language: 'es',
    },
  },
  'put /api/evidence/:case/:visit/:name': {
    as: 'nobody',
    body: JPEG,
    headers: [
      ['x-tapcase-at', '1'],
      ['x-tapcase-mac', MAC],
    ],
  },
  'post /api/stripe/webhook': {
    as: 'nobody',
    body: { id: 'evt_1', object: 'event', type: 'checkout.session.completed', data: { object: { id: 'cs_1' } } },
    headers: [['stripe-signature', `t=1,v1=${MAC}`]],
  },
  'get /firmware/:case/:file': { as: 'nobody' },
  'get /firmware/:case/:number/:file': { as: 'nobody' },
  'get /api/staff/visits/:visit/why': { as: 'nobody' },
  'get /api/staff/visits/:visit/pictures': { as: 'nobody' },
  'get /api/staff/visits/:visit/pictures/:name': { as: 'nobody' },
  'get /api/staff/reviews.jsonl': { as: 'nobody' },
};

export function routeName({ method, path }: Route): string {
  return `${method} ${path}`;
}

/** The valid body of a route that takes one; throws where the route has no example. */
export function validOf(route: Route): Valid {
  const name = routeName(route);
  const valid = Object.hasOwn(VALID, name) ? VALID[name] : undefined;
  if (valid === undefined) throw new Error(`test/fuzz/valid.ts has no good request for ${name}`);
  return valid;
}

const LETTERS = 'A'.repeat(43);
const CREDENTIAL = { id: LETTERS, rawId: LETTERS, type: 'public-key', clientExtensionResults: {} };
const CLIENT_DATA = Buffer.from('{"type":"webauthn.get","challenge":"x","origin":"http://shop.test"}').toString(
  'base64url',
);
const ASSERTED = {
  ...CREDENTIAL,
  response: { clientDataJSON: CLIENT_DATA, authenticatorData: LETTERS, signature: LETTERS, userHandle: LETTERS },
};
const REGISTERED = {
  ...CREDENTIAL,
  response: { clientDataJSON: CLIENT_DATA, attestationObject: 'oA', transports: ['internal'] },
};
const INVITED = { token: LETTERS, name: 'Nobody', email: 'nobody@tapcase.example' };

/** Of those requests of the staff's pages that need nobody: whoever has no session gets furthest in by them. */
const STAFF_VALID: Readonly<Record<string, object>> = {
  'GET /staff/api/me': {},
  'POST /staff/api/sign-in/passkey/options': {},
  'POST /staff/api/sign-in/passkey': { response: ASSERTED },
  'POST /staff/api/sign-in/password': { login: 'nobody', password: 'guess guess guess', code: '000000' },
  'POST /staff/api/sign-out': {},
  'POST /staff/api/invitation': { token: LETTERS },
  'POST /staff/api/invitation/passkey/options': INVITED,
  'POST /staff/api/invitation/passkey': { ...INVITED, response: REGISTERED },
  'POST /staff/api/invitation/totp': INVITED,
  'POST /staff/api/invitation/password': { ...INVITED, password: 'guess guess guess', code: '000000' },
};

/** Throws where a request that needs nobody has no example; whoever else asks is refused for whatever they carry. */
export function staffValidOf(name: RouteName): object {
  if (Object.hasOwn(STAFF_VALID, name)) return STAFF_VALID[name]!;
  if (STAFF_ROUTES[name].needs !== 'nobody') return {};
  throw new Error(`test/fuzz/valid.ts has no good request for ${name}`);
}
