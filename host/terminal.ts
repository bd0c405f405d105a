// Decides what the terminal of `npm start` shows: addresses, sign-in codes set apart, one line a visit, and what needs a
// person with what to do. Everything else is in the log.
import { moneyText } from '@tapcase/domain';
import { adviceFor, healthAdvice, type Places } from './advice.ts';
import type { EndedVisit, Happening } from './happenings.ts';
import { ownerLinkLines } from './staff/owner-link.ts';

export interface Terminal {
  happened(happening: Happening): void;
  /** Something of the processes themselves that a person should know, in one sentence. */
  warn(text: string, todo: string): void;
  /** Worth knowing, and nothing to do. */
  say(text: string): void;
}

export interface TerminalOptions {
  readonly places: Places;
  /** Gets lines without their end. */
  readonly write: (line: string) => void;
  readonly colour: boolean;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** A fault that comes again within this time is the same trouble; then how often it came is said. */
const SAME_TROUBLE_MS = 60_000;
/** Codes are few; a message of an unknown error may differ each time. */
const TROUBLES_MAX = 200;

/** Colour only for a person: not into a file or a pipe, and not where they do not want it (no-color.org). */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb';
}

export function createTerminal({ places, write, colour, now = Date.now }: TerminalOptions): Terminal {
  const paint = painter(colour);
  const troubles = new Map<string, { saidMs: number; since: number }>();
  const wrongBefore = new Map<string, string>();
  let isApart = false;
  const line = (text: string) => {
    isApart = false;
    write(text);
  };
  const say = (text: string) => line(`${clock(now())}  ${text}`);
  const sayTodo = (todo: string) => line(`${' '.repeat(CLOCK_WIDTH)}  ${paint.dim('to do')}    ${todo}`);
  const warn = (text: string, todo: string) => {
    say(`${paint.yellow('warning')}  ${text}`);
    sayTodo(todo);
  };
  /** How often it was left unsaid, or undefined where it is to stay so. */
  const unsaid = (trouble: string): number | undefined => {
    const before = troubles.get(trouble);
    if (before !== undefined && now() - before.saidMs < SAME_TROUBLE_MS) {
      before.since += 1;
      return undefined;
    }
    troubles.delete(trouble);
    troubles.set(trouble, { saidMs: now(), since: 0 });
    if (troubles.size > TROUBLES_MAX) troubles.delete(troubles.keys().next().value!);
    return before?.since ?? 0;
  };
  const trouble = (key: string, text: string, todo: string) => {
    const left = unsaid(key);
    if (left !== undefined) warn(left === 0 ? text : `${text}, and ${left} more since it was last said`, todo);
  };

  return {
    warn,
    say,
    happened: (happening) => {
      switch (happening.kind) {
        case 'mail':
          if (!isApart) write('');
          write(`    ${paint.bold(capital(happening.summary))}`);
          write('');
          isApart = true;
          return;
        case 'visit': {
          say(visitLine(happening.visit));
          const todo = visitTodo(happening.visit, places);
          if (todo !== undefined) sayTodo(todo);
          return;
        }
        case 'case': {
          const { caseId, wrong } = happening;
          const before = wrongBefore.get(caseId) ?? '';
          wrongBefore.set(caseId, wrong);
          if (wrong === before) return;
          if (wrong === '') say(`case ${caseId} is well again`);
          else warn(`case ${caseId}: ${wrong}`, `undo at ${places.caseUrl} what was done to it there`);
          return;
        }
        case 'fault': {
          const { code, message, source } = happening;
          const todo = adviceFor(code, places);
          if (todo !== undefined) trouble(codeOf(happening), `${message} (${code} at ${source})`, todo);
          return;
        }
        case 'health':
          for (const warning of happening.warnings) {
            trouble(warning, `this machine: ${warning.replaceAll('-', ' ')}`, healthAdvice(warning, places));
          }
          return;
        case 'error':
          trouble(happening.text, happening.text, `see what came before it in ${places.logFile}`);
          return;
        case 'owner-link':
          if (!isApart) write('');
          for (const text of ownerLinkLines(happening.url)) write(`    ${paint.bold(text)}`);
          write('');
          isApart = true;
          return;
        default:
          happening satisfies never;
      }
    },
  };
}

