// Decides from a case's last status whether customers may come: a tap that the lock would refuse holds no money first.
import type { StatusReport } from './payloads.ts';

/** Why a case opens for no customer: somebody fills it, or something about it is looked after. */
export type Closed = 'restocking' | 'closed';

/** null where it lets customers in, or where the status does not say: an older firmware has no state. */
export function closedBy(status: StatusReport | null): Closed | null {
  if (status?.type !== 'status') return null;
  if (status.state === 'restock') return 'restocking';
  // Without mains the lock refuses; its state says so too, unless the plug was pulled in the middle of a visit.
  if (status.state === 'locked_out' || status.state === 'fault' || status.power === 'lost') return 'closed';
  return null;
}
