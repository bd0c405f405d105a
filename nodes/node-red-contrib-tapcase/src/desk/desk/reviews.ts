// What a person must judge: the open reviews as rows, one of them as a form, the decided ones as training data.
import { asFields, inEnglish, parsed, part, phrase, readFields, says } from '@tapcase/define-node';
import { evidenceOf, Fault, orThrow } from '@tapcase/domain';
import type { Ledger, ReviewCursor, ReviewedVisit } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import type { LedgerPort } from '../../shop/ledger/contract.ts';
import type { PictureStore } from '../../shop/pictures/port.ts';
import type { DeskConfig, Output } from './contract.ts';
import { forEverybody } from './everybody.ts';
import { formOf } from './form.ts';
import { pictureRows } from './pictures.ts';
import { rowOf } from './review-row.ts';
import { trainingLine } from './training.ts';

/** What a person works through before the list is read again. */
const ROWS_MAX = 50;
/** A line carries its catalog, at most some 40 kB: a page stays under 8 MB. */
const LINES_MAX = 200;

interface ReviewsRequest {
  /** `payload.visit`, as a table's row carries it; undefined where there is none. */
  readonly visitId: string | undefined;
  /** `?after=` of a request: what the page before ended with. */
  readonly after: ReviewCursor | undefined;
}

export const open = part<DeskConfig, ReviewsRequest, Output>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async () => {
      const rows = await openRows(ledger);
      const look = rows.length === 0 ? 'did' : 'needs-person';
      return { to: 'shown', add: forEverybody(rows), status: says('__n__ open', { n: rows.length }), look };
    };
  },
});

export const one = part<DeskConfig, ReviewsRequest, Output>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<LedgerPort>(config.ledger, 'tapcase-ledger');
    const store = storeOf(ledger);
    return async ({ visitId }) => {
      const chosen = visitId === undefined ? undefined : await ledger.review(visitId);
      if (chosen === undefined) throw new Fault('review.unknown', 'nobody was asked about such a visit');
      const { id, caseId } = chosen.visit;
      const pictures = pictureRows(store === undefined ? [] : await store.list(caseId, id));
      return { to: 'shown', add: { ...formOf(chosen, await evidence(ledger, chosen)), pictures } };
    };
  },
});

export const training = part<DeskConfig, ReviewsRequest, Output>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ after }) => ({ to: 'shown', add: await trainingPage(ledger, after) });
  },
});

/** A basket is judged without pictures where the shop keeps none. */
function storeOf({ pictures }: LedgerPort): PictureStore | undefined {
  if (pictures instanceof Fault && pictures.code === 'picture.no-folder') return undefined;
  return orThrow(pictures);
}

/** `request.invalid` for an `after` or a visit's id that is none. */
function parseMessage(raw: unknown): ReviewsRequest | Fault {
  return parsed(() => {
    const { payload, req } = asFields(raw);
    const { after } = asFields(asFields(req).query);
    const isRow = asFields(payload).visit !== undefined;
    const read = readFields(payload, 'request.invalid', 'payload.');
    return {
      visitId: isRow ? read.text('visit', { max: 64, pattern: /^[A-Za-z0-9-]+$/ }) : undefined,
      after: after === undefined ? undefined : cursorOf(after),
    };
  });
}

/** `1763678400000~visit`; `cursorText` makes it. */
function cursorOf(after: unknown): ReviewCursor {
  const [, atMs, visitId] = /^(\d{1,15})~([A-Za-z0-9-]{1,64})$/.exec(String(after)) ?? [];
  if (atMs === undefined || visitId === undefined) {
    const problem = phrase('is no place in the list');
    throw new Fault('request.invalid', `after: ${inEnglish(problem)}`, { where: 'after', problem });
  }
  return { atMs: Number(atMs), visitId };
}

function cursorText({ atMs, visitId }: ReviewCursor): string {
  return `${atMs}~${visitId}`;
}

async function openRows(ledger: Ledger): Promise<readonly object[]> {
  const open = await ledger.openReviews({ limit: ROWS_MAX });
  return Promise.all(open.map(async (each) => rowOf(each, await evidence(ledger, each))));
}

/** JSON lines, the oldest decision first; `x-next-after` leads to the next page while there is one. */
async function trainingPage(ledger: Ledger, after: ReviewCursor | undefined) {
  const decided = await ledger.decidedReviews({ limit: LINES_MAX, after });
  const lines: string[] = [];
  for (const each of decided) {
    const line = trainingLine(each, await evidence(ledger, each));
    if (line !== undefined) lines.push(JSON.stringify(line));
  }
  const last = decided.length === LINES_MAX ? decided.at(-1)?.review : undefined;
  const { statusCode, headers } = answerWith(200, '');
  return {
    statusCode,
    payload: lines.map((line) => `${line}\n`).join(''),
    headers: {
      ...headers,
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="reviews.jsonl"',
      ...(last === undefined
        ? {}
        : { 'x-next-after': cursorText({ atMs: last.decidedAtMs ?? 0, visitId: last.visitId }) }),
    },
  };
}

/** What the basket was made of; what came later where the basket was decided without it. */
async function evidence(ledger: Ledger, { review, visit }: ReviewedVisit) {
  const wasDecidedWithout = visit.basket === null || review.cause === 'late_report';
  return wasDecidedWithout ? evidenceOf(await ledger.evidence(visit.id)) : visit.basket!;
}
