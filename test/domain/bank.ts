// A bank for the ladder's tests: answers each step as Stripe may, and keeps the only books that count.
import {
  type IntentFacts,
  type MoneyFacts,
  type MoneyStepKind,
  type Move,
  NOT_DONE,
  nextMove,
  type StepFacts,
  type StepMove,
} from '@tapcase/domain';

export interface Bank {
  /** Whether the hold was made, and for how much. */
  readonly holdMinor: number;
  /** More than the hold's amount where overcapture is allowed. */
  readonly captureMaxMinor: number;
  readonly canIncrement: boolean;
  readonly minimumMinor: number;
  /** Whether that holds for captures, too: no page of Stripe's says it, and shops report it. */
  readonly refusesSmallCaptures: boolean;
  /** How the n-th step of a kind is answered; `ok` where the list is too short. */
  readonly answers: Partial<Record<MoneyStepKind, readonly ('ok' | 'refused' | 'not_done')[]>>;
  /** The hold lapses before the n-th step. */
  readonly lapsesBefore?: number;
}

export interface Story {
  readonly moves: readonly Move[];
  readonly end: Extract<Move, { kind: 'end' }>;
  readonly facts: MoneyFacts;
  /** What was received after each step. */
  readonly received: readonly number[];
}

/** More steps than any ladder has; beyond them it would be endless. */
const STEPS_MAX = 40;

export function play(bank: Bank, visit: Pick<MoneyFacts, 'totalMinor' | 'opened' | 'review' | 'currency'>): Story {
  let intents: IntentFacts[] = [hold(bank)];
  const steps: StepFacts[] = [];
  const moves: Move[] = [];
  const received: number[] = [];
  for (let count = 0; count < STEPS_MAX; count += 1) {
    if (bank.lapsesBefore === count) intents = intents.map(lapse);
    const facts = { ...visit, intents, steps };
    const move = nextMove(facts);
    moves.push(move);
    if (move.kind === 'end') return { moves, end: move, facts, received };
    const answered = answer(bank, steps, intents, move);
    steps.push(answered.step);
    intents = answered.intents;
    received.push(intents.reduce((sum, { receivedMinor }) => sum + receivedMinor, 0));
  }
  throw new Error(`endless: ${JSON.stringify(moves)}`);
}

function hold({ holdMinor, captureMaxMinor, canIncrement }: Bank): IntentFacts {
  return {
    intent: 'pi_hold',
    purpose: 'hold',
    status: 'requires_capture',
    amountMinor: holdMinor,
    capturableMinor: holdMinor,
    captureMaxMinor: Math.max(holdMinor, captureMaxMinor),
    canIncrement,
    receivedMinor: 0,
    captureBeforeMs: null,
  };
}

function lapse(intent: IntentFacts): IntentFacts {
  return intent.status === 'requires_capture' ? { ...intent, status: 'canceled', capturableMinor: 0 } : intent;
}

function answer(bank: Bank, before: readonly StepFacts[], intents: readonly IntentFacts[], { step }: StepMove) {
  const { kind, attempt, amountMinor } = step;
  const nth = before.filter((each) => each.kind === kind).length;
  if (attempt !== nth + 1) throw new Error(`attempt ${attempt} of ${kind} after ${nth}`);
  const how = bank.answers[kind]?.[nth] ?? 'ok';
  const held = intents.find(({ status }) => status === 'requires_capture');
  const possible = isPossible(bank, held, step);
  if (how !== 'ok' || !possible) {
    const code = possible && how === 'not_done' ? NOT_DONE : 'refused';
    return { step: { kind, attempt, amountMinor, state: 'failed', code } as StepFacts, intents: [...intents] };
  }
  const done: StepFacts = { kind, attempt, amountMinor, state: 'done', code: null };
  return { step: done, intents: kind === 'charge' ? [...intents, charged(attempt, amountMinor)] : intents.map(change) };

  function change(intent: IntentFacts): IntentFacts {
    if (intent !== held) return intent;
    if (kind === 'cancel') return lapse(intent);
    if (kind === 'increment') {
      return { ...intent, amountMinor, capturableMinor: amountMinor, captureMaxMinor: amountMinor };
    }
    return { ...intent, status: 'succeeded', capturableMinor: 0, receivedMinor: amountMinor };
  }
}

function isPossible(
  { minimumMinor, refusesSmallCaptures }: Bank,
  held: IntentFacts | undefined,
  { kind, amountMinor }: StepMove['step'],
) {
  if (kind === 'charge') return amountMinor >= minimumMinor;
  if (held === undefined) return false;
  if (kind === 'capture') {
    const leastMinor = refusesSmallCaptures ? minimumMinor : 1;
    return amountMinor >= leastMinor && amountMinor <= (held.captureMaxMinor ?? 0);
  }
  return kind === 'cancel' || held.canIncrement;
}

function charged(attempt: number, amountMinor: number): IntentFacts {
  return {
    intent: `pi_charge_${attempt}`,
    purpose: 'charge',
    status: 'succeeded',
    amountMinor,
    capturableMinor: 0,
    captureMaxMinor: 0,
    canIncrement: false,
    receivedMinor: amountMinor,
    captureBeforeMs: null,
  };
}
