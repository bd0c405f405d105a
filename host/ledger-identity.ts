// The cloud's staff, by the sessions of its ledger.
import { STAFF_IDLE_MS_MAX } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Identity } from './member.ts';
import type { WhoIs } from './staff/who-is.ts';

export function ledgerIdentity(ledger: Ledger, whoIs: WhoIs, now: () => number = Date.now): Identity {
  return {
    who: whoIs,
    stillIs: async ({ id, role, sessionId }) => {
      const person = await ledger.staffMember(id);
      if (person === undefined || person.disabledAtMs !== null || person.role !== role) return false;
      // Not by the session's secret: that would count as somebody who is there.
      const sessions = await ledger.sessionsOf('staff', id, now());
      return sessions.some(({ id, seenAtMs }) => id === sessionId && seenAtMs > now() - STAFF_IDLE_MS_MAX);
    },
  };
}
