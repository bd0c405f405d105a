// The staff's server alone, over real HTTP with an empty ledger: what every test of it asks, and browsers that keep cookies.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { Secret, TOTP } from 'otpauth';
import { staffIdentity } from '../../host/staff/app.ts';
import { firstOwnerLink } from '../../host/staff/owner-link.ts';
import { createWhoIs, type WhoIs } from '../../host/staff/who-is.ts';
import type { Ledger } from '../../ledger/src/port.ts';
import { sharedLedger } from '../../ledger/src/shared.ts';
import { within } from '../patience.ts';
import { type Authenticator, authenticator, type Lies } from './authenticator.ts';

/** A made-up address: what a browser believes to be at is told with each request. */
export const ORIGIN = 'https://staff.example.com';
const PAGES = join(import.meta.dirname, '..', '..', 'pwa', 'staff', 'dist');

export interface StaffBench {
  readonly ledger: Ledger;
  readonly whoIs: WhoIs;
  readonly log: string[];
  readonly port: number;
  /** The server's clock. */
  pass(ms: number): void;
  now(): number;
  browser(options?: { readonly address?: string; readonly agent?: string }): TestBrowser;
  /** The token of a fresh link for the first owner. */
  ownerToken(): Promise<string>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test expects of it.
  readonly body: any;
  readonly headers: Headers;
}

export interface TestBrowser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Accepts a link with a new passkey. */
  join(token: string, name: string, lies?: Lies): Promise<{ readonly answer: Answer; readonly key: Authenticator }>;
  /** Accepts a link with a password; gives the app's secret. */
  joinByPassword(
    token: string,
    name: string,
    password: string,
  ): Promise<{ readonly answer: Answer; readonly secret: string }>;
  signIn(key: Authenticator, lies?: Lies): Promise<Answer>;
}

export async function startStaff(): Promise<StaffBench> {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-staff-'));
  const ledger = sharedLedger({ file: join(folder, 'ledger.db') });
  let clockMs = 1_763_678_400_000;
  const now = () => clockMs;
  const log: string[] = [];
  const whoIs = createWhoIs(ledger, now);
  const app = express();
  app.set('trust proxy', 'loopback');
  app.use(staffIdentity({ ledger, origin: ORIGIN, pagesFolder: PAGES, now, whoIs, log: (line) => log.push(line) }));
  app.use((_request, response) => response.status(418).send('somebody else'));
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ ledger, whoIs, log, port, now },
    pass: (ms) => {
      clockMs += ms;
    },
    browser: (options = {}) => browserAt(port, now, options),
    ownerToken: async () => tokenOf((await firstOwnerLink({ ledger, origin: ORIGIN, nowMs: now() }))!),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function tokenOf(url: string): string {
  return url.slice(`${ORIGIN}/invite/`.length);
}

export function codeAt(secret: string, atMs: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: atMs });
}

function browserAt(
  port: number,
  now: () => number,
  { address = '192.0.2.1', agent = 'Mozilla/5.0 (X11; Linux) Firefox/140.0' }: { address?: string; agent?: string },
): TestBrowser {
  const cookies = new Map<string, string>();
  const call = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const own = { cookie, 'user-agent': agent, 'x-forwarded-for': address };
    const sent =
      method === 'GET' ? {} : { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers: { ...own, ...sent, ...headers }, redirect: 'manual' as const };
    const url = `http://127.0.0.1:${port}${path}`;
    const response = await within('an answer', fetch(url, method === 'GET' ? init : { ...init, body: text }));
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson ? JSON.parse(answer) : answer, headers: response.headers };
  };
  const get: TestBrowser['get'] = (path, headers = {}) => call('GET', path, undefined, headers);
  const post: TestBrowser['post'] = (path, body = {}, headers = {}) => call('POST', path, body, headers);
  return {
    ...{ cookies, get, post },
    join: async (token, name, lies) => {
      const key = authenticator(ORIGIN);
      const asked = await post('/staff/api/invitation/passkey/options', { token, name, email: '' });
      if (asked.status !== 200) return { answer: asked, key };
      const response = key.create(asked.body, lies);
      return { answer: await post('/staff/api/invitation/passkey', { token, name, email: '', response }), key };
    },
    joinByPassword: async (token, name, password) => {
      const setup = await post('/staff/api/invitation/totp', { token, name, email: '' });
      const { secret = '' } = setup.body as { secret?: string };
      if (secret === '') return { answer: setup, secret };
      const code = codeAt(secret, now());
      const answer = await post('/staff/api/invitation/password', { token, name, email: '', password, code });
      return { answer, secret };
    },
    signIn: async (key, lies) => {
      const { body } = await post('/staff/api/sign-in/passkey/options');
      return post('/staff/api/sign-in/passkey', { response: key.get(body, lies) });
    },
  };
}
