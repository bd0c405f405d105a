// What a job of the shop stores: which one it is, and when it runs by itself.
import { type ConfigOf, contract } from '@tapcase/define-node';

/** A week. */
const EVERY_S_MAX = 604_800;
const FIRST_S_MAX = 86_400;

export const tapcaseJob = contract({
  type: 'tapcase-job',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-clock-o',
  inputs: 1,
  outputs: ['settle', 'let-go', 'look', 'report'],
  properties: {
    what: { kind: 'choice', of: ['due', 'housekeeping', 'books', 'learning'], default: 'due', icon: 'list' },
    // A node that was just dropped, or that an inject of an own flow drives, must not begin to run by itself.
    everyS: { kind: 'number', unit: 's', default: 0, min: 0, max: EVERY_S_MAX, whole: true, icon: 'repeat', tip: true },
    firstS: { kind: 'number', unit: 's', default: 60, min: 0, max: FIRST_S_MAX, whole: true, icon: 'hourglass-start' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    // Learning wants to know which cases there are.
    shop: { kind: 'ref', to: 'tapcase-shop', icon: 'building' },
    // The books ask for payments, where no message brings them.
    account: { kind: 'ref', to: 'stripe-account', icon: 'credit-card' },
  },
});

export type JobConfig = ConfigOf<typeof tapcaseJob>;
export type Output = (typeof tapcaseJob.outputs)[number];
