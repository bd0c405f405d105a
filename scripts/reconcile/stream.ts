// From bytes to results, one line at a time: bad lines are told and passed over, the others are answered and scored.
import { type Catalog, Fault, type Score } from '@tapcase/domain';
import { linesOf } from './lines.ts';
import { type ReplayPolicy, replayLine } from './replay.ts';

/** Of a message, which may quote a line of megabytes. */
const MESSAGE_CHARS_MAX = 300;

export interface Running {
  /** For cases that bring none. */
  readonly catalog: Catalog | null;
  readonly policy: ReplayPolicy;
  readonly score: Score;
  readonly tally: { results: number; bad: number };
  readonly bad: (line: number, fault: Fault) => void;
}

/** Asked for the next result only when the last one was taken: a slow reader slows the reading, and nothing piles up. */
export async function* replayed(cases: AsyncIterable<Uint8Array>, running: Running): AsyncGenerator<string> {
  const { score, tally, bad } = running;
  for await (const { number, text } of linesOf(cases)) {
    if (typeof text === 'string' && text.trim() === '') continue;
    const replay = text instanceof Fault ? text : replayLine(text, number, running);
    if (replay instanceof Fault) {
      tally.bad += 1;
      bad(number, replay);
      continue;
    }
    const { result, visit, basket, charged } = replay;
    tally.results += 1;
    if (visit.truth !== null) score.add(basket, visit.truth, charged, visit.input.catalog);
    yield `${JSON.stringify(result)}\n`;
  }
}

/** A file's words may be anything: on a terminal they stay words, on one line. */
export function told({ code, message }: Fault): string {
  const short = message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX)} ...` : message;
  return `${code}: ${short.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')}`;
}
