// Ties the lines of a JSON log together: what is logged while a message is dealt with carries its request and its visit, and each
// visit says where it is, from the tap's request to its receipt.
import type { Hooks } from './happenings.ts';
import { fromHereOn, logContext, within } from './log-context.ts';

/** Visits that are under way or just over: the tap's request is remembered for them. */
const VISITS_MAX = 2_000;

interface Received {
  readonly msg: {
    readonly req?: unknown;
    readonly visit?: unknown;
    readonly look?: unknown;
    readonly report?: unknown;
  };
}

interface Known {
  readonly requestId: string | undefined;
  readonly phase: string;
}

/** `log` gets a line for each phase of each visit. Nothing of a message is changed. */
export function logMessages(hooks: Hooks, log: (line: string) => void): void {
  const known = new Map<string, Known>();
  const onReceive = ({ msg }: Received) => {
    const visit = visitOf(msg);
    const before = visit === undefined ? undefined : known.get(visit);
    const requestId = requestOf(msg.req) ?? before?.requestId ?? logContext().requestId;
    const about = { ...(requestId === undefined ? {} : { requestId }), ...(visit === undefined ? {} : { visit }) };
    fromHereOn(about);
    const phase = text(field(msg.visit, 'phase'));
    if (visit === undefined || phase === undefined || before?.phase === phase) return;
    known.delete(visit);
    // Whoever asks about a visit later asks under another name; it is the tap's that goes with it.
    known.set(visit, { requestId: before === undefined ? requestId : before.requestId, phase });
    if (known.size > VISITS_MAX) known.delete(known.keys().next().value!);
    const outcome = text(field(msg.visit, 'outcome'));
    within(about, () => log(`the visit is ${phase}${outcome === undefined ? '' : `: ${outcome}`}`));
  };
  hooks.add('onReceive.log', onReceive as (event: never) => void);
}

/** The visit itself, or what only names it: a look of the cameras, a report. An operator's own node may send anything. */
function visitOf({ visit, look, report }: Received['msg']): string | undefined {
  return [field(visit, 'id'), visit, field(look, 'visit'), field(report, 'id')]
    .map(text)
    .find((id) => id !== undefined);
}

function requestOf(request: unknown): string | undefined {
  return text(field(request, 'requestId'));
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Short enough to be one of ours. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value) ? value : undefined;
}
