// What the shop asks its operator's own flows: the facts it gives, the answers it takes, and what it does without one.
// The descriptions are shown to operators: docs/hooks.md is made of them.
import * as v from 'valibot';
import { PRODUCTS_MAX } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import { AMOUNT_MINOR_MAX } from '../payment/money.ts';
import { SENTENCE_LENGTH_MAX } from '../protocol/display.ts';
import { ADJUSTMENTS_MAX, type PriceAdjustment } from './adjustment.ts';
import { caseFacts, currency, customerFacts, lineFacts, localText, minor, moment, visitId } from './facts.ts';

/** A line on a receipt and on a phone. */
const LABEL_LENGTH_MAX = 60;

const visitFacts = v.object({
  id: v.pipe(v.string(), v.description('the visit')),
  caseId: v.string(),
  customerId: v.string(),
});

const lines = v.pipe(v.array(lineFacts), v.maxLength(PRODUCTS_MAX), v.description('what was taken, at list prices'));

/** Checks an array's length before its members: an answer of ten million costs no time. */
function shortArray(max: number) {
  return v.custom<readonly unknown[]>((value) => Array.isArray(value) && value.length <= max, `wants at most ${max}`);
}

const adjustment = v.pipe(
  v.object({
    label: localText(LABEL_LENGTH_MAX, 'its line on the receipt'),
    sku: v.optional(
      v.pipe(v.string(), v.maxLength(24), v.description('off this product only; absent: off the whole basket')),
    ),
    percent: v.optional(
      v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100), v.description('of what is left to pay of it')),
    ),
    minor: v.optional(
      v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(AMOUNT_MINOR_MAX), v.description('minor units')),
    ),
  }),
  v.check(
    ({ percent, minor: amount }) => (percent === undefined) !== (amount === undefined),
    'wants percent or minor, and not both',
  ),
);

/** The visit that an answer is for, where it says so: an answer to another one is a mistake of the flow. */
const names = v.optional(v.object({ id: v.pipe(v.string(), v.maxLength(64)) }));

export const QUESTIONS = {
  open: {
    facts: v.object({
      case: caseFacts,
      customer: customerFacts,
      at: moment('now'),
      language: v.pipe(v.picklist(['en', 'es']), v.description('of the phone')),
    }),
    answer: v.variant('allow', [
      v.object({ allow: v.literal(true) }),
      v.object({
        allow: v.literal(false),
        say: localText(
          SENTENCE_LENGTH_MAX,
          'the sentence that the phone and the case’s display show: whoever stands there reads it',
        ),
      }),
    ]),
  },
  hold: {
    facts: v.object({
      case: caseFacts,
      customer: customerFacts,
      currency,
      listedMinor: minor('what the case reserves as shipped, and what the phone announces'),
    }),
    answer: v.object({
      holdMinor: v.pipe(
        v.number(),
        v.safeInteger(),
        v.minValue(1),
        v.maxValue(AMOUNT_MINOR_MAX),
        v.description('from the currency’s minimum to `listedMinor`'),
      ),
    }),
  },
  cost: {
    facts: v.object({
      visit: visitFacts,
      customer: customerFacts,
      currency,
      lines,
      listMinor: minor('the sum of the lines'),
      at: moment('when the door was unlocked: the same however often it is asked'),
    }),
    answer: v.object({
      visit: names,
      adjustments: v.pipe(
        shortArray(ADJUSTMENTS_MAX),
        v.array(adjustment),
        v.description(`what comes off, in this order; at most ${ADJUSTMENTS_MAX}`),
      ),
    }),
  },
  charge: {
    facts: v.object({
      visit: visitFacts,
      lines,
      totalMinor: minor('what would be charged, after the answer to `cost`'),
      probability: v.pipe(v.number(), v.description('of this basket, 0 to 1')),
      reason: localText(1_000, 'why the shop believes in this basket'),
      ruling: v.pipe(v.picklist(['agreed', 'partly']), v.description('`partly`: only what is certain is charged')),
    }),
    answer: v.variant('ruling', [
      v.object({ visit: names, ruling: v.literal('as-shipped') }),
      v.object({
        visit: names,
        ruling: v.literal('review'),
        why: v.optional(localText(SENTENCE_LENGTH_MAX, 'the reason that customer and staff read')),
      }),
    ]),
  },
} as const;

export type Question = keyof typeof QUESTIONS;
export type FactsOf<Q extends Question> = v.InferInput<(typeof QUESTIONS)[Q]['facts']>;
export type AnswerOf<Q extends Question> = v.InferOutput<(typeof QUESTIONS)[Q]['answer']>;
export type OpenAnswer = AnswerOf<'open'>;
export type CostAnswer = { readonly adjustments: readonly PriceAdjustment[] };

export const QUESTION_NAMES = Object.keys(QUESTIONS) as readonly Question[];

/** What is done without an own flow, and where its answer counts for nothing. `hold`: the facts say it. */
export const AS_SHIPPED: { readonly [Q in Exclude<Question, 'hold'>]: AnswerOf<Q> } = {
  open: { allow: true },
  cost: { adjustments: [] },
  charge: { ruling: 'as-shipped' },
};

/**
 * Picks the known fields of an answer, each within its bounds, and clones nothing of it. `hook.bad-answer`, or
 * `hook.other-visit` where the answer names another visit than the question did. Total: also for a getter that throws.
 */
export function parseAnswer<Q extends Question>(question: Q, raw: unknown, visit?: string): AnswerOf<Q> | Fault {
  try {
    const { success, output, issues } = v.safeParse(QUESTIONS[question].answer, raw, { abortEarly: true });
    if (!success) {
      const where = v.getDotPath(issues[0]) ?? 'payload';
      return new Fault('hook.bad-answer', `${where}: ${issues[0].message.slice(0, LABEL_LENGTH_MAX)}`, { where });
    }
    const named = 'visit' in output ? output.visit?.id : undefined;
    if (named !== undefined && named !== visit) {
      return new Fault('hook.other-visit', `the answer is for visit ${visitId(named)}`, { visit });
    }
    return output as AnswerOf<Q>;
  } catch (thrown) {
    return new Fault('hook.bad-answer', 'the answer cannot be read', {}, thrown);
  }
}
