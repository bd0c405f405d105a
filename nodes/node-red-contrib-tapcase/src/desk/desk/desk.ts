// Fills a table, a form or a chart of the staff's pages, without anything about who a customer is.
import { defineNode, partsBy } from '@tapcase/define-node';
import { tapcaseDesk } from './contract.ts';
import { audits, debts, flagged, visits } from './money.ts';
import { one, open, training } from './reviews.ts';
import { cases, drift, notices, products, scales } from './sensors.ts';

export default defineNode({
  ...tapcaseDesk,
  ...partsBy('show', {
    visits,
    flagged,
    debts,
    audits,
    open,
    one,
    training,
    cases,
    notices,
    scales,
    products,
    drift,
  }),
});
