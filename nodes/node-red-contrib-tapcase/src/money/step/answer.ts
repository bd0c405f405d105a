// Writes down what Stripe said to a step. Where nothing is left to ask, the visit has ended and the customer is told.
import { part, type Status, says } from '@tapcase/define-node';
import type { Outcome } from '@tapcase/domain';
import type { Answered, Ledger } from '@tapcase/ledger';
import { endEffects } from '../end-effects.ts';
import { answerOn, type StepAnswer } from '../step-answer.ts';
import type { StepConfig, StepOutput } from './contract.ts';

export const answer = part<StepConfig, StepAnswer, StepOutput>({
  parseMessage: answerOn,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ step, answer: told, card }) => {
      const atMs = node.now();
      const { kind, visit } = await ledger.answerMoney(step, told, {
        atMs,
        ends: (ended, isLetGo) => endEffects(ended, isLetGo, atMs),
      });
      // Whoever paid a debt with another card means that card from now on.
      if (card !== undefined && told.kind === 'done') await ledger.setCard(visit.customerId, card, atMs);
      const look = told.kind === 'refused' || told.kind === 'unknown' ? 'needs-person' : 'did';
      return { to: kind, add: { visit }, status: wordOf(kind, visit.outcome), look };
    };
  },
});

function wordOf(kind: Answered['kind'], outcome: Outcome | null): Status {
  return says(kind === 'ended' ? (outcome ?? 'ended') : kind === 'more' ? 'next step' : kind);
}
