// The hands of whoever tries what a ledger that was put back does: the page asks, whoever started this world does it.
import type { CloudHand, CloudHands } from './case/types.ts';

/** What the world asks of its parent. */
export interface LedgerWish {
  readonly kind: 'ledger';
  readonly wish: 'copy' | 'put-back';
}

/** What it hears: how it stands now. */
export interface LedgerNews extends CloudHand {
  readonly kind: 'ledger';
}

export function isLedgerNews(message: unknown): message is LedgerNews {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ledger';
}

/** `heard` is for each news of the parent. */
export function cloudHands(
  ask: (wish: LedgerWish) => void,
  changed: () => void,
): CloudHands & { readonly heard: (news: LedgerNews) => void } {
  let now: CloudHand = { copiedAtMs: null, isBusy: false };
  const wish = (what: LedgerWish['wish']) => {
    now = { ...now, isBusy: true };
    ask({ kind: 'ledger', wish: what });
  };
  return {
    now: () => now,
    copy: () => wish('copy'),
    putBack: () => wish('put-back'),
    heard: ({ copiedAtMs, isBusy }) => {
      now = { copiedAtMs, isBusy };
      changed();
    },
  };
}
