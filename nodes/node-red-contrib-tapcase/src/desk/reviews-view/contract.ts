// What reviews-view stores: what it shows of the reviews; and which review, or which page, a message asks for.

import { asFields, chosen, parsed, readFields } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { ReviewCursor } from '@tapcase/ledger';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  show: { value: 'open', required: true },
  store: { value: '', type: 'picture-store', required: false },
} as const;

export interface ReviewsViewConfig {
  readonly ledger: string;
  /** `open`: rows for a table. `one`: a form for the chosen row. `training`: decided ones as JSON lines. */
  readonly show: 'open' | 'one' | 'training';
  /** '': a chosen review comes without pictures. */
  readonly store: string;
}

export interface ReviewsRequest {
  /** `payload.visit`, as a table's row carries it; undefined where there is none. */
  readonly visitId: string | undefined;
  /** `?after=` of a request: what the page before ended with. */
  readonly after: ReviewCursor | undefined;
}

/** `config.invalid` */
export function parseConfig(raw: unknown): ReviewsViewConfig | Fault {
  const { show } = asFields(raw);
  if (show !== 'open' && show !== 'one' && show !== 'training') {
    return new Fault('config.invalid', 'show: wants open, one or training', { where: 'show' });
  }
  return { ledger: chosen(raw, 'ledger'), show, store: chosen(raw, 'store') };
}

/** `request.invalid` for an `after` or a visit's id that is none. */
export function parseMessage(raw: unknown): ReviewsRequest | Fault {
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
  if (atMs === undefined || visitId === undefined) throw new Fault('request.invalid', 'after: is no place in the list');
  return { atMs: Number(atMs), visitId };
}

export function cursorText({ atMs, visitId }: ReviewCursor): string {
  return `${atMs}~${visitId}`;
}
