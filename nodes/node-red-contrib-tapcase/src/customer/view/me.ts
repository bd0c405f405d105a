// Answers "who am I": the customer, the card's last digits, the visit that is still running, the key for web push.
import { type MeView, orThrow } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import { customerOf } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { ViewPart } from './contract.ts';

/** Somebody who is not signed in asks too: the phone needs the key either way. */
export const mePart: ViewPart<{ readonly customer: Customer | undefined }> = {
  parseMessage: (raw) => ({ customer: customerOf(raw) }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const push = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').push);
    return async ({ customer }) => {
      const visit = customer === undefined ? undefined : await ledger.openVisitOf(customer.id);
      const view: MeView = {
        customer: customer === undefined ? null : customerView(customer),
        vapidPublicKey: push.publicKey,
        openVisit: visit === undefined ? null : { id: visit.id, caseId: visit.caseId },
        debts: customer === undefined ? [] : await debtsOf(ledger, customer.id),
      };
      return { to: 'answered', add: answerWith(200, view) };
    };
  },
};

function customerView({ email, card }: Customer): NonNullable<MeView['customer']> {
  return { email, card: card === null ? null : { brand: card.brand, last4: card.last4 } };
}

async function debtsOf(ledger: Ledger, customerId: string): Promise<MeView['debts']> {
  const debts = await ledger.openDebts(customerId);
  return debts.map(({ visitId, amountMinor, waivedMinor, currency }) => ({
    visitId,
    amountMinor: amountMinor - waivedMinor,
    currency,
  }));
}
