// Shows who asks what they may see of the shop: themselves, a case, their visits, and to staff why a visit ended as it did.
import { defineNode, partsBy } from '@tapcase/define-node';
import { casePart } from './case.ts';
import { tapcaseView } from './contract.ts';
import { livePart } from './live.ts';
import { mePart } from './me.ts';
import { picturesPart } from './pictures.ts';
import { sessionsPart } from './sessions.ts';
import { visitPart } from './visit.ts';
import { visitsPart } from './visits.ts';
import { whyPart } from './why.ts';

export default defineNode({
  ...tapcaseView,
  ...partsBy('what', {
    me: mePart,
    case: casePart,
    visit: visitPart,
    visits: visitsPart,
    sessions: sessionsPart,
    why: whyPart,
    pictures: picturesPart,
    live: livePart,
  }),
});
