// Who gives an order, as it travels with a message from the page to the node that takes it.
import { Fault } from '../fault.ts';
import type { ActName } from './acts.ts';
import { isRole, may, type Permission, type StaffRole } from './roles.ts';

export interface Orderer {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
  /** Where the page is open; null where nobody knows. */
  readonly address: string | null;
}

/** What each order needs. What a case learns or forgets is what it charges by, so this is about prices too. */
export const ORDER_NEEDS = {
  refund: 'money.order',
  waive: 'money.order',
  lower: 'money.order',
  'review-decided': 'reviews.decide',
  'learning-forgotten': 'catalog.change',
  'learning-run': 'catalog.change',
  'board-expected': 'device.order',
} as const satisfies Partial<Readonly<Record<ActName, Permission>>>;

export type OrderName = keyof typeof ORDER_NEEDS;

/** `client`: what the host wrote on the message. `staff.not-allowed` for nobody, and for whose role does not give such orders. */
export function ordererOf(client: unknown, order: OrderName): Orderer | Fault {
  const { id, name, role, address } = fieldsOf(fieldsOf(client).staff);
  if (typeof id !== 'string' || typeof name !== 'string' || !isRole(role)) {
    return new Fault('staff.not-allowed', 'nobody of the staff gave this order', { order });
  }
  if (!may(role, ORDER_NEEDS[order])) {
    return new Fault('staff.not-allowed', `the role "${role}" may not give this order`, { order, role });
  }
  return { id, name, role, address: typeof address === 'string' ? address : null };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
