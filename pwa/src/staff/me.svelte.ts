// Owns who is signed in in this browser, as far as the server last said.
import type { Permission, StaffMeView } from '@tapcase/domain/protocol';
import { ApiFault } from '../api.ts';
import { onSignedOut, staffApi } from './api.ts';

let view = $state.raw<StaffMeView | null>(null);
let fault = $state.raw<ApiFault | null>(null);
let hasEnded = $state(false);

onSignedOut(() => {
  if (view === null || view.person === null) return;
  // Whoever reads a page learns why it is gone.
  hasEnded = true;
  view = { ...view, person: null };
});

export const me = {
  get person() {
    return view?.person ?? null;
  },
  get passkeysWork() {
    return view?.passkeysWork ?? false;
  },
  get isKnown() {
    return view !== null;
  },
  /** Why nobody can tell. */
  get fault() {
    return fault;
  },
  /** The session that was here has ended, not by its person's own doing. */
  get hasEnded() {
    return hasEnded;
  },
  may(permission: Permission | undefined): boolean {
    return permission === undefined || (view?.person?.may.includes(permission) ?? false);
  },
  async load(): Promise<void> {
    const answer = await staffApi.me();
    fault = answer instanceof ApiFault ? answer : null;
    if (answer instanceof ApiFault) return;
    view = answer;
    if (answer.person !== null) hasEnded = false;
  },
};
