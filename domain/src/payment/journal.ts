// The port between whoever asks Stripe for the money of a sale and whoever writes down what is asked and what was answered.
// Written down before it is asked: who is killed in mid-step goes on from the journal, and nothing is asked twice.

/** What a message carries, as far as a journal reads it. */
export type MoneyMessage = Readonly<Record<string, unknown>>;

/** What Stripe can be asked for a sale: reserve, end or raise what is reserved, charge, give back; or only to show. */
export type StripeAct = 'hold' | 'settle' | 'charge' | 'refund' | 'look' | 'look-page';

/** How a sale ended. `waiting`: it has not; whoever is due brings it back. */
export type SaleEnd = 'charged' | 'nothing' | 'owed' | 'review' | 'waiting';

/** What the node shows: words of its catalog with their values, or a code that is the same in every language. */
export type JournalWords =
  | { readonly words: string; readonly values: Readonly<Record<string, string | number | JournalWords>> }
  | { readonly fact: string };

export type JournalNext =
  | {
      readonly kind: 'ask';
      readonly act: StripeAct;
      /** What is added to the message: the order, where its act looks for it, and which step it is. */
      readonly add: MoneyMessage;
      /** For a status: `capture 200`. */
      readonly words: JournalWords;
    }
  | { readonly kind: 'end'; readonly end: SaleEnd; readonly add: MoneyMessage; readonly words: JournalWords };

export interface Journal {
  /** What is next for the sale of this message. */
  next(message: MoneyMessage): Promise<JournalNext>;
  /** Stripe's answer stands on the message beside its order. */
  answered(message: MoneyMessage): Promise<JournalNext>;
  /** No answer came, or none that can be read: the fault's code. */
  unanswered(message: MoneyMessage, code: string): Promise<JournalNext>;
}
