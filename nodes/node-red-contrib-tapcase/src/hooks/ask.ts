// Asks the operator's own flows, bounded in time and in value. With no own flow, a slow one, a broken one or a nonsense
// answer the shop does as it was shipped, and a fault with the hook's name is counted. Nothing here throws, except where the
// own flow was redeployed in mid-question and the caller said that it can ask again.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { NodeContext } from '@tapcase/define-node';
import { asFields } from '@tapcase/define-node';
import { type AnswerOf, type FactsOf, Fault, type FaultCode, parseAnswer, type Question } from '@tapcase/domain';
import type { NodeAPI } from 'node-red';
import { samePaths } from './same-path.ts';
import { showBanners, twoDeciders } from './two-deciders.ts';

/** A question whose own flow asks a question, and so on: a shop that asks itself stops here. */
const DEPTH_MAX = 3;
/** Open at once; a busy shop has a few. */
const OPEN_MAX = 200;
/** Settled ones that are remembered, so that a second or late answer is known for what it is. */
const SETTLED_MAX = 500;

/** A tapcase-decide node of a running flow. */
export interface Decider {
  readonly id: string;
  /** As an operator finds it: its name, else its tab's, else its id. */
  readonly name: string;
  readonly tab: string;
  readonly question: Question;
  readonly limitMs: number;
  put(message: { readonly question: string; readonly payload: unknown; readonly facts: unknown }): void;
  /** Shows on the node what went wrong. */
  show(code: FaultCode): void;
}

/** A node of the shop that asks; what goes wrong leaves through its `fail`, and so is counted like any fault of its tab. */
export interface Asker {
  ask<Q extends Question>(question: Q, facts: () => FactsOf<Q> | Promise<FactsOf<Q>>, how: How<Q>): Promise<Asked<Q>>;
  /** Whether anybody would be asked: what a question needs to know is then not looked up in vain. */
  isHeard(question: Question): boolean;
}

export interface How<Q extends Question> {
  /** What is done without an answer. */
  readonly shipped: AnswerOf<Q>;
  /** The visit that the question is about. */
  readonly visit?: string;
  /** Its own bounds beside those of the schema: a Fault where the answer breaks one. */
  readonly check?: (answer: AnswerOf<Q>) => Fault | undefined;
  /** Nothing is written yet, and somebody asks again: a Deploy in mid-question throws `hook.redeployed`. */
  readonly asksAgain?: boolean;
}

export interface Asked<Q extends Question> {
  readonly answer: AnswerOf<Q>;
  /** The own flow that answered, by its name; null: as shipped. */
  readonly by: string | null;
}

type End =
  | { readonly kind: 'answer'; readonly payload: unknown }
  | { readonly kind: 'late' }
  | { readonly kind: 'redeployed' };

interface Open {
  readonly decider: Decider;
  readonly fail: (fault: Fault) => void;
  readonly end: (end: End) => void;
  /** What an own node threw meanwhile; another branch may still answer. */
  threw?: string;
}

interface Settled {
  readonly fail: (fault: Fault) => void;
  readonly name: string;
  readonly wasAnswered: boolean;
}

interface Running {
  readonly token: string;
  readonly depth: number;
}

export interface Hooks {
  asker(node: NodeContext<string>): Asker;
  /** Whether these flows have a node that asks. */
  isAsked(): boolean;
  /** Until the answer is called. */
  decide(decider: Decider): () => void;
  /** `question`: the token that the message still carries. Throws where no question is found at all. */
  answer(message: unknown, name: string): 'answered' | FaultCode;
}

/** What a message's `question` and the code it runs in say about which question is being answered. */
const running = new AsyncLocalStorage<Running>();
const RUNTIMES = new WeakMap<object, Hooks>();
const HOOK = 'onComplete.tapcase-hooks';

/** One for each Node-RED runtime: all its palettes share its events. */
export function hooksOf(RED: NodeAPI): Hooks {
  const known = RUNTIMES.get(RED.events);
  if (known !== undefined) return known;
  const made = createHooks(RED);
  RUNTIMES.set(RED.events, made);
  return made;
}

