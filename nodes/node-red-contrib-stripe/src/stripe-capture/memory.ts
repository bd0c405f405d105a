// The journal where there is no ledger: sales in memory, one hold each, climbed by the same ladder, asked again by the same rules.
// What was charged before a restart is found at Stripe by what stands on it, so the same message again takes nothing twice.
import { phrase, says, shows } from '@tapcase/define-node';
import {
  AMOUNT_MINOR_MAX,
  again,
  Fault,
  type IntentFacts,
  isPending,
  type Journal,
  type JournalNext,
  type JournalWords,
  judgeAnswer,
  judgeLook,
  type MoneyFacts,
  type MoneyMessage,
  nextMove,
  type Outcome,
  type Reported,
  reportedOf,
  type SaleEnd,
  type SentFacts,
  type StepFacts,
} from '@tapcase/domain';
import { asFields, badMessage, FieldReader } from '../fields.ts';
import { CALLER_ID } from '../stripe-hold/contract.ts';

/** Remembered at once; the one that was touched longest ago is forgotten first, and looked up at Stripe if it comes again. */
const SALES_MAX = 10_000;
/** Nothing is looked for that is older than Stripe's own memory of keys is useful. */
const LOOK_BACK_MS = 30 * 86_400_000;

/** `msg.capture`: what is taken of a hold that stripe-hold made. */
interface Sale {
  readonly id: string;
  readonly intent: string;
  /** The whole price: 0 lets the hold go; what the hold does not cover is charged on the card. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Facts = StepFacts & SentFacts;
type Step = { -readonly [K in keyof Facts]: Facts[K] };

interface Known {
  readonly sale: Sale;
  readonly intents: Map<string, IntentFacts>;
  readonly steps: Step[];
  /** What Stripe had before this process asked anything was looked at: the hold, then a charge. */
  looked: number;
  /** Stripe is being asked in this moment: whoever comes meanwhile waits, or two would charge. */
  isAsking: boolean;
}

/** Where an act puts its answer on the message. */
const ANSWERS = { settle: 'settled', charge: 'charged', look: 'looked' } as const;