/** Of errors without a code of their own the message is what tells them apart. */
function codeOf({ code, message }: { readonly code: string; readonly message: string }): string {
  return code.startsWith('node.') ? `${code} ${message}` : code;
}

/** `case 123  charged $4.00  2 x Cola  (0.4 s after the door’s report)` */
export function visitLine(visit: EndedVisit): string {
  const { caseId, items, sinceShutMs } = visit;
  const what = items.map(({ name, count }) => `${count} x ${name}`).join(', ');
  const when = sinceShutMs === null ? '' : `(${(sinceShutMs / 1000).toFixed(1)} s after the door’s report)`;
  return [`case ${caseId}`, outcomeOf(visit), what, when].filter((part) => part !== '').join('  ');
}

function outcomeOf({ outcome, items, totalMinor, chargedMinor, currency }: EndedVisit): string {
  const total = money(totalMinor, currency);
  switch (outcome) {
    case 'charged':
      return `charged ${money(chargedMinor, currency)}`;
    case 'partly_paid':
      return `charged ${money(chargedMinor, currency)} of ${total}, the rest is owed`;
    case 'owed':
      return `owed ${total}, nothing could be charged`;
    case 'released':
      return items.length === 0 ? 'nothing taken, nothing charged' : 'on the shop, nothing charged';
    case 'unused':
      return 'the door was not opened, nothing charged';
    case 'refused':
      return 'the card was refused, the door stayed shut';
    case 'in_review':
      return 'nothing charged: a person must decide what was taken';
    default:
      return outcome satisfies never;
  }
}

function visitTodo({ id, outcome, flagged }: EndedVisit, { staffUrl }: Places): string | undefined {
  if (outcome === 'in_review') return `decide at ${staffUrl}/dashboard/reviews; why: ${staffUrl}/why/${id}`;
  if (flagged) return `a person should look: ${staffUrl}/dashboard/money; why: ${staffUrl}/why/${id}`;
  return undefined;
}

/** In the way of whoever started the shop. */
const money = (amountMinor: number, currency: string) => moneyText(amountMinor, currency, 'en-US');

const CLOCK_WIDTH = '14:03:22'.length;

/** The wall clock of this machine. */
function clock(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** SGR codes (ECMA-48), or nothing. */
function painter(colour: boolean) {
  const sgr = (on: number, off: number) => (text: string) => (colour ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return { bold: sgr(1, 22), dim: sgr(2, 22), yellow: sgr(33, 39) };
}

export interface Greeting {
  readonly places: Places;
  readonly caseId: string;
  readonly worldUrl: string;
  readonly mailIsHere: boolean;
}

/** What a person needs in the first minute; the link that makes the owner comes after it. */
export function greeting({ places, caseId, worldUrl, mailIsHere }: Greeting): string {
  const { shopUrl, staffUrl, edgeUrl, caseUrl, stripeUrl, logFile } = places;
  return [
    '',
    'Tapcase is ready.',
    '',
    `  Customer's page   ${shopUrl}/case/${caseId}`,
    `  Virtual case      ${caseUrl}`,
    '',
    `  For staff, who sign in at ${staffUrl}/sign-in`,
    `  Money             ${staffUrl}/dashboard/money`,
    `  Reviews           ${staffUrl}/dashboard/reviews`,
    `  Sensors           ${staffUrl}/dashboard/sensors`,
    `  Technician        ${edgeUrl}/dashboard/technician`,
    `  Cloud editor      ${staffUrl}/editor`,
    `  Edge editor       ${edgeUrl}/editor`,
    '',
    '  Stand-ins (and what replaces each):',
    mailIsHere
      ? '  Mail              sign-in codes are shown here (SMTP_HOST, SMTP_USER, SMTP_PASSWORD, MAIL_FROM)'
      : '  Mail              none, your server sends the codes',
    stripeUrl === null
      ? '  Stripe            none, your key is used'
      : `  Stripe            ${stripeUrl}, test cards only (STRIPE_SECRET_KEY=sk_test_...)`,
    `  Case              ${worldUrl}, fridge, firmware, radio, broker (npm start -- cloud, npm start -- edge)`,
    '',
    `  Everything else is in ${logFile}, or here with npm start -- --verbose.`,
    '  Try npm run demo in another terminal. Ctrl-C stops the shop.',
    '',
  ].join('\n');
}
