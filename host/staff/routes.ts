// Every request that the staff's pages make, what each may carry, who may make it and how often. What is not in this table is not
// found; a body is parsed here, once, into what its schema says.
import { type Permission, ROLES } from '@tapcase/domain';
import * as v from 'valibot';

export interface StaffRoute {
  /** `nobody`: signed in or not. `anybody`: of the staff. */
  readonly needs: 'nobody' | 'anybody' | Permission;
  /** Signed in within the last minutes (`FRESH_MS_MAX`): what lets a person in is not changed in a browser that was left open. */
  readonly fresh?: true;
  /** Of a POST its body, of a GET its query. */
  readonly schema: v.GenericSchema;
  readonly rate: keyof typeof RATES;
}

const MINUTES = 60_000;

/** Counted in the ledger, by address where nobody is signed in and by person otherwise; reads alone in memory. */
export const RATES = {
  /** Name, password and code: what can be guessed. Each account has limits of its own (sign-in.ts). */
  guess: { windowMs: 10 * MINUTES, max: 30 },
  /** A passkey cannot be guessed: this only bounds work, and wrong passwords do not count here. */
  passkey: { windowMs: 10 * MINUTES, max: 300 },
  /** A link cannot be guessed either; a person with one asks about six times. */
  link: { windowMs: 10 * MINUTES, max: 100 },
  /** Somebody who is signed in. */
  change: { windowMs: 10 * MINUTES, max: 200 },
  read: { windowMs: MINUTES, max: 600 },
} as const;

/** The largest is a passkey's attestation: a few kB. */
export const STAFF_BODY_BYTES_MAX = 32 * 1024;

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const base64url = (max: number) => v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), v.maxLength(max));
const id = base64url(64);
const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const code = v.pipe(v.string(), v.regex(/^\d{6}$/));
/** As long as the domain lets it be; what is too long is somebody's mistake and is told as one. */
const password = text(1_000);
const name = text(200);
const email = v.optional(text(300), '');
const role = v.picklist(ROLES);
const nothing = v.strictObject({});

/** Nothing is taken from them: any depth of them goes no further. */
const extensions = v.pipe(
  v.optional(v.unknown()),
  v.transform(() => ({})),
);
/** Browsers add fields with each release: those that are not named here are left out. */
const credential = { id: base64url(1_400), rawId: base64url(1_400), type: v.literal('public-key' as const) };
const asserted = v.object({
  ...credential,
  response: v.object({
    clientDataJSON: base64url(4_000),
    authenticatorData: base64url(4_000),
    signature: base64url(4_000),
    userHandle: v.optional(base64url(100)),
  }),
  clientExtensionResults: extensions,
});
const registered = v.object({
  ...credential,
  response: v.object({
    clientDataJSON: base64url(4_000),
    attestationObject: base64url(20_000),
    transports: v.optional(v.pipe(v.array(text(20)), v.maxLength(10)), []),
  }),
  clientExtensionResults: extensions,
});

export const STAFF_ROUTES = {
  'GET /staff/api/me': { needs: 'nobody', schema: nothing, rate: 'read' },

  'POST /staff/api/sign-in/passkey/options': { needs: 'nobody', schema: nothing, rate: 'passkey' },
  'POST /staff/api/sign-in/passkey': {
    needs: 'nobody',
    schema: v.strictObject({ response: asserted }),
    rate: 'passkey',
  },
  'POST /staff/api/sign-in/password': {
    needs: 'nobody',
    schema: v.strictObject({ login: text(300), password, code }),
    rate: 'guess',
  },
  'POST /staff/api/sign-out': { needs: 'nobody', schema: nothing, rate: 'passkey' },

  'POST /staff/api/invitation': { needs: 'nobody', schema: v.strictObject({ token }), rate: 'link' },
  'POST /staff/api/invitation/passkey/options': {
    needs: 'nobody',
    schema: v.strictObject({ token, name, email }),
    rate: 'link',
  },
  'POST /staff/api/invitation/passkey': {
    needs: 'nobody',
    schema: v.strictObject({ token, name, email, response: registered }),
    rate: 'link',
  },
  'POST /staff/api/invitation/totp': { needs: 'nobody', schema: v.strictObject({ token, name, email }), rate: 'link' },
  'POST /staff/api/invitation/password': {
    needs: 'nobody',
    schema: v.strictObject({ token, name, email, password, code }),
    rate: 'link',
  },

  'GET /staff/api/account': { needs: 'anybody', schema: nothing, rate: 'read' },
  'POST /staff/api/account/session/end': { needs: 'anybody', schema: v.strictObject({ id }), rate: 'change' },
  'POST /staff/api/account/sessions/end': { needs: 'anybody', schema: nothing, rate: 'change' },
  'POST /staff/api/account/passkey/options': { needs: 'anybody', fresh: true, schema: nothing, rate: 'change' },
  'POST /staff/api/account/passkey': {
    needs: 'anybody',
    fresh: true,
    schema: v.strictObject({ name: text(60), response: registered }),
    rate: 'change',
  },
  'POST /staff/api/account/passkey/remove': {
    needs: 'anybody',
    fresh: true,
    schema: v.strictObject({ id: base64url(1_400) }),
    rate: 'change',
  },
  'POST /staff/api/account/totp': { needs: 'anybody', fresh: true, schema: nothing, rate: 'change' },
  'POST /staff/api/account/password': {
    needs: 'anybody',
    fresh: true,
    schema: v.strictObject({ password, code }),
    rate: 'change',
  },

  'GET /staff/api/team': { needs: 'staff.manage', schema: nothing, rate: 'read' },
  'POST /staff/api/team/invite': {
    needs: 'staff.manage',
    fresh: true,
    schema: v.strictObject({ name, email, role }),
    rate: 'change',
  },
  'POST /staff/api/team/revoke': { needs: 'staff.manage', schema: v.strictObject({ id }), rate: 'change' },
  'POST /staff/api/team/link': { needs: 'staff.manage', fresh: true, schema: v.strictObject({ id }), rate: 'change' },
  'POST /staff/api/team/role': {
    needs: 'staff.manage',
    fresh: true,
    schema: v.strictObject({ id, role }),
    rate: 'change',
  },
  'POST /staff/api/team/disabled': {
    needs: 'staff.manage',
    schema: v.strictObject({ id, disabled: v.boolean() }),
    rate: 'change',
  },
  'POST /staff/api/team/session/end': {
    needs: 'staff.manage',
    schema: v.strictObject({ id, sessionId: id }),
    rate: 'change',
  },
  'POST /staff/api/team/sessions/end': { needs: 'staff.manage', schema: v.strictObject({ id }), rate: 'change' },

  'GET /staff/api/audit': {
    needs: 'audit.see',
    schema: v.strictObject({
      person: v.optional(id),
      before: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number))),
    }),
    rate: 'read',
  },
  'GET /staff/api/restock': { needs: 'restock', schema: nothing, rate: 'read' },
} as const satisfies Readonly<Record<string, StaffRoute>>;

export type RouteName = keyof typeof STAFF_ROUTES;
export type Given<Name extends RouteName> = v.InferOutput<(typeof STAFF_ROUTES)[Name]['schema']>;

/** The pages, each the same file: the app finds its way from the path. */
export const STAFF_PAGES = ['/', '/sign-in', '/invite/:token', '/team', '/audit', '/account', '/restock'] as const;
