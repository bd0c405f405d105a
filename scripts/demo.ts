// npm run demo: one purchase through the running shop without a browser, and its timeline. Speaks the phone's HTTP and the
// simulated case's controls; reads the sign-in code from the log, as a person would. Starts a shop when none runs.
//   (what may be asked of it: USAGE below)
import { createECDH, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { moneyText } from '@tapcase/domain';
import type { RunningShop } from '../host/shop.ts';
import { coverCameras, takeCanInDoubt, type WhyPages, whyPages } from './demo-doubt.ts';
import { findOrStartShop } from './demo-shop.ts';
import { type AtTheCase, type Customer, caseOf, must, newCustomer, type PhaseAt, visit } from './demo-visit.ts';

const USAGE = `npm run demo -- [--take cola=2,chips=1] [--put-back cola=1] [--nothing] [--ambiguous] [--hold-door SECONDS]
                [--card visa] [--json] [--state FOLDER]`;
/** More than any case holds of one product. */
const TAKEN_MAX = 100;
/** A door that is open for longer than this is a visit that nobody waits for. */
const HOLD_DOOR_S_MAX = 600;

const values = options();
const holdDoorMs = 1_000 * boundedNumber('--hold-door', values['hold-door'], HOLD_DOOR_S_MAX);
const taken = counts('--take', values.take);
const putBack = counts('--put-back', values['put-back']);

/** The receipt is there already; a message that takes longer than this to a phone is told as missing. */
const PUSH_MS_MAX = 60_000;
const PUSH_LOOK_MS = 50;

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
const atCase = caseOf(shop);
try {
  const result = await buy(shop);
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
  process.exitCode = result.outcome === 'failed' ? 1 : 0;
} catch (thrown) {
  console.error(`demo: ${messageOf(thrown)}`);
  process.exitCode = 1;
} finally {
  if (values.ambiguous) await coverCameras(atCase, false).catch(() => {});
  await stop();
}
process.exit();

async function buy(running: RunningShop): Promise<Result> {
  const customer = await newCustomer(running, values.card);
  const pushToken = await subscribe(running, customer);
  if (values.ambiguous) await coverCameras(atCase, true);
  const visited = await visit(running, customer, shopping);
  const { phases } = visited;
  if (visited.kind === 'refused') return refused(visited.code, phases);
  const { id, outcome, lines, totalMinor, currency } = visited.visit;
  const charged = outcome === 'charged' || outcome === 'partly_paid';
  return {
    outcome: outcome ?? 'unknown',
    items: lines.map(({ sku, count }) => ({ sku, count })),
    total: totalMinor,
    currency,
    phases,
    stripe: await intentOf(running, id),
    pushDelivered: await delivered(running, pushToken, charged || outcome === 'released'),
    why: values.ambiguous ? whyPages(running, id, customer.email) : null,
  };
}

function refused(code: string, phases: readonly PhaseAt[]): Result {
  return {
    outcome: code,
    items: [],
    total: 0,
    currency: 'usd',
    phases,
    stripe: null,
    pushDelivered: false,
    why: null,
  };
}

/** What the command line asks for. */
async function shopping({ mayTake }: Parameters<AtTheCase>[0]): Promise<void> {
  await atCase('door', { open: true });
  try {
    await mayTake();
    if (values.ambiguous) await takeCanInDoubt(atCase);
    else if (!values.nothing) {
      for (const [sku, count] of taken) await move('take', sku, count);
      for (const [sku, count] of putBack) await move('put-back', sku, count);
    }
    // The one wait that is part of the story: a customer who stands at the open door.
    await pause(holdDoorMs);
  } finally {
    await atCase('door', { open: false });
  }
}

async function move(how: 'take' | 'put-back', sku: string, count: number): Promise<void> {
  try {
    await atCase(how, { sku, count });
  } catch (thrown) {
    throw new Error(`--${how} ${sku}=${count} cannot be done`, { cause: thrown });
  }
}

/** Ends the program where the words make no sense, before anything is started or tapped. */
function options() {
  try {
    const { values } = parseArgs({
      options: {
        take: { type: 'string', default: 'cola=1' },
        'put-back': { type: 'string', default: '' },
        nothing: { type: 'boolean', default: false },
        ambiguous: { type: 'boolean', default: false },
        'hold-door': { type: 'string', default: '0' },
        card: { type: 'string', default: 'visa' },
        json: { type: 'boolean', default: false },
        state: { type: 'string', default: process.env.STATE_DIR ?? '' },
        help: { type: 'boolean', default: false },
      },
    });
    if (!values.help) return values;
    console.log(USAGE);
    process.exit();
  } catch (thrown) {
    return misused((thrown as Error).message);
  }
}

/** "cola=2,chips" to pairs. */
function counts(option: string, text: string): [string, number][] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [sku = '', count = '1'] = part.split('=');
      return [sku.trim(), boundedNumber(option, count, TAKEN_MAX)];
    });
}

function boundedNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || value > max) misused(`${option}: wants whole numbers up to ${max}, not "${text}"`);
  return value;
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${messageOf(thrown.cause)}`;
}

function misused(why: string): never {
  console.error(`demo: ${why}\n${USAGE}`);
  process.exit(2);
}

/** A browser's subscription, without the browser: an address at the stand-in and a key pair. */
async function subscribe({ worldUrl }: RunningShop, customer: Customer): Promise<string> {
  const token = randomBytes(12).toString('base64url');
  const pair = createECDH('prime256v1');
  const keys = { p256dh: pair.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') };
  const subscription = { endpoint: `${worldUrl}/push/${token}`, keys };
  await must(customer.call('POST', '/api/push', { subscription, language: 'en' }), 'subscribing to receipts');
  return token;
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
  const untilMs = Date.now() + (expected ? PUSH_MS_MAX : 0);
  for (;;) {
    const response = await fetch(`${worldUrl}/sim/push/${token}`);
    if (((await response.json()) as unknown[]).length > 0) return true;
    if (Date.now() >= untilMs) return false;
    await pause(PUSH_LOOK_MS);
  }
}

function print({ outcome, items, total, currency, phases, stripe, pushDelivered, why }: Result): void {
  const money = (amountMinor: number) => moneyText(amountMinor, currency, 'en');
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
