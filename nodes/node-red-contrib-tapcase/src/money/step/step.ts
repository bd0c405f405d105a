// Writes down what became of one step that was asked of Stripe outside the ladder: a debt's page, or a hold without an answer.
import { defineNode, partsBy } from '@tapcase/define-node';
import { answer } from './answer.ts';
import { step } from './contract.ts';
import { noAnswer } from './no-answer.ts';

export default defineNode({ ...step, ...partsBy('what', { answer, 'no-answer': noAnswer }) });
