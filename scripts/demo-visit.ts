// A customer without a browser, and a visit from tap to receipt: speaks the phone's HTTP, and reads the sign-in code from the
// shop's log, as a person would. Each hand moves once what it waits for has happened, however long that takes.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { VisitView } from '@tapcase/domain';
import type { RunningShop } from '../host/shop.ts';
import { camerasAtRest, camerasHaveLooked } from './demo-cameras.ts';
import type { AskCase } from './demo-doubt.ts';
import { patiently, seen } from './demo-patience.ts';

export interface PhaseAt {
  readonly name: string;
  readonly atMs: number;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

export interface Customer {
  readonly email: string;
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  /** The session. */
  cookie(): string;
}

/** What a person does at the case; resolves when the door is shut again. */
export type AtTheCase = (visit: OpenVisit) => Promise<void>;

export interface OpenVisit {
  readonly id: string;
  readonly atCase: AskCase;
  /** Resolves when the shop has seen the door open and both cameras have looked. */
  readonly mayTake: () => Promise<void>;
  /** Resolves with the first view of the visit that `test` likes. */
  readonly until: (what: string, test: (visit: VisitView) => boolean) => Promise<VisitView>;
}

export type Visited =
  | { readonly kind: 'refused'; readonly code: string; readonly phases: readonly PhaseAt[] }
  | { readonly kind: 'visited'; readonly visit: VisitView; readonly phases: readonly PhaseAt[] };

const BEFORE_UNLOCKED: readonly VisitView['phase'][] = ['requested', 'held', 'unlocking'];

/** The sign-in code that was sent to an address. */
export type CodeOf = (email: string) => Promise<string>;

/** A customer nobody has seen before, with a stored card. */
export async function newCustomer(shop: RunningShop, card = 'visa', codeOf?: CodeOf): Promise<Customer> {
  const customer = await signIn(shop, codeOf);
  await addCard(shop, customer, card);
  return customer;
}

/** One visit: taps, does what `acts` does, and waits for the receipt. */
export async function visit(shop: RunningShop, customer: Customer, acts: AtTheCase): Promise<Visited> {
  await camerasAtRest(shop);
  const startMs = Date.now();
  const phases: PhaseAt[] = [];
  const mark = (name: string) => phases.push({ name, atMs: Date.now() - startMs });
  mark('tap');
  const wanted = { requestId: randomUUID(), language: 'en' };
  const unlocked = await customer.call('POST', `/api/cases/${shop.caseId}/unlock`, wanted);
  if (!unlocked.ok) {
    const { error } = unlocked.body as { error: { code: string } };
    return { kind: 'refused', code: error.code, phases };
  }
  const begun = unlocked.body as VisitView;
  const { id } = begun;
  const follow = followVisit(shop, customer.cookie(), begun, mark);
  try {
    const began = await follow.until('the door to unlock', ({ phase }) => !BEFORE_UNLOCKED.includes(phase));
    if (began.phase === 'done') return { kind: 'visited', visit: began, phases };
    const mayTake = async () => {
      // No hand is faster than the door contact.
      await follow.until('the shop to see the open door', ({ phase }) => phase !== 'unlocked');
      await camerasHaveLooked(shop, id);
    };
    await acts({ id, atCase: caseOf(shop), mayTake, until: follow.until });
    mark('door shut');
    const ended = await follow.until('the receipt', ({ phase }) => phase === 'done');
    mark('receipt');
    return { kind: 'visited', visit: ended, phases };
  } finally {
    follow.close();
  }
}

/** Asks or tells the shop's simulated case. */
export function caseOf({ worldUrl, caseId }: RunningShop): AskCase {
  return (action, body) => post(`${worldUrl}/sim/cases/${caseId}/${action}`, body);
}

/** A customer without a card. */
export async function signIn(shop: RunningShop, codeOf: CodeOf = (email) => codeInLog(shop, email)): Promise<Customer> {
  const { shopUrl } = shop;
  let cookie = '';
  const email = `demo-${randomBytes(4).toString('hex')}@tapcase.example`;
  const call: Customer['call'] = async (method, path, body) => {
    const response = await fetch(`${shopUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0] ?? '';
    return { ok: response.ok, status: response.status, body: parse(await response.text()) };
  };
  await must(call('POST', '/api/sign-in/code', { email, language: 'en' }), 'asking for a code');
  const code = await codeOf(email);
  await must(call('POST', '/api/sign-in', { email, code }), 'signing in');
  return { email, call, cookie: () => cookie };
}

function codeInLog({ logFile, logFormat }: RunningShop, email: string): Promise<string> {
  if (logFormat === 'json')
    throw new Error('this shop writes no sign-in code into its log: start it without LOG_FORMAT=json');
  return seen('the sign-in code in the log', async () => codeIn((await readFile(logFile, 'utf8')).split('\n'), email));
}

/** Of the last mail that was written down instead of sent. */
export function codeIn(lines: readonly string[], email: string): string | undefined {
  const line = lines.findLast((text) => text.includes(email));
  return line === undefined ? undefined : /\b(\d{6})\b/.exec(line.slice(line.indexOf(email) + email.length))?.[1];
}

async function addCard({ caseId, stripeUrl }: RunningShop, customer: Customer, card: string): Promise<void> {
  if (stripeUrl === null) throw new Error('a real Stripe account is used: add the card in a browser');
  const { body } = await must(customer.call('POST', '/api/cards', { caseId }), 'asking for the card page');
  const session = /(cs_[A-Za-z0-9_]+)/.exec((body as { url: string }).url)?.[1];
  const { redirect } = (await post(`${stripeUrl}/sim/checkout/${session}`, {
    // Each has a card of their own, unless its number is told.
    card: card.includes('#') ? card : `${card}#${customer.email}`,
  })) as { redirect: string };
  const back = new URL(redirect);
  await customer.call('GET', `${back.pathname}${back.search}`);
  const me = await customer.call('GET', '/api/me');
  if ((me.body as { customer: { card: object | null } }).customer.card === null)
    throw new Error('the card was not stored');
}

