// A storm of odd requests: many strangers at once, each answer looked at, and what must never be is told with the one request that
// repeats it.
import { type Random, seeded } from '../../prove/random.ts';
import { within } from '../patience.ts';
import { bytesOf, type Example } from './draft.ts';
import { type Shot, shotOf } from './mutators.ts';
import { type Answer, Gone, Line } from './wire.ts';

export interface StormOptions {
  /** Where: `http://localhost:8080`. */
  readonly url: string;
  readonly seed: number;
  readonly count: number;
  /** Only from this on, to repeat what was told. */
  readonly first?: number;
  readonly examples: readonly Example[];
  /** Why an answer is wrong, or undefined; asked after what is wrong of every listener's. */
  readonly wrong?: (answer: Answer, shot: Shot) => string | undefined;
  /** Texts of this machine that no answer may hold: folders, and what a file that nobody may read says. */
  readonly secrets: readonly string[];
  /** Origins, besides the shop's own, to which an answer may lead a browser. */
  readonly mayLeadTo: readonly string[];
  /** Answers in the five hundreds that are on purpose, besides those that every flow may give. */
  readonly isMeant?: (answer: Answer) => boolean;
  /** Whether it is a listener of the staff's, for whoever sends one of them again. */
  readonly isStaffs?: boolean;
  /** Each stranger has one; the shop counts by it. */
  readonly addresses?: number;
  /** Before each request: for who must not be as fast as they can. */
  readonly turn?: () => Promise<void>;
  /** After each answer. */
  readonly onAnswer?: (answer: Answer, shot: Shot) => void;
}

export interface Stormed {
  /** How many answers of each status; 0: none. */
  readonly statuses: Readonly<Record<number, number>>;
}

/** At once: what a busy evening has. */
const STRANGERS = 16;
/**
 * Of loopback, on Linux: so many that few of them meet the limit of calls in a minute (host/table.ts), and one who does all the
 * time. None is 127.0.0.1, where the honest ones ask from.
 */
const ADDRESSES = 60;
/** Share of the requests that come from the one address which asks too often. */
const GREEDY = 0.1;
const FINDINGS_MAX = 10;

/** Throws at its end (or at the tenth finding) with all that was found: of each kind one request, and how to see it again. */
export async function storm({ first = 0, addresses = ADDRESSES, ...options }: StormOptions): Promise<Stormed> {
  const { url, seed, count, examples } = options;
  const { hostname, port } = new URL(url);
  const statuses: Record<number, number> = {};
  const flying = new Set<Shot>();
  const findings = new Map<string, string>();
  let next = first;
  const stranger = async (random: Random) => {
    const lines = new Map<string, Line>();
    const lineFrom = (address: string) => {
      const line = lines.get(address) ?? new Line({ host: hostname, port: Number(port), address });
      lines.set(address, line);
      return line;
    };
    while (next < count && findings.size < FINDINGS_MAX) {
      const shot = shotOf(seed, next, examples);
      next += 1;
      await options.turn?.();
      flying.add(shot);
      const address = random.chance(GREEDY) ? '127.9.9.9' : addressOf(random.whole(0, addresses - 1));
      const answer = await within(`an answer to request ${shot.index}`, lineFrom(address).send(shot.draft));
      const wrong = findingIn(answer, options) ?? options.wrong?.(answer, shot);
      const kind = `${wrong} ${shot.draft.name}`;
      if (wrong !== undefined && !findings.has(kind))
        findings.set(kind, `${wrong}\n${tellShot(shot, options)}\n${tellAnswer(answer)}`);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      options.onAnswer?.(answer, shot);
      flying.delete(shot);
    }
    for (const line of lines.values()) line.close();
  };
  try {
    await Promise.all(Array.from({ length: STRANGERS }, (_, number) => stranger(seeded(seed + number))));
  } catch (thrown) {
    next = count;
    const why = thrown instanceof Gone ? `nobody listens any more (${thrown.message})` : (thrown as Error).message;
    const told = [...flying].map((shot) => tellShot(shot, options)).join('\n');
    throw new Error(`${why}; under way, or just before:\n${told}`, { cause: thrown });
  }
  if (findings.size > 0) throw new Error([...findings.values()].join('\n'));
  return { statuses };
}

function addressOf(number: number): string {
  return `127.8.${Math.floor(number / 250)}.${1 + (number % 250)}`;
}

function findingIn(answer: Answer, options: StormOptions): string | undefined {
  return leak(answer, options.secrets) ?? brokenInside(answer, options) ?? ledAstray(answer, options);
}

/** A browser reads two slashes, and a slash and its mirror, as the begin of another's address. */
function ledAstray({ text }: Answer, { url, mayLeadTo }: StormOptions): string | undefined {
  const location = /^location: *(.*)\r$/im.exec(text)?.[1];
  if (location === undefined) return undefined;
  const leads = URL.canParse(location, url) ? new URL(location, url).origin : '';
  return [new URL(url).origin, ...mayLeadTo].includes(leads) ? undefined : `leads to ${location}`;
}

/** Ours to be ashamed of: anything in the five hundreds but a refusal for now that a flow has given on purpose. */
function brokenInside(answer: Answer, { isMeant }: StormOptions): string | undefined {
  const { status, text } = answer;
  const worst = Math.max(
    status,
    ...[...text.matchAll(/(?:^|\n|\})HTTP\/1\.1 (\d{3}) /g)].map(([, each]) => Number(each)),
  );
  if (worst < 500 || isMeant?.(answer) === true) return undefined;
  return worst === 503 && /"code":"(mail|stripe|case|ledger)\./.test(text) ? undefined : `answered ${worst}`;
}

const STACK = /\n\s+at .{1,200}:\d+:\d+|node_modules|node:internal|file:\/\/\/|\.[tj]s:\d+/;

/** Of how the shop is made, or of this machine. */
function leak({ text }: Answer, secrets: readonly string[]): string | undefined {
  if (!/^HTTP\/1\.[01] \d/.test(text) && text !== '') return 'answered with something that is no HTTP';
  // Scripts and pages are everybody's to read, and name files of their own.
  const isApp = /^content-type: *(text\/(html|javascript|css)|application\/javascript)/im.test(text);
  const found = (isApp ? undefined : STACK.exec(text)?.[0]) ?? secrets.find((secret) => text.includes(secret));
  return found === undefined ? undefined : `the answer tells ${JSON.stringify(found)}`;
}

/** What it was, and how to send it once more to a shop that runs. */
function tellShot({ index, draft, mutators }: Shot, { seed, url, isStaffs = false }: StormOptions): string {
  const bytes = bytesOf(draft);
  const shown = JSON.stringify(bytes.subarray(0, SHOWN_BYTES).toString('latin1'));
  const more = bytes.length > SHOWN_BYTES ? ` and ${bytes.length - SHOWN_BYTES} bytes more` : '';
  return [
    `request ${index} of seed ${seed}: ${draft.name}, ${mutators.join(' + ') || 'as it is'}, then ${draft.ends}`,
    `  ${shown}${more}`,
    `  again: node test/fuzz/again.ts --seed ${seed} --index ${index} --url ${url}${isStaffs ? ' --staff' : ''}`,
  ].join('\n');
}

const SHOWN_BYTES = 600;

function tellAnswer({ status, text }: Answer): string {
  return `  answer ${status}: ${JSON.stringify(text.slice(0, SHOWN_BYTES * 2))}`;
}
