// An honest phone that asks now and then, whatever others do; and how long it waited.
import { setTimeout } from 'node:timers/promises';
import { type Draft, draftOf } from '../../../test/fuzz/draft.ts';
import { Line } from '../../../test/fuzz/wire.ts';

export interface Waited {
  readonly name: string;
  readonly requests: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Of each kind: slow enough that nobody waits because of these themselves. */
const BETWEEN_MS = 40;
/** So many phones take turns, or they would be one that asks too often. */
const PHONES = 40;

export interface Question {
  readonly name: string;
  readonly draft: Draft;
  readonly status: number;
}

/** The request that shows a page, and the one that opens a door: the same tap again finds its visit, and is answered from the ledger. */
export function questions(caseId: string, openCase: string, cookie: string, requestId: string): readonly Question[] {
  const body = Buffer.from(JSON.stringify({ requestId, language: 'en' }));
  const headers: [string, string][] = [
    ['cookie', cookie],
    ['content-type', 'application/json'],
  ];
  const show = draftOf({ name: 'case', method: 'GET', target: `/api/cases/${caseId}` });
  const unlock = draftOf({ name: 'unlock', method: 'POST', target: `/api/cases/${openCase}/unlock`, headers, body });
  return [
    { name: 'GET case', draft: show, status: 200 },
    { name: 'POST unlock', draft: unlock, status: 200 },
  ];
}

/** Asks until `isOver`; rejects where one is not answered as it should be. */
export async function ask(url: string, asked: Question, isOver: () => boolean): Promise<Waited> {
  const { hostname, port } = new URL(url);
  const lines = Array.from(
    { length: PHONES },
    (_, number) => new Line({ host: hostname, port: Number(port), address: `127.7.0.${number + 1}` }),
  );
  const waitedMs: number[] = [];
  for (let at = 0; !isOver(); at += 1) {
    const line = lines[at % lines.length]!;
    const startMs = performance.now();
    let answer = await line.send(asked.draft);
    // A connection that was kept had just ended.
    if (answer.status === 0) answer = await line.send(asked.draft);
    waitedMs.push(performance.now() - startMs);
    if (answer.status !== asked.status) throw new Error(`${asked.name} was answered ${answer.text.slice(0, 2_000)}`);
    await setTimeout(BETWEEN_MS);
  }
  for (const line of lines) line.close();
  waitedMs.sort((a, b) => a - b);
  const share = (part: number) => waitedMs[Math.min(waitedMs.length - 1, Math.floor(waitedMs.length * part))] ?? 0;
  return { name: asked.name, requests: waitedMs.length, medianMs: share(0.5), p99Ms: share(0.99) };
}
