// What Stripe tells of itself: an event that changes when a visit is looked at, or a page on which a card was stored.
import { defineNode, partsBy } from '@tapcase/define-node';
import { card } from './card.ts';
import { stripeEvent } from './contract.ts';
import { event } from './event.ts';

export default defineNode({ ...stripeEvent, ...partsBy('what', { event, card }) });
