// What happens in a shop that whoever watches its terminal may have to know, read from the messages between its nodes.
// Node-RED's own hooks show each message on its way; nothing is changed, and what cannot be read is passed over.
import { productBySku, type Visit } from '@tapcase/domain';

export type Happening =
  /** A mail that no mail server takes: the terminal plays the letter box. */
  | { readonly kind: 'mail'; readonly summary: string }
  | { readonly kind: 'visit'; readonly visit: EndedVisit }
  /** How a case is: what is wrong with it in words, `''` for nothing. Told again and again. */
  | { readonly kind: 'case'; readonly caseId: string; readonly wrong: string }
  /** An expected failure that a Catch has seen. */
  | { readonly kind: 'fault'; readonly code: string; readonly message: string; readonly source: string }
  /** The computer in the case is not well. */
  | { readonly kind: 'health'; readonly warnings: readonly string[] }
  /** Node-RED logged an error that no Catch took. */
  | { readonly kind: 'error'; readonly text: string }
  /** The shop has no owner yet: whoever opens this link first is it. */
  | { readonly kind: 'owner-link'; readonly url: string };

export interface EndedVisit extends Pick<Visit, 'id' | 'caseId' | 'totalMinor' | 'chargedMinor' | 'flagged'> {
  readonly outcome: NonNullable<Visit['outcome']>;
  readonly currency: string;
  readonly items: readonly { readonly name: string; readonly count: number }[];
  /** From the report that the door is shut to the end; null where there was none. */
  readonly sinceShutMs: number | null;
}

/** The part of Node-RED's hooks that is used here (nodered.org/docs/api/hooks/messaging). */
export interface Hooks {
  add(name: string, hook: (event: never) => void): void;
  remove(name: string): void;
}

/** In flows/core/90-faults.json and edge-flows/core/90-faults.json: where every Catch leads, and the Pi's own worries. */
const FAULTS_IN = 'faults.in';
const WORRIES_IN = 'faults.warning';

/** Visits that are under way or just over: a shop on one machine has one case. */
const VISITS_MAX = 200;
/** A visit that ended longer ago is told of for another reason, such as a debt that was paid. */
const JUST_ENDED_MS = 60_000;

/** Until the answer is called. `tell` must not throw. */
export function watchFlows(hooks: Hooks, tell: (happening: Happening) => void): () => void {
  const ended = endedVisits();
  const guarded = (read: () => readonly Happening[]) => {
    let happenings: readonly Happening[] = [];
    try {
      happenings = read();
    } catch {
      // An operator's own node may send anything under these names.
    }
    for (const happening of happenings) tell(happening);
  };
  const onReceive = ({ msg, destination }: Received) =>
    guarded(() => {
      const { id, node } = destination;
      return [
        ...(node?.type === 'tapcase-mail' ? mailOf(msg) : []),
        ...(id === FAULTS_IN ? faultOf(msg) : []),
        ...(id === WORRIES_IN ? healthOf(msg) : []),
        ...ended(msg.visit as Visit | undefined),
      ];
    });
  const onSend = (sends: readonly Sent[]) => guarded(() => sends.flatMap(casesOf));
  hooks.add('onReceive.terminal', onReceive as (event: never) => void);
  hooks.add('onSend.terminal', onSend as (event: never) => void);
  return () => hooks.remove('*.terminal');
}

type Message = Readonly<Record<string, unknown>>;
interface Received {
  readonly msg: Message;
  readonly destination: { readonly id: string; readonly node?: { readonly type?: string } };
}
interface Sent {
  readonly msg: Message | null;
  readonly source: { readonly node?: { readonly type?: string } };
}

function mailOf({ mail }: Message): readonly Happening[] {
  const { summary } = (mail ?? {}) as { summary?: unknown };
  return typeof summary === 'string' ? [{ kind: 'mail', summary }] : [];
}

function faultOf({ error }: Message): readonly Happening[] {
  const { code, message, source } = error as { code?: unknown; message?: unknown; source?: { id?: unknown } };
  return [
    {
      kind: 'fault',
      code: typeof code === 'string' ? code : 'node.unknown',
      // Node-RED words an error with its name before it.
      message: String(message ?? '').replace(/^\w*(Error|Fault): /, ''),
      source: String(source?.id ?? 'unknown'),
    },
  ];
}

function healthOf({ health }: Message): readonly Happening[] {
  const { warnings } = health as { warnings: readonly unknown[] };
  return [{ kind: 'health', warnings: warnings.map(String) }];
}

/** The rows of `tapcase-desk` that say how each case is; its other tables have no `wrong`. */
function casesOf({ msg, source }: Sent): readonly Happening[] {
  if (source.node?.type !== 'tapcase-desk' || !Array.isArray(msg?.payload)) return [];
  return (msg.payload as readonly { caseId?: unknown; wrong?: unknown }[]).flatMap(({ caseId, wrong }) =>
    typeof caseId === 'string' && typeof wrong === 'string' ? [{ kind: 'case', caseId, wrong }] : [],
  );
}

/** Each visit once, at the first message that shows it at its end, whichever way it went through the flows. */
function endedVisits(): (visit: Visit | undefined) => readonly Happening[] {
  const shutAtMs = new Map<string, number>();
  const told = new Set<string>();
  return (visit) => {
    if (visit?.phase === 'closed') remember(shutAtMs, visit.id, visit.enteredAtMs);
    if (visit?.phase !== 'done' || visit.outcome === null || visit.endedAtMs === null) return [];
    if (told.has(visit.id) || Date.now() - visit.endedAtMs > JUST_ENDED_MS) return [];
    told.add(visit.id);
    if (told.size > VISITS_MAX) told.delete(told.values().next().value!);
    const { id, caseId, outcome, totalMinor, chargedMinor, flagged, catalog, endedAtMs } = visit;
    const items = (visit.basket?.lines ?? []).map(({ sku, count }) => ({
      name: productBySku(catalog, sku)?.name.en ?? sku,
      count,
    }));
    const shut = shutAtMs.get(id);
    const sinceShutMs = shut === undefined ? null : endedAtMs - shut;
    const { currency } = catalog;
    return [
      {
        kind: 'visit',
        visit: { id, caseId, outcome, totalMinor, chargedMinor, flagged, currency, items, sinceShutMs },
      },
    ];
  };
}

function remember(map: Map<string, number>, key: string, value: number): void {
  map.set(key, value);
  if (map.size > VISITS_MAX) map.delete(map.keys().next().value!);
}
