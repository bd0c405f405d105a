// Who gives an order, and the line of the staff's audit that goes with it into the ledger.
import { asFields } from '@tapcase/define-node';
import { type Act, type Orderer, type OrderName, ordererOf, orThrow } from '@tapcase/domain';

/** `msg._client`, which the host writes and no browser can. Throws `staff.not-allowed`. */
export function givenBy(raw: unknown, order: OrderName): Orderer {
  return orThrow(ordererOf(asFields(raw)._client, order));
}

export function actOf(
  { id: staffId, name, role, address }: Orderer,
  { act, subject, atMs, detail }: Pick<Act, 'act' | 'subject' | 'atMs' | 'detail'>,
): Act {
  return { atMs, staffId, name, role, act, subject, detail, address };
}
