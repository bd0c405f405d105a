// What tapcase-reply stores: nothing, to answer a caught fault or a refusal, or the code that it always answers.
import { asFields, contract } from '@tapcase/define-node';
import type { LocalText } from '@tapcase/domain';

export const tapcaseReply = contract({
  type: 'tapcase-reply',
  category: 'tapcase',
  color: '#F0B3AD',
  icon: 'font-awesome/fa-exclamation-triangle',
  inputs: 1,
  outputs: ['answer', 'no-caller'],
  properties: {
    /** Empty: the code of `msg.error`, or of `msg.refusal`. */
    code: { kind: 'text', default: '', max: 71, is: /^[a-z0-9-]+\.[a-z0-9-]+$/, icon: 'hashtag', tip: true },
  },
});

/** A code as a message may bring it. */
const CODE = /^[a-z0-9-]{1,30}\.[a-z0-9-]{1,40}$/;

export interface FaultMessage {
  /** undefined where an error has none, or one that is not of our form: nobody foresaw it. */
  readonly code: string | undefined;
  /** Whether somebody waits for an answer on this message. */
  readonly waiting: boolean;
  /** The sentence that an own flow of the operator gave with its refusal, bounded where it was taken. */
  readonly say: LocalText | undefined;
  /** How long the node that refused wants to be left alone. */
  readonly retryAfterSeconds: number | undefined;
}

export function parseMessage(raw: unknown): FaultMessage {
  const { error, res, refusal } = asFields(raw);
  // A refusal is no error: an earlier node says which, in words of the same form.
  const code = asFields(error).code ?? asFields(refusal).code;
  const seconds = asFields(refusal).retryAfterSeconds;
  const response = asFields(asFields(res)._res);
  return {
    code: typeof code === 'string' && CODE.test(code) ? code : undefined,
    waiting: asFields(res)._res !== undefined && response.headersSent !== true,
    say: asFields(refusal).say as LocalText | undefined,
    retryAfterSeconds: Number.isInteger(seconds) ? (seconds as number) : undefined,
  };
}
