// npm run demo: one purchase through the running shop without a browser, and its timeline. Speaks the phone's HTTP and the
// simulated case's controls; reads the sign-in code from the log, as a person would. Starts a shop when none runs.
//   --take cola=2,chips=1  --put-back cola=1  --nothing  --ambiguous  --hold-door 15  --card visa  --json
//   --state FOLDER (of a shop)
import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { VisitView } from '@tapcase/domain';
import type { RunningShop } from '../host/shop.ts';
import { type AskCase, coverCameras, takeCanInDoubt, type WhyPages, whyPages } from './demo-doubt.ts';
import { findOrStartShop } from './demo-shop.ts';

const { values } = parseArgs({
  options: {
    take: { type: 'string', default: 'cola=1' },
    'put-back': { type: 'string', default: '' },
    nothing: { type: 'boolean', default: false },
    ambiguous: { type: 'boolean', default: false },
    'hold-door': { type: 'string', default: '0' },
    card: { type: 'string', default: 'visa' },
    json: { type: 'boolean', default: false },
    state: { type: 'string', default: '' },
  },
});

/** From a close to a receipt takes seconds; a door that is held open adds its own time. */
const PATIENCE_MS = 60_000;

interface PhaseAt {
  readonly name: string;
  readonly atMs: number;
}
interface Result {
  readonly outcome: string;
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  readonly total: number;
  readonly currency: string;
  readonly phases: readonly PhaseAt[];
  readonly stripe: { readonly intent: string; readonly status: string; readonly amountReceived: number } | null;
  readonly pushDelivered: boolean;
  /** Where a visit that nobody can be sure of is explained; null for any other. */
  readonly why: WhyPages | null;
}

const { shop, isOwn, stop } = await findOrStartShop(values.state);
const atCase: AskCase = (action, body) => post(`${shop.worldUrl}/sim/cases/${shop.caseId}/${action}`, body);
try {
  if (values.ambiguous) await coverCameras(atCase, true);
  const result = await buy(shop);
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
  process.exitCode = result.outcome === 'failed' ? 1 : 0;
} catch (thrown) {
  console.error(`demo: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
} finally {
  if (values.ambiguous) await coverCameras(atCase, false).catch(() => {});
  await stop();
}
process.exit();

async function buy(running: RunningShop): Promise<Result> {
  const phone = await signIn(running);
  await addCard(running, phone);
  const pushToken = await subscribe(running, phone);
  const startMs = Date.now();
  const phases: PhaseAt[] = [];
  const mark = (name: string) => phases.push({ name, atMs: Date.now() - startMs });
  mark('tap');
  const requestId = randomUUID();
  const unlocked = await phone('POST', `/api/cases/${running.caseId}/unlock`, { requestId, language: 'en' });
  if (!unlocked.ok) return refused(unlocked.body, phases);
  const { id } = unlocked.body as VisitView;
  const follow = followVisit(running, phone.cookie(), id, mark);
  await follow.until((visit) => visit.phase === 'unlocked');
  await shopping(() => follow.until(({ phase }) => phase === 'open'));
  mark('door shut');
  const visit = await follow.until(({ phase }) => phase === 'done');
  mark('receipt');
  follow.close();
  const charged = visit.outcome === 'charged' || visit.outcome === 'partly_paid';
  return {
    outcome: visit.outcome ?? 'unknown',
    items: visit.lines.map(({ sku, count }) => ({ sku, count })),
    total: visit.totalMinor,
    currency: visit.currency,
    phases,
    stripe: await intentOf(running, id),
    pushDelivered: await delivered(running, pushToken, charged || visit.outcome === 'released'),
    why: values.ambiguous ? whyPages(running, id, phone.email) : null,
  };
}

function refused(body: unknown, phases: readonly PhaseAt[]): Result {
  const { error } = body as { error: { code: string } };
  return {
    outcome: error.code,
    items: [],
    total: 0,
    currency: 'usd',
    phases,
    stripe: null,
    pushDelivered: false,
    why: null,
  };
}

/** No hand is faster than the door contact: the shop has seen the door open before anything is taken. */
async function shopping(seenOpen: () => Promise<unknown>): Promise<void> {
  await atCase('door', { open: true });
  await seenOpen();
  if (values.ambiguous) await takeCanInDoubt(atCase);
  else if (!values.nothing) {
    for (const [sku, count] of counts(values.take)) await atCase('take', { sku, count });
    for (const [sku, count] of counts(values['put-back'])) await atCase('put-back', { sku, count });
  }
  // The one wait that is part of the story: a customer who stands at the open door.
  await new Promise((resolve) => setTimeout(resolve, Number(values['hold-door']) * 1000));
  await atCase('door', { open: false });
}

/** "cola=2,chips" to pairs. */
function counts(text: string): [string, number][] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [sku = '', count = '1'] = part.split('=');
      return [sku.trim(), Number(count)];
    });
}

interface Phone {
  (method: 'GET' | 'POST', path: string, body?: object): Promise<{ ok: boolean; status: number; body: unknown }>;
  cookie(): string;
  readonly email: string;
}

/** A customer nobody has seen before: the code is in the shop's log. */
async function signIn({ shopUrl, logFile }: RunningShop): Promise<Phone> {
  let cookie = '';
  const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const response = await fetch(`${shopUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    return { ok: response.ok, status: response.status, body: parse(text) };
  };
  const email = `demo-${randomBytes(4).toString('hex')}@tapcase.example`;
  const phone: Phone = Object.assign(call, { cookie: () => cookie, email });
  await must(phone('POST', '/api/sign-in/code', { email, language: 'en' }), 'asking for a code');
  const code = await waitFor(async () => {
    const log = await readFile(logFile, 'utf8');
    const line = log.split('\n').findLast((text) => text.includes(email));
    return line === undefined ? undefined : /\b(\d{6})\b/.exec(line.slice(line.indexOf(email) + email.length))?.[1];
  }, 'the sign-in code in the log');
  await must(phone('POST', '/api/sign-in', { email, code }), 'signing in');
  return phone;
}

async function addCard({ caseId, stripeUrl }: RunningShop, phone: Phone): Promise<void> {
  if (stripeUrl === null) throw new Error('a real Stripe account is used: add the card in a browser');
  const { body } = await must(phone('POST', '/api/cards', { caseId }), 'asking for the card page');
  const session = /(cs_[A-Za-z0-9_]+)/.exec((body as { url: string }).url)?.[1];
  const saved = await post(`${stripeUrl}/sim/checkout/${session}`, { card: values.card });
  const { redirect } = saved as { redirect: string };
  const back = new URL(redirect);
  await phone('GET', `${back.pathname}${back.search}`);
  const me = await phone('GET', '/api/me');
  if ((me.body as { customer: { card: object | null } }).customer.card === null)
    throw new Error('the card was not stored');
}

/** A browser's subscription, without the browser: an address at the stand-in and a key pair. */
async function subscribe({ worldUrl }: RunningShop, phone: Phone): Promise<string> {
  const token = randomBytes(12).toString('base64url');
  const pair = createECDH('prime256v1');
  const keys = { p256dh: pair.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
  const subscription = { endpoint: `${worldUrl}/push/${token}`, keys };
  await must(phone('POST', '/api/push', { subscription, language: 'en' }), 'subscribing to receipts');
  return token;
}

/** Reads the visit's event stream, and tells each new phase. */
function followVisit({ shopUrl }: RunningShop, cookie: string, id: string, mark: (name: string) => void) {
  const abort = new AbortController();
  const waiting = new Set<{ test(visit: VisitView): boolean; done(visit: VisitView): void }>();
  let last: VisitView | undefined;
  const tell = (visit: VisitView) => {
    if (visit.phase !== last?.phase) mark(visit.phase);
    last = visit;
    for (const entry of waiting) {
      if (!entry.test(visit)) continue;
      waiting.delete(entry);
      entry.done(visit);
    }
  };
  void readEvents(`${shopUrl}/api/visits/${id}/live`, cookie, abort.signal, tell).catch(() => {});
  return {
    close: () => abort.abort(),
    until: (test: (visit: VisitView) => boolean) =>
      new Promise<VisitView>((resolve, reject) => {
        if (last !== undefined && test(last)) return resolve(last);
        const patience = PATIENCE_MS + Number(values['hold-door']) * 1000;
        const timer = setTimeout(
          () => reject(new Error(`nothing happened for ${patience / 1000} s (${last?.phase})`)),
          patience,
        );
        waiting.add({
          test,
          done: (visit) => {
            clearTimeout(timer);
            resolve(visit);
          },
        });
      }),
  };
}

async function readEvents(url: string, cookie: string, signal: AbortSignal, tell: (visit: VisitView) => void) {
  const response = await fetch(url, { headers: { cookie }, signal });
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined && /^event: visit$/m.test(event)) tell(JSON.parse(data) as VisitView);
    }
  }
}

