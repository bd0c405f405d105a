// Reads what the Stripe nodes put on a message: a payment as Stripe has it, and why it said no. Total, apart from its Faults.
import { Fault } from '../fault.ts';
import type { IntentFacts, StepFacts } from './facts.ts';
import type { Refusal, Reported } from './judge.ts';

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(given: unknown): Fields {
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Fields) : {};
}

function incomplete(name: string): Fault {
  return new Fault('message.incomplete', `msg.${name} is missing`, { property: name });
}

/** `message.incomplete` naming `where` for what is no answer at all. */
export function reportedOf(step: Pick<StepFacts, 'kind'>, given: unknown, where: string): Reported {
  if (typeof fieldsOf(given).status !== 'string') throw incomplete(where);
  return { intent: intentOf(step, given), refusal: refusalOf(given) };
}

/** null where the answer tells of no payment. Amounts that are no amounts are refused: money is never guessed. */
export function intentOf({ kind }: Pick<StepFacts, 'kind'>, given: unknown): IntentFacts | null {
  const fields = fieldsOf(given);
  const { intent, status, canIncrement, captureBeforeMs, createdAtMs } = fields;
  if (typeof intent !== 'string') return null;
  const amount = (name: string): number => {
    const value = fields[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw incomplete(name);
    return value as number;
  };
  return {
    intent,
    purpose: kind === 'charge' ? 'charge' : kind === 'pay' ? 'pay' : 'hold',
    status: String(status),
    amountMinor: amount('amountMinor'),
    capturableMinor: amount('capturableMinor'),
    captureMaxMinor: fields.captureMaxMinor === undefined ? null : amount('captureMaxMinor'),
    canIncrement: typeof canIncrement === 'boolean' ? canIncrement : null,
    receivedMinor: amount('amountReceivedMinor'),
    captureBeforeMs: typeof captureBeforeMs === 'number' ? captureBeforeMs : null,
    ...(typeof createdAtMs === 'number' ? { madeAtMs: createdAtMs } : {}),
  };
}

/** null where Stripe did not say no. */
export function refusalOf(given: unknown): Refusal | null {
  const { code, declineCode, adviceCode } = fieldsOf(given);
  if (typeof code !== 'string') return null;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { code, declineCode: text(declineCode), adviceCode: text(adviceCode) };
}
