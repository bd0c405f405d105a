// The trip to the payment page and back: who left for it, and whether the card is there on return.
import type { MeView } from '@tapcase/domain/protocol';
import { ApiFault, api } from './api.ts';
import { forget, recall, remember } from './memory.ts';

const KEY = 'tapcase.card-trip';
/** Stripe's page itself lives for a day, but who comes back after an hour starts afresh. */
const TRIP_MS_MAX = 3_600_000;
/** The card reaches us by a webhook, which may be some seconds behind the customer. */
const LOOKS = 6;
const LOOK_EVERY_MS = 1000;

/** Leaves the app for the payment page; comes back with a fault when that cannot be. */
export async function goAddCard(caseId: string): Promise<ApiFault | undefined> {
  const answer = await api.setUpCard({ caseId });
  if (answer instanceof ApiFault) return answer;
  if (!/^https?:\/\//.test(answer.url)) return new ApiFault('answer.invalid', 502);
  remember(KEY, String(Date.now()));
  location.assign(answer.url);
  return undefined;
}

/** True once after each trip. */
export function isBackFromCardPage(): boolean {
  const leftAtMs = Number(recall(KEY));
  forget(KEY);
  return Date.now() - leftAtMs < TRIP_MS_MAX;
}

/** Asks until the card is there, for some seconds. */
export async function awaitCard(): Promise<MeView | ApiFault> {
  for (let look = 1; ; look++) {
    const me = await api.me();
    if (me instanceof ApiFault || me.customer?.card || look === LOOKS) return me;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