/** The audit at Stripe's side: what the stand-in holds for this visit. */
async function intentOf({ stripeUrl }: RunningShop, visitId: string): Promise<Result['stripe']> {
  const response = await fetch(`${stripeUrl}/sim/payment_intents?visit=${visitId}`);
  if (!response.ok) return null;
  const { data } = (await response.json()) as { data: { id: string; status: string; amount_received: number }[] };
  const [found] = data;
  return found === undefined ? null : { intent: found.id, status: found.status, amountReceived: found.amount_received };
}

async function delivered({ worldUrl }: RunningShop, token: string, expected: boolean): Promise<boolean> {
  const read = async () => {
    const response = await fetch(`${worldUrl}/sim/push/${token}`);
    return ((await response.json()) as unknown[]).length > 0 ? true : undefined;
  };
  if (!expected) return (await read()) ?? false;
  return waitFor(read, 'the push', 5_000).catch(() => false);
}

async function waitFor<T>(read: () => Promise<T | undefined>, what: string, withinMs = 10_000): Promise<T> {
  const untilMs = Date.now() + withinMs;
  while (Date.now() < untilMs) {
    const found = await read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

async function must<T extends { ok: boolean; status: number; body: unknown }>(
  call: Promise<T>,
  what: string,
): Promise<T> {
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

function print({ outcome, items, total, currency, phases, stripe, pushDelivered, why }: Result): void {
  const money = (minor: number) => new Intl.NumberFormat('en', { style: 'currency', currency }).format(minor / 100);
  for (const { name, atMs } of phases) console.log(`${(atMs / 1000).toFixed(2).padStart(7)} s  ${name}`);
  console.log('');
  console.log(`outcome   ${outcome}`);
  console.log(`items     ${items.map(({ sku, count }) => `${count} x ${sku}`).join(', ') || 'none'}`);
  console.log(`total     ${money(total)}`);
  if (stripe !== null)
    console.log(`Stripe    ${stripe.intent} ${stripe.status}, received ${money(stripe.amountReceived)}`);
  console.log(`push      ${pushDelivered ? 'delivered' : 'none'}`);
  if (why === null) return;
  console.log(`\nwhy, for the customer   ${why.customer} (${why.email})`);
  console.log(`why, for staff          ${why.staff} (the editor's owner)`);
  if (isOwn) console.log('This shop ends with its demo: to open them, run npm start first and this again.');
}
