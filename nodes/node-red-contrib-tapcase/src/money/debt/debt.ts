// Opens the page on which a customer pays what a visit still owes, or looks at the one that is open. Never two at once.
import { defineNode, says, shows } from '@tapcase/define-node';
import { orThrow, type Visit } from '@tapcase/domain';
import type { Ledger, MoneyStep } from '@tapcase/ledger';
import { ownVisit } from '../../customer/own-visit.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { OrderedStep } from '../ordered-step.ts';
import { metadataOf } from '../orders.ts';
import { debt, parseMessage } from './contract.ts';

/** Why there is no page, as tapcase-reply answers it. */
const NONE = { refusal: { code: 'debt.none' } } as const;
const BUSY = { refusal: { code: 'debt.busy' } } as const;

/** Long enough to find a card, short enough that a forgotten page does not keep a debt from being asked for. */
const PAGE_MS = 3_600_000;

export default defineNode({
  ...debt,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const publicUrl = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').publicUrl);
    return async ({ visitId, customer }) => {
      const visit = await ownVisit(ledger, visitId, customer.id);
      if (config.step === 'return' && !(await hasPage(ledger, visitId))) return { to: 'none', add: { visit, ...NONE } };
      const atMs = node.now();
      const page = await ledger.payDebt(visitId, { atMs, expiresAtMs: atMs + PAGE_MS });
      switch (page.kind) {
        case 'send':
          return { to: 'open', add: startOrder(page.visit, page.step, publicUrl), status: shows(visitId) };
        case 'look':
          return { to: 'look', add: lookOrder(page.visit, page.step), status: shows(visitId) };
        case 'busy':
          return { to: 'busy', add: { visit, ...BUSY }, status: says('card is asked'), look: 'working' };
        case 'none':
          return { to: 'none', add: { visit, ...NONE }, status: says('nothing owed') };
      }
    };
  },
});

async function hasPage(ledger: Ledger, visitId: string): Promise<boolean> {
  const { steps } = await ledger.money(visitId);
  return steps.some(({ kind, state }) => kind === 'pay' && state !== 'failed' && state !== 'done');
}

function startOrder(visit: Visit, step: MoneyStep, publicUrl: string) {
  const { id, caseId, catalog, language } = visit;
  const { attempt, amountMinor, params } = step;
  const payPage = {
    id,
    attempt,
    amountMinor,
    currency: catalog.currency,
    customer: params.customer,
    description: { en: 'What is left to pay', es: 'Lo que queda por pagar' }[language],
    successUrl: `${publicUrl}/api/visits/${id}/paid`,
    cancelUrl: `${publicUrl}/visit/${id}`,
    language,
    metadata: { visit: id, case: caseId, ...metadataOf(step) },
    expiresAtMs: params.expiresAtMs,
  };
  return { visit, step: ordered(step, 'payPage'), payPage, paid: undefined };
}

function lookOrder(visit: Visit, step: MoneyStep) {
  const { session, url, customer } = step.params;
  return { visit, step: ordered(step, 'paid'), payPage: { session, url, customer }, paid: undefined };
}

function ordered({ visitId, kind, attempt, amountMinor }: MoneyStep, answer: OrderedStep['answer']): OrderedStep {
  return { visitId, kind, attempt, amountMinor, answer };
}
