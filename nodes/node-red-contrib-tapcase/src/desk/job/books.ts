// Balances the books: leftover holds are let go, and each day Stripe, ledger and baskets are compared.
import { asFields, incomplete, parsed, part, says } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { allOf, type Task } from './all-of.ts';
import type { JobConfig, Output } from './contract.ts';
import { auditDay, auditOf, auditsDue, listedSinceMs } from './day-audit.ts';
import { leftoverHolds } from './holds.ts';
import { askedFor, type ListedIntent, listedOn, movedIn, type PaymentSource } from './payments.ts';
import { recognise } from './restored.ts';

type BooksRequest =
  /** Holds, and the days whose audit is due. */
  | { readonly kind: 'round' }
  | { readonly kind: 'holds'; readonly intents: readonly ListedIntent[] }
  /** undefined: Stripe is asked. */
  | { readonly kind: 'audit'; readonly day: string; readonly intents: readonly ListedIntent[] | undefined };

/** The bank keeps a hold for seven days at most. */
const HOLDS_SINCE_MS = 8 * 86_400_000;
/** More than a day makes by hand. */
const REPORTS_MAX = 100;

export const books = part<JobConfig, BooksRequest, Output>({
  parseMessage: (raw) => parsed(() => booksRequest(raw)),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const source = () => node.use<PaymentSource>(config.account, 'stripe-account');
    const payments = (createdAfterMs: number) => {
      if (config.account === '') throw incomplete('listed');
      node.status(says('listing'), 'working');
      return askedFor(source(), createdAfterMs);
    };
    const moves = async (day: string) => {
      const { fromMs, untilMs } = auditDay(day);
      return config.account === '' ? undefined : movedIn(source(), fromMs, untilMs);
    };
    const holds = async (intents: readonly ListedIntent[]) => leftoverHolds(ledger, node, intents);
    const audit = async (day: string, given?: readonly ListedIntent[]) => [
      await auditOf(ledger, node, {
        ...{ day, intents: given ?? (await payments(listedSinceMs(day))) },
        moves: given === undefined ? await moves(day) : undefined,
      }),
    ];
    const round = async () => {
      if (config.account === '') throw incomplete('listed');
      const days = auditsDue(node.now(), await ledger.audits(REPORTS_MAX));
      let listed: Promise<readonly ListedIntent[]> | undefined;
      const recent = () => {
        listed ??= payments(node.now() - HOLDS_SINCE_MS);
        return listed;
      };
      return allOf(node, [
        // First: what is let go or audited afterwards belongs to a ledger that knows what it did.
        async () => recognise(ledger, node, await recent()),
        async () => holds(await recent()),
        ...days.map(
          (day): Task =>
            () =>
              audit(day),
        ),
      ]);
    };
    return (request) => {
      switch (request.kind) {
        case 'round':
          return round();
        case 'holds':
          return holds(request.intents);
        case 'audit':
          return audit(request.day, request.intents);
      }
    };
  },
});

/** Throws `audit.bad-day`, or `message.incomplete` for a `listed` that is no list. */
function booksRequest(raw: unknown): BooksRequest {
  const { audit, listed } = asFields(raw);
  const intents = listed === undefined ? undefined : listedOn(raw);
  if (audit !== undefined) return { kind: 'audit', day: auditDay(asFields(audit).day).day, intents };
  return intents === undefined ? { kind: 'round' } : { kind: 'holds', intents };
}
