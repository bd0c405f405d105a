// Takes an order of the staff, once, with who and why: about money, about a doubtful basket, about what a case
// has learned, about its boards.
import { defineNode, partsBy } from '@tapcase/define-node';
import { board } from './board.ts';
import { tapcaseOrder } from './contract.ts';
import { forget } from './forget.ts';
import { money } from './money.ts';
import { review } from './review.ts';

export default defineNode({
  ...tapcaseOrder,
  ...partsBy('what', { money, review, forget, board }),
});
