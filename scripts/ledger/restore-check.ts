// Compares the ledger with what Stripe has, after a backup was put back: says what differs, and repairs the ledger from Stripe.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  Fault,
  type IntentFacts,
  type MarkedPayment,
  restoredReport,
  type StrangePayment,
  stepMarks,
} from '@tapcase/domain';
import { type Ledger, openLedger, type StripeHint, type StripeRefund } from '@tapcase/ledger';
import { ledgerPlace } from '../../host/staff/open.ts';
import { LEDGER, STANDIN_KEY_FILE } from '../../host/state-folder.ts';
import { type Adapter, createAdapter } from '../../nodes/node-red-contrib-stripe/src/stripe-account/adapter.ts';
import { checkKey, type Intent, parseConfig } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import { unheard } from '../../nodes/node-red-contrib-tapcase/src/desk/job/day-moves.ts';
import { movedIn } from '../../nodes/node-red-contrib-tapcase/src/desk/job/payments.ts';

export interface RestoreCheckOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a shop of `npm start` runs, unless STATE_DIR says otherwise. */
  readonly stateFolder?: string;
  readonly now: () => number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE = `npm run ledger:restore-check -- [--days 31] [--repair] [--accept]

Says which payments Stripe has that the ledger of LEDGER_FILE or DATABASE_URL never asked for, because it was put back from a
backup. STRIPE_SECRET_KEY says whose payments; STRIPE_LIVE=true that a live key is meant. Stop the cloud first. Without all of them
it speaks to the shop of npm start and to the stand-in that plays Stripe there; that shop may run.

  --days N    how far back Stripe is asked, 1 to 400 (31)
  --repair    writes the payments, refunds and disputes of visits that the ledger has into it, as Stripe has them
  --accept    goes on with what is left: payments of visits that are not in the ledger. Give them back or keep them at Stripe's
              dashboard; the ledger will never know of them

Exit code 0: nothing differs (any more), and charging goes on; 1: something does.
`;

const DAY_MS = 86_400_000;
const DAYS_MAX = 400;
/** Of a month of the largest fleet. */
const PAYMENTS_MAX = 500_000;

/** The exit code. */
export async function restoreCheck(args: readonly string[], options: RestoreCheckOptions): Promise<number> {
  const asked = readArguments(args);
  if (asked === undefined) {
    options.err(USAGE);
    return 1;
  }
  try {
    return await check(asked, { ...options, environment: whole(options) });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    options.err(`tapcase: ${thrown.message}\n`);
    return 1;
  }
}

/** What was given; where nothing was, that of the shop of `npm start` that runs here. */
function whole({ environment, stateFolder }: RestoreCheckOptions): RestoreCheckOptions['environment'] {
  const isGiven = ['LEDGER_FILE', 'DATABASE_URL', 'STRIPE_SECRET_KEY'].some((name) => (environment[name] ?? '') !== '');
  if (isGiven || stateFolder === undefined) return environment;
  const folder = environment.STATE_DIR ? environment.STATE_DIR : stateFolder;
  const [running, key] = [join(folder, 'running.json'), join(folder, STANDIN_KEY_FILE)];
  if (!existsSync(running) || !existsSync(key)) return environment;
  const { stripeUrl } = JSON.parse(readFileSync(running, 'utf8')) as { stripeUrl: string | null };
  if (stripeUrl === null) return environment;
  const { hostname, port } = new URL(stripeUrl);
  const standIn = { STRIPE_HOST: hostname, STRIPE_PORT: port, STRIPE_PROTOCOL: 'http' };
  return {
    ...environment,
    ...standIn,
    LEDGER_FILE: join(folder, LEDGER),
    STRIPE_SECRET_KEY: readFileSync(key, 'utf8'),
  };
}

interface Asked {
  readonly days: number;
  readonly repair: boolean;
  readonly accept: boolean;
}

function readArguments(args: readonly string[]): Asked | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { days: { type: 'string' }, repair: { type: 'boolean' }, accept: { type: 'boolean' } },
    });
    const days = Number(values.days ?? 31);
    const isGood = Number.isInteger(days) && days >= 1 && days <= DAYS_MAX;
    return isGood ? { days, repair: values.repair === true, accept: values.accept === true } : undefined;
  } catch {
    return undefined;
  }
}