function createHooks(RED: NodeAPI): Hooks {
  const deciders = new Map<Question, readonly Decider[]>();
  const askers = new Set<NodeContext<string>>();
  const open = new Map<string, Open>();
  const settled = new Map<string, Settled>();

  const remember = (token: string, entry: Settled) => {
    settled.set(token, entry);
    if (settled.size > SETTLED_MAX) settled.delete(settled.keys().next().value!);
  };
  const deciderOf = (question: Question): Decider | Fault | undefined => {
    const all = deciders.get(question) ?? [];
    const [first] = all;
    if (first === undefined) return undefined;
    const both = twoDeciders(question, all);
    if (both !== undefined) return both;
    if ((running.getStore()?.depth ?? 0) >= DEPTH_MAX) return faultOf('hook.too-deep', first, 'asks itself');
    if (open.size >= OPEN_MAX) return faultOf('hook.too-many', first, `has ${OPEN_MAX} questions open`);
    return first;
  };
  const put = (decider: Decider, facts: unknown, fail: Open['fail']): Promise<Ended> =>
    new Promise((resolve) => {
      const token = randomUUID();
      const end = (how: End) => {
        const entry = open.get(token);
        if (!open.delete(token)) return;
        clearTimeout(timer);
        remember(token, { fail, name: decider.name, wasAnswered: how.kind === 'answer' });
        resolve({ end: how, threw: entry?.threw });
      };
      const timer = setTimeout(() => end({ kind: 'late' }), decider.limitMs);
      open.set(token, { decider, fail, end });
      const depth = (running.getStore()?.depth ?? 0) + 1;
      // Twice: one function after the other makes the payload an answer, and each still finds what it is about.
      const [payload, kept] = [structuredClone(facts), structuredClone(facts)];
      running.run({ token, depth }, () => decider.put({ question: token, payload, facts: kept }));
    });

  // Each Deploy: two tabs may have come to wait for one request, or to decide one question.
  const bannersTold = new Set<string>();
  RED.events.on('flows:started', () => {
    const twice = [...deciders].flatMap(([question, all]) => twoDeciders(question, all) ?? []);
    showBanners(RED, twice, bannersTold);
    for (const { code, details } of twice) {
      for (const decider of deciders.get(details.question as Question) ?? []) decider.show(code);
    }
    const fail = firstOf(askers);
    if (fail !== undefined) for (const fault of [...samePaths(RED), ...twice]) fail(fault);
  });

  return {
    asker(node) {
      askers.add(node);
      node.onClose(() => {
        askers.delete(node);
      });
      const fail = (fault: Fault) => node.fail(fault);
      return {
        isHeard: (question) => (deciders.get(question) ?? []).length > 0,
        async ask(question, facts, how) {
          const asShipped = { answer: how.shipped, by: null };
          const decider = deciderOf(question);
          if (decider === undefined) return asShipped;
          const blame = (fault: Fault) => {
            if (!(decider instanceof Fault)) decider.show(fault.code);
            fail(fault);
            return asShipped;
          };
          if (decider instanceof Fault) return blame(decider);
          const { end, threw } = await put(decider, await facts(), fail);
          if (end.kind === 'redeployed') {
            const fault = faultOf('hook.redeployed', decider, 'was deployed while it was asked');
            if (how.asksAgain === true) throw fault;
            return blame(fault);
          }
          if (end.kind === 'late') return blame(lateFault(decider, threw));
          const answer = parseAnswer(question, end.payload, how.visit);
          const wrong = answer instanceof Fault ? answer : how.check?.(answer);
          if (wrong !== undefined) return blame(faultOf(wrong.code, decider, wrong.message));
          return { answer: answer as AnswerOf<typeof question>, by: decider.name };
        },
      };
    },
    isAsked: () => askers.size > 0,
    decide(decider) {
      deciders.set(decider.question, [...(deciders.get(decider.question) ?? []), decider]);
      watchErrors(RED, true, open);
      return () => {
        const others = (deciders.get(decider.question) ?? []).filter((each) => each !== decider);
        if (others.length > 0) deciders.set(decider.question, others);
        else deciders.delete(decider.question);
        for (const entry of [...open.values()]) if (entry.decider === decider) entry.end({ kind: 'redeployed' });
        if (deciders.size === 0) watchErrors(RED, false, open);
      };
    },
    answer(message, name) {
      const token = tokenOf(message);
      const asked = token === undefined ? undefined : open.get(token);
      if (asked !== undefined) {
        asked.end({ kind: 'answer', payload: asFields(message).payload });
        return 'answered';
      }
      const before = token === undefined ? undefined : settled.get(token);
      const fault = strayFault(before, name);
      const fail = before?.fail ?? firstOf(askers);
      if (fail === undefined) throw fault;
      fail(fault);
      return fault.code;
    },
  };
}

interface Ended {
  readonly end: End;
  readonly threw: string | undefined;
}

/** A message that was made anew has lost its token; what runs on behalf of the question still knows it. */
function tokenOf(message: unknown): string | undefined {
  const { question } = asFields(message);
  return typeof question === 'string' ? question : running.getStore()?.token;
}

function firstOf(askers: ReadonlySet<NodeContext<string>>): ((fault: Fault) => void) | undefined {
  const [first] = askers;
  return first === undefined ? undefined : (fault) => first.fail(fault);
}

function faultOf(code: FaultCode, { name, question }: Decider, what: string): Fault {
  return new Fault(code, `hook "${name}" (${question}): ${what}`, { hook: name, question });
}

function lateFault(decider: Decider, threw: string | undefined): Fault {
  return threw === undefined
    ? faultOf('hook.late', decider, `no answer within ${decider.limitMs} ms`)
    : faultOf('hook.threw', decider, `no answer; it failed with: ${threw}`);
}

function strayFault(before: Settled | undefined, answerName: string): Fault {
  if (before === undefined) {
    return new Fault('hook.no-question', `hook "${answerName}": an answer to no question`, { hook: answerName });
  }
  const { name, wasAnswered } = before;
  return wasAnswered
    ? new Fault('hook.answered-twice', `hook "${name}": a second answer; the first one counts`, { hook: name })
    : new Fault('hook.answered-late', `hook "${name}": its answer came too late to count`, { hook: name });
}

/** Nodes that fail say so to nobody where their tab has no Catch: what they threw is told with the fault. */
const THREW_LENGTH_MAX = 100;

interface Completed {
  readonly msg?: unknown;
  readonly error?: unknown;
}

interface MessageHooks {
  add(name: string, hook: (event: Completed) => void): void;
  remove(name: string): void;
}

function watchErrors(RED: NodeAPI, isWatched: boolean, open: ReadonlyMap<string, Open>): void {
  const hooks = RED.hooks as unknown as MessageHooks | undefined;
  // A test's runtime may have none; what throws is then only late.
  if (hooks === undefined) return;
  // Nobody else has this label, and adding one twice is refused.
  hooks.remove(HOOK);
  if (!isWatched) return;
  hooks.add(HOOK, ({ msg, error }) => {
    if (error === undefined || error === null) return;
    const token = tokenOf(msg);
    const entry = token === undefined ? undefined : open.get(token);
    if (entry === undefined || entry.threw !== undefined) return;
    entry.threw = (error instanceof Error ? error.message : String(error)).slice(0, THREW_LENGTH_MAX);
  });
}
