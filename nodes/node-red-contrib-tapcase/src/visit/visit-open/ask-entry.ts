// Asks the operator's own flows before a visit is opened: may this person open now, and how much is held.
import { AS_SHIPPED, Fault, isChargeable, type Language, type LocalText } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import type { Asker } from '../../hooks/ask.ts';
import { customerFacts } from '../../hooks/customer-facts.ts';
import type { ShopCase } from '../../shop/shop/contract.ts';

export interface OpenRequest {
  readonly customer: Customer;
  readonly case: ShopCase;
  readonly requestId: string;
  readonly language: Language;
}

/** null: come in. A tap that is sent again is not asked about: its visit is there. */
export async function refusalOf(
  asker: Asker,
  ledger: Ledger,
  { customer, case: { id, name }, language, requestId }: OpenRequest,
  atMs: number,
): Promise<LocalText | null> {
  if (!asker.isHeard('open')) return null;
  if ((await ledger.openVisitOf(customer.id))?.requestId === requestId) return null;
  const facts = async () => ({
    case: { id, name },
    customer: await customerFacts(ledger, customer),
    at: atMs,
    language,
  });
  const { answer } = await asker.ask('open', facts, { shipped: AS_SHIPPED.open });
  return answer.allow ? null : answer.say;
}

/** Never more than the phone has announced, and never what no card can be asked for. */
export async function holdFor(
  asker: Asker,
  ledger: Ledger,
  { customer, case: { id, name, holdMinor, catalog } }: OpenRequest,
): Promise<number> {
  const { currency } = catalog;
  const facts = async () => ({
    case: { id, name },
    customer: await customerFacts(ledger, customer),
    currency,
    listedMinor: holdMinor,
  });
  const { answer } = await asker.ask('hold', facts, {
    shipped: { holdMinor },
    check: ({ holdMinor: wanted }) =>
      wanted <= holdMinor && isChargeable(wanted, currency)
        ? undefined
        : new Fault('hook.bad-answer', `holdMinor: wants the currency’s minimum to ${holdMinor}`),
  });
  return answer.holdMinor;
}
