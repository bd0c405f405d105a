// A step whose answer did not come: it waits in the ledger, longer each time, and is then asked again or looked up.
import { asFields, type Part, parsed, part, shows } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { endEffects } from '../end-effects.ts';
import type { OrderedStep } from '../ordered-step.ts';
import { stepOf, withoutAnswer } from '../step-answer.ts';
import type { StepConfig, StepOutput } from './contract.ts';

interface Unanswered {
  /** undefined: the fault came before anything was asked, and the visit's deadline finds it again. */
  readonly step: OrderedStep | undefined;
  readonly code: string;
}

export const noAnswer: Part<StepConfig, Unanswered, StepOutput> = part({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ step, code }) => {
      if (step === undefined) return undefined;
      const atMs = node.now();
      const { kind, visit } = await ledger.answerMoney(step, withoutAnswer(code), {
        atMs,
        ends: (ended, isLetGo) => endEffects(ended, isLetGo, atMs),
      });
      const to = kind === 'changed' ? 'rest' : kind;
      return { to, add: { visit }, status: shows(code), look: 'needs-person' };
    };
  },
});

/** A message that came through Catch. `message.incomplete` where it carries a step that is none. */
function parseMessage(raw: unknown): Unanswered | Fault {
  return parsed(() => {
    const { error, step } = asFields(raw);
    const { code } = asFields(error);
    return {
      step: step === undefined ? undefined : stepOf(raw),
      code: typeof code === 'string' ? code : 'node.bug',
    };
  });
}