async function check({ days, repair, accept }: Asked, { environment, now, out }: RestoreCheckOptions): Promise<number> {
  const { LEDGER_FILE = '', DATABASE_URL = '' } = environment;
  if (DATABASE_URL === '' && !existsSync(LEDGER_FILE))
    throw new Fault('restore.no-ledger', 'neither DATABASE_URL nor LEDGER_FILE leads to a ledger');
  const account = accountOf(environment);
  const ledger = await openLedger(ledgerPlace(environment));
  try {
    const intents = await account.intents({ createdAfterMs: now() - days * DAY_MS, max: PAYMENTS_MAX });
    const marked = intents.flatMap(markedOf);
    let strange = await ledger.strangePayments(marked);
    if (strange.length > 0) out(`${restoredReport(strange)}\n`);
    if (repair) {
      for (const each of strange.filter(({ knowsVisit }) => knowsVisit))
        await repairOne(ledger, account, each, now(), out);
      for (const each of marked.filter(isKnownTo(strange))) await ledger.doubtMoney(each.visitId, each, now());
      await repairDisputes(ledger, account, { fromMs: now() - days * DAY_MS, untilMs: now() }, out);
      strange = await ledger.strangePayments(marked);
      out(`${strange.length} payments are left that the ledger does not know.\n`);
    }
    if (strange.length > 0 && !accept) return 1;
    await ledger.goOnWithMoney(Math.max(0, ...strange.map(({ createdAtMs }) => createdAtMs)));
    out(
      `${marked.length} payments at Stripe: ${strange.length === 0 ? 'the ledger knows them all' : 'accepted'}. Charging goes on.\n`,
    );
    return 0;
  } finally {
    await ledger.close();
    account.close();
  }
}

function accountOf(environment: RestoreCheckOptions['environment']): Adapter {
  const { STRIPE_HOST: host = '', STRIPE_PORT: port = '', STRIPE_PROTOCOL: protocol = 'https' } = environment;
  const config = parseConfig({ live: environment.STRIPE_LIVE === 'true', host, port, protocol });
  if (!('live' in config)) throw config;
  const secretKey = checkKey(environment.STRIPE_SECRET_KEY ?? '', config);
  return createAdapter(config, { secretKey, webhookSecret: () => '' });
}

/** A payment, and what Stripe says of it: where that is more than the ledger knows, it is looked at when the cloud starts. */
type SeenPayment = MarkedPayment & StripeHint;

function isKnownTo(strange: readonly StrangePayment[]) {
  const ids = new Set(strange.map(({ intent }) => intent));
  return ({ intent }: SeenPayment) => !ids.has(intent);
}

/** Their events were heard by the ledger that is no more. */
async function repairDisputes(
  ledger: Ledger,
  account: Adapter,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  out: (text: string) => void,
): Promise<void> {
  const { disputes } = await movedIn(account, fromMs, untilMs);
  for (const { visitId, note } of await unheard(ledger, disputes)) {
    await ledger.flagVisit(visitId, 'disputed_at_bank', note, untilMs);
    out(`visit ${visitId}: a dispute written down\n`);
  }
}

function markedOf({ id, status, metadata, createdAtMs, currency, ...amounts }: Intent): SeenPayment[] {
  const marks = stepMarks(metadata);
  if (marks === undefined) return [];
  const { amountReceivedMinor: receivedMinor, amountRefundedMinor: refundedMinor } = amounts;
  return [{ intent: id, status, receivedMinor, refundedMinor, createdAtMs, currency, ...marks }];
}

async function repairOne(
  ledger: Ledger,
  account: Adapter,
  { intent: id, visitId, kind, attempt }: StrangePayment,
  atMs: number,
  out: (text: string) => void,
): Promise<void> {
  const intent = await account.intent(id);
  if (intent === undefined) return;
  const refunds = (await account.refundsOf(id)).map(({ id, amountMinor, status, reason, metadata }): StripeRefund => {
    return { id, amountMinor, status, reason, key: metadata.refund };
  });
  const visit = await ledger.repairFromStripe(
    { visitId, kind, attempt },
    { facts: factsOf(intent, kind), refunds },
    atMs,
  );
  out(`visit ${visitId}: ${kind} ${attempt} written down, ${visit.chargedMinor} received in all\n`);
}

function factsOf(intent: Intent, kind: MarkedPayment['kind']): IntentFacts {
  const { id, status, amountMinor, capturableMinor, captureMaxMinor, canIncrement, captureBeforeMs } = intent;
  return {
    intent: id,
    purpose: kind === 'charge' || kind === 'pay' ? kind : 'hold',
    status,
    amountMinor,
    capturableMinor,
    captureMaxMinor,
    canIncrement,
    receivedMinor: intent.amountReceivedMinor,
    captureBeforeMs,
    madeAtMs: intent.createdAtMs,
  };
}
