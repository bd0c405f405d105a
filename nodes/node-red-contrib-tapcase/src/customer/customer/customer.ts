// Knows customers: who a request comes from, how one signs in by a mailed code and out again, here and elsewhere, and stores a card.
import { defineNode, partsBy } from '@tapcase/define-node';
import { cardPart } from './card.ts';
import { cardBackPart } from './card-back.ts';
import { codePart } from './code.ts';
import { tapcaseCustomer } from './contract.ts';
import { endPart } from './end.ts';
import { signInPart } from './sign-in.ts';
import { signOutPart } from './sign-out.ts';
import { whoPart } from './who.ts';

export default defineNode({
  ...tapcaseCustomer,
  ...partsBy('step', {
    who: whoPart,
    code: codePart,
    'sign-in': signInPart,
    'sign-out': signOutPart,
    end: endPart,
    card: cardPart,
    'card-back': cardBackPart,
  }),
});
