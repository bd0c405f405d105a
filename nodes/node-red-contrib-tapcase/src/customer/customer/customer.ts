// Knows customers: who a request comes from, and how one signs in by a mailed code and out again.
import { defineNode, partsBy } from '@tapcase/define-node';
import { codePart } from './code.ts';
import { tapcaseCustomer } from './contract.ts';
import { signInPart } from './sign-in.ts';
import { signOutPart } from './sign-out.ts';
import { whoPart } from './who.ts';

export default defineNode({
  ...tapcaseCustomer,
  ...partsBy('step', { who: whoPart, code: codePart, 'sign-in': signInPart, 'sign-out': signOutPart }),
});
