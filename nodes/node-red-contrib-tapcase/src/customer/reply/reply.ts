// Turns a fault, or an outcome that is no good news, into an answer for the phone that waits.
import { defineNode, shows } from '@tapcase/define-node';
import type { ErrorView } from '@tapcase/domain';
import { answerWith } from '../../answer.ts';
import { answerFor, retryAfterSeconds } from './answers.ts';
import { parseMessage, tapcaseReply } from './contract.ts';

export default defineNode({
  ...tapcaseReply,
  parseMessage,
  build: (config) => {
    return ({ code: caught, waiting, say, retryAfterSeconds: known }) => {
      const { code, message, statusCode } = answerFor(config.code === '' ? caught : config.code);
      // A fault behind the answer (or of a message that nobody waits for) has no phone to tell.
      if (!waiting) return { to: 'no-caller' };
      const body: ErrorView = { error: { code, message, ...(say === undefined ? {} : { say }) } };
      const seconds = retryAfterSeconds(statusCode, known);
      const answer = answerWith(statusCode, body, seconds === undefined ? {} : { 'retry-after': String(seconds) });
      return { to: 'answer', add: answer, status: shows(code), look: 'needs-person' };
    };
  },
});