export function memoryJournal(now: () => number = Date.now): Journal {
  const sales = new Map<string, Known>();

  function knownOf(message: MoneyMessage): Known {
    const sale = readSale(message);
    const known = sales.get(sale.id) ?? { sale, intents: new Map(), steps: [], looked: 0, isAsking: false };
    if (known.sale.amountMinor !== sale.amountMinor || known.sale.intent !== sale.intent)
      throw new Fault('stripe.another-sale', 'this id was used for another amount or hold', { id: sale.id });
    // A Map keeps the order of insertion: the first is the one that was touched longest ago.
    sales.delete(sale.id);
    sales.set(sale.id, known);
    const [oldest] = sales.keys();
    if (sales.size > SALES_MAX && oldest !== undefined) sales.delete(oldest);
    return known;
  }

  /** What the next call is; until its answer nobody else asks. */
  function next(known: Known): JournalNext {
    const found = nextOf(known);
    known.isAsking = found.kind === 'ask';
    return found;
  }

  function nextOf(known: Known): JournalNext {
    const { sale, steps } = known;
    if (known.looked === 0) return ask('look', { look: { intent: sale.intent } }, says('look at the hold'));
    if (known.looked === 1) return ask('look', { look: chargeOf(sale) }, says('look for a charge'));
    const pending = steps.find(isPending);
    if (pending !== undefined) {
      const how = again(pending, now());
      if (typeof how === 'object') return waiting(known, pending.code ?? 'stripe.in-flight');
      if (how === 'send') return send(pending);
      const look = pending.kind === 'charge' ? chargeOf(sale) : { intent: sale.intent };
      return ask('look', { look }, says('look for __step__', { step: says(pending.kind) }));
    }
    const move = nextMove(factsOf(known));
    if (move.kind === 'end') {
      return {
        kind: 'end',
        end: ENDS[move.outcome],
        add: { captured: result(known, move) },
        words: says(move.outcome),
      };
    }
    const step: Step = { ...move.step, state: 'planned', code: null, firstSentAtMs: null, lastSentAtMs: null };
    steps.push(step);
    return send(step);

    /** The same step always under the same key: sent again it is the same payment. */
    function send(step: Step): JournalNext {
      const { kind, attempt, amountMinor } = step;
      step.state = 'sent';
      step.firstSentAtMs ??= now();
      step.lastSentAtMs = now();
      const words =
        amountMinor > 0 ? says('__step__ __amount__', { step: says(kind), amount: amountMinor }) : says(kind);
      if (kind !== 'charge') {
        return ask('settle', { settle: { id: sale.id, kind, attempt, intent: sale.intent, amountMinor } }, words);
      }
      const { id, currency, customer, paymentMethod } = sale;
      const metadata = { ...sale.metadata, sale: id, step: 'charge' };
      return ask(
        'charge',
        { charge: { id, attempt, amountMinor, currency, customer, paymentMethod, metadata, fence: fenceOf(known) } },
        words,
      );
    }

    function ask(act: keyof typeof ANSWERS, add: MoneyMessage, said: JournalWords): JournalNext {
      const cleared = { settled: undefined, charged: undefined, looked: undefined };
      return { kind: 'ask', act, add: { ...cleared, ...add, step: { sale: sale.id, act } }, words: said };
    }

    function chargeOf({ id, customer }: Sale) {
      return { customer, metadata: { sale: id, step: 'charge' }, createdAfterMs: Math.max(0, now() - LOOK_BACK_MS) };
    }

    function fenceOf({ sale, intents }: Known) {
      const { metadata: marks, createdAfterMs } = chargeOf(sale);
      return { sinceMs: intents.get(sale.intent)?.madeAtMs ?? null, marks, createdAfterMs };
    }
  }

  return {
    next: async (message) => {
      const known = knownOf(message);
      return known.isAsking ? waiting(known, 'stripe.in-flight') : next(known);
    },
    answered: async (message) => {
      const known = knownOf(message);
      const act = asFields(message.step).act as keyof typeof ANSWERS;
      const given = message[ANSWERS[act]];
      const pending = known.steps.find(isPending);
      const kind = pending?.kind ?? (known.looked === 0 ? 'hold' : 'charge');
      const reported: Reported =
        given === undefined && act === 'look'
          ? { intent: null, refusal: null }
          : reportedOf({ kind }, given, ANSWERS[act]);
      if (reported.intent !== null) known.intents.set(reported.intent.intent, reported.intent);
      if (known.looked < 2) {
        if (known.looked === 0 && reported.intent === null)
          throw badMessage('msg.capture.intent', phrase('there is no such payment'));
        known.looked += 1;
        return next(known);
      }
      if (pending !== undefined) {
        const judged = act === 'look' ? judgeLook(pending, reported) : judgeAnswer(pending, reported);
        if (judged.kind === 'unknown') return wait(known, pending, judged.code);
        pending.state = judged.kind === 'done' ? 'done' : 'failed';
        pending.code = judged.kind === 'done' ? null : judged.code;
      }
      return next(known);
    },
    unanswered: async (message, code) => {
      const known = knownOf(message);
      known.isAsking = false;
      const pending = known.steps.find(isPending);
      // Nothing was asked of anybody's money yet.
      if (pending === undefined) return waiting(known, code);
      if (code !== 'stripe.refused-request') return wait(known, pending, code);
      Object.assign(pending, { state: 'failed', code });
      return next(known);
    },
  };
}

function wait(known: Known, pending: Step, code: string): JournalNext {
  Object.assign(pending, { state: 'unknown', code });
  known.isAsking = false;
  return waiting(known, code);
}

function waiting(known: Known, code: string): JournalNext {
  return { kind: 'end', end: 'waiting', add: { captured: { id: known.sale.id, code } }, words: shows(code) };
}

const ENDS: Readonly<Record<Outcome, SaleEnd>> = {
  charged: 'charged',
  refused: 'nothing',
  unused: 'nothing',
  released: 'nothing',
  partly_paid: 'owed',
  owed: 'owed',
  in_review: 'review',
};

function factsOf({ sale, intents, steps }: Known): MoneyFacts {
  const { currency, amountMinor } = sale;
  return { currency, totalMinor: amountMinor, opened: true, review: false, intents: [...intents.values()], steps };
}

/** `msg.captured` */
function result({ sale, intents }: Known, { debtMinor, holdLeft }: { debtMinor: number; holdLeft: boolean }) {
  const receivedMinor = [...intents.values()].reduce((sum, intent) => sum + intent.receivedMinor, 0);
  return { id: sale.id, amountMinor: sale.amountMinor, receivedMinor, owedMinor: debtMinor, holdLeft };
}

/** Throws `stripe.bad-message` naming the field. */
function readSale(message: MoneyMessage): Sale {
  const read = new FieldReader(asFields(message).capture, 'stripe.bad-message', 'msg.capture.');
  return {
    id: read.text('id', CALLER_ID),
    intent: read.text('intent', /^pi_\w{1,252}$/),
    amountMinor: read.whole('amountMinor', 0, AMOUNT_MINOR_MAX),
    currency: read.text('currency', /^[a-z]{3}$/),
    customer: read.text('customer', /^cus_\w{1,251}$/),
    paymentMethod: read.text('paymentMethod', /^\w{1,255}$/),
    metadata: read.metadata('metadata'),
  };
}
