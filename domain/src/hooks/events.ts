// What the shop tells its operator's own flows, once it has happened. The descriptions are shown to operators: docs/hooks.md
// is made of them.
import * as v from 'valibot';
import type { Visit } from '../visit/visit.ts';
import { currency, givenIn, lineFacts, linesOfVisit, minor, moment } from './facts.ts';

const takenOff = v.object({ label: v.object({ en: v.string(), es: v.string() }), minor: minor('what came off') });

const visitEvent = v.object({
  id: v.string(),
  caseId: v.string(),
  customerId: v.string(),
  language: v.pipe(v.string(), v.description('of the phone, `en` or `es`')),
  phase: v.string(),
  outcome: v.pipe(v.nullable(v.string()), v.description('how it ended; null while it runs')),
  flagged: v.pipe(v.boolean(), v.description('a person should look')),
  currency,
  lines: v.pipe(v.array(lineFacts), v.description('what was taken; empty before it is known')),
  adjustments: v.pipe(v.array(takenOff), v.description('what own flows took off')),
  totalMinor: minor('what it costs'),
  chargedMinor: minor('what was received so far'),
  openedAt: moment('when the door was unlocked'),
});

export type VisitFacts = v.InferInput<typeof visitEvent>;

export function visitFacts(visit: Visit): VisitFacts {
  const { id, caseId, customerId, language, phase, outcome, flagged, catalog, totalMinor, chargedMinor } = visit;
  return {
    id,
    caseId,
    customerId,
    language,
    phase,
    outcome,
    flagged,
    currency: catalog.currency,
    lines: linesOfVisit(visit),
    adjustments: givenIn(visit).map(({ label, minor: off }) => ({ label, minor: off })),
    totalMinor,
    chargedMinor,
    openedAt: visit.createdAtMs,
  };
}

const debt = v.object({
  visitId: v.string(),
  customerId: v.string(),
  amountMinor: minor('taken and not paid'),
  currency,
  reason: v.pipe(v.string(), v.description('`declined`, `authentication`, `review` or `other`')),
});

/** Each by its kind; what it carries besides `id`, `kind` and `at`. */
export const EVENTS = {
  'visit-opened': { visit: visitEvent },
  'visit-ended': { visit: visitEvent },
  'visit-flagged': { visit: visitEvent },
  'receipt-made': { receipt: visitEvent },
  'debt-opened': { debt },
  'debt-paid': { debt },
  'refund-made': { refund: v.object({ visitId: v.string(), amountMinor: minor('given back'), currency }) },
  'case-state-changed': {
    case: v.object({
      id: v.string(),
      state: v.pipe(v.string(), v.description('by its own word: `ready`, `closed` or `restocking`')),
      was: v.string(),
    }),
  },
  'fault-counted': {
    fault: v.object({ code: v.string(), count: v.pipe(v.number(), v.description('how often it was counted so far')) }),
  },
} as const;

export type EventKind = keyof typeof EVENTS;
export const EVENT_KINDS = Object.keys(EVENTS) as readonly EventKind[];

type Entries = typeof EVENTS;
/** What an event of this kind carries. */
export type EventFacts<K extends EventKind> = { readonly [P in keyof Entries[K]]: InputOf<Entries[K][P]> };
type InputOf<S> = S extends v.GenericSchema ? v.InferInput<S> : never;

export interface ShopEvent {
  /** The same event always has the same one: it may be told twice. */
  readonly id: string;
  readonly kind: EventKind;
  /** Unix milliseconds. */
  readonly at: number;
  readonly [facts: string]: unknown;
}