interface Follow {
  readonly until: OpenVisit['until'];
  close(): void;
}

/** A shop that is started again comes back in seconds; one that is away for so long was stopped. */
const AWAY_MS_MAX = 120_000;
/** As a browser's EventSource does, only sooner. */
const AGAIN_MS = 200;

/** Reads the visit's event stream, again where it broke off as a browser does, and tells each new phase. */
function followVisit({ shopUrl }: RunningShop, cookie: string, begun: VisitView, mark: (name: string) => void): Follow {
  const abort = new AbortController();
  const waiting = new Set<{
    test(visit: VisitView): boolean;
    done(visit: VisitView): void;
    failed(why: Error): void;
  }>();
  let last = begun;
  let ended: Error | undefined;
  mark(begun.phase);
  const tell = (visit: VisitView) => {
    if (visit.phase !== last.phase) mark(visit.phase);
    last = visit;
    for (const entry of waiting) {
      if (!entry.test(visit)) continue;
      waiting.delete(entry);
      entry.done(visit);
    }
  };
  const url = `${shopUrl}/api/visits/${begun.id}/live`;
  void readOn((isHere) => readEvents(url, cookie, abort.signal, isHere, tell), abort.signal).then(() => {
    ended = new Error(`the shop tells no more of this visit (${last.phase})`);
    for (const { failed } of waiting) failed(ended);
  });
  return {
    close: () => abort.abort(),
    until: (what, test) =>
      patiently(
        what,
        new Promise((done, failed) => {
          if (test(last)) return done(last);
          if (ended !== undefined) return failed(ended);
          waiting.add({ test, done, failed });
        }),
      ),
  };
}

/** Until it is aborted, or the shop is gone. */
async function readOn(read: (isHere: () => void) => Promise<void>, signal: AbortSignal): Promise<void> {
  let hereMs = Date.now();
  const isHere = () => {
    hereMs = Date.now();
  };
  for (; !signal.aborted && Date.now() - hereMs < AWAY_MS_MAX; await pause(AGAIN_MS))
    await read(isHere).catch(() => {});
}

async function readEvents(
  url: string,
  cookie: string,
  signal: AbortSignal,
  isHere: () => void,
  tell: (visit: VisitView) => void,
): Promise<void> {
  const response = await fetch(url, { headers: { cookie }, signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  let rest = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined && /^event: visit$/m.test(event)) tell(JSON.parse(data) as VisitView);
      }
    }
  } finally {
    isHere();
  }
}

export async function must(call: Promise<Answer>, what: string): Promise<Answer> {
  const answer = await call;
  if (!answer.ok) throw new Error(`${what} failed: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = parse(await response.text());
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
