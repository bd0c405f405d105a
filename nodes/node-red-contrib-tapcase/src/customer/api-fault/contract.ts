// What api-fault stores: nothing, to answer a caught fault, or the code of an expected outcome that is no good news.
import { asFields, parsed, readFields } from '@tapcase/define-node';
import type { Fault, LocalText } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  /** Empty: the code of `msg.error`, or of `msg.refusal`. */
  code: { value: '' },
} as const;

export const CODE = /^[a-z0-9-]{1,30}\.[a-z0-9-]{1,40}$/;

export interface FaultMessage {
  /** undefined where an error has none, or one that is not of our form: nobody foresaw it. */
  readonly code: string | undefined;
  /** Whether somebody waits for an answer on this message. */
  readonly waiting: boolean;
  /** The sentence that an own flow of the operator gave with its refusal, bounded where it was taken. */
  readonly say: LocalText | undefined;
}

/** `config.invalid` for a code that is none. */
export function parseConfig(raw: unknown): { readonly code: string } | Fault {
  return parsed(() => ({
    code: readFields(raw, 'config.invalid').text('code', { min: 0, max: 71, pattern: /^$|^[a-z0-9-]+\.[a-z0-9-]+$/ }),
  }));
}

export function parseMessage(raw: unknown): FaultMessage {
  const { error, res, refusal } = asFields(raw);
  // A refusal is no error: an earlier node says which, in words of the same form.
  const code = asFields(error).code ?? asFields(refusal).code;
  const response = asFields(asFields(res)._res);
  return {
    code: typeof code === 'string' && CODE.test(code) ? code : undefined,
    waiting: asFields(res)._res !== undefined && response.headersSent !== true,
    say: asFields(refusal).say as LocalText | undefined,
  };
}
