// A line of the log for machines (LOG_FORMAT=json): one JSON object, without anybody's address, code, card, endpoint or key.
import type { LogContext } from './log-context.ts';

export type LogFormat = 'text' | 'json';

export interface JsonLine extends LogContext {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly level: 'info' | 'warning' | 'error';
  /** `cloud`, `edge`, `world` or `launcher`. */
  readonly process: string;
  /** Who says it: a node's name or its type. */
  readonly node?: string;
  /** Of a fault. */
  readonly code?: string;
  readonly message: string;
}

/** A stack with its causes; whatever is longer is somebody's data. */
const MESSAGE_LENGTH_MAX = 8_000;

/** Anything else than `json` is text: a word that is neither is refused where the environment is checked. */
export function logFormatOf(source: Readonly<Record<string, string | undefined>>): LogFormat {
  return source.LOG_FORMAT === 'json' ? 'json' : 'text';
}

/** `text` as the log for people has it: `error: [node] message`. A line that is one of these already stays as it is. */
export function jsonLine(process: string, text: string, about: LogContext = {}, isError = false): string {
  if (isJsonLine(text)) return text;
  const [, word, bracket, rest = ''] = /^(?:(error|warning): )?(?:\[([^\]]*)\] )?([\s\S]*)$/.exec(text) ?? [];
  const node = bracket === undefined ? {} : { node: scrubbed(bracket) };
  const code = codeIn(rest);
  const line: JsonLine = {
    at: new Date().toISOString(),
    level: word === 'error' || word === 'warning' ? word : isError ? 'error' : 'info',
    process,
    ...node,
    ...(code === undefined ? {} : { code }),
    ...about,
    message: scrubbed(rest.trim().slice(0, MESSAGE_LENGTH_MAX)),
  };
  return JSON.stringify(line);
}

function isJsonLine(text: string): boolean {
  if (!text.startsWith('{"at":"')) return false;
  try {
    const line = JSON.parse(text) as Partial<JsonLine>;
    return typeof line.process === 'string' && typeof line.message === 'string';
  } catch {
    return false;
  }
}

/** As the faults' own line has it, `code at node: ...`, or in brackets at the end of a sentence. */
function codeIn(text: string): string | undefined {
  const [, first, bracketed] =
    /^([a-z][a-z0-9-]*\.[a-z][a-z0-9-]*) at |\(([a-z][a-z0-9-]*\.[a-z][a-z0-9-]*)\)/.exec(text) ?? [];
  return first ?? bracketed;
}

/** What no log may hold, whoever put it into a sentence: an error of a mail server, a database, an operator's own function. */
export function scrubbed(text: string): string {
  // Where an address leads to may be told; who may go there, and to what, not: push endpoints, cameras, links in mails.
  const withoutPaths = text.replace(URL_PARTS, (_, scheme: string, host: string, path = '') =>
    path === '' || path === '/' ? `${scheme}${host}${path}` : `${scheme}${host}/…`,
  );
  const withoutMail = withoutPaths.replace(EMAIL, '…@…');
  // A mail without a server is a line of the log: whom it is for, and the code.
  const withoutCode = withoutMail === withoutPaths ? withoutMail : withoutMail.replace(/\b\d{4,12}\b/g, '…');
  return withoutCode.replace(CARD, (digits) => (isCard(digits) ? '…' : digits)).replace(OPAQUE, '…');
}

const URL_PARTS =
  /\b((?:https?|wss?|mqtts?|rtsps?|postgres|postgresql):\/\/)(?:[^\s/@]*@)?([^\s/?#'"<>)\]]+)([/?#][^\s'"<>)\]]*)?/gi;
/** With a dot in its domain, as every address that can sign in has: a broker's `client@mqtt://host` is none. */
const EMAIL = /[^\s@<>"'(),:;]+@[^\s@<>"'(),:;/]+\.[^\s@<>"'(),:;/]+/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;
/** Sessions, keys, tokens. What we name ourselves (visits, payments, nodes) is shorter. */
const OPAQUE = /[A-Za-z0-9_-]{40,}/g;

/** ISO/IEC 7812: the check digit. Milliseconds of the clock have as many digits; they begin with a 1, as no card does. */
function isCard(text: string): boolean {
  const digits = Array.from(text.replace(/\D/g, ''), Number).reverse();
  if (digits.at(-1) === 1) return false;
  const twice = (digit: number) => (digit > 4 ? 2 * digit - 9 : 2 * digit);
  return digits.reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : twice(digit)), 0) % 10 === 0;
}
