// What a person may do with the ledger of a shop on one machine: copy it, and put the copy back as a restored backup would be.
import { existsSync, statSync } from 'node:fs';

export interface LedgerHandOptions {
  readonly file: string;
  /** Ends the cloud, does the work and starts it again; false where it is away already. */
  readonly around: (work: () => void) => Promise<boolean>;
  readonly tell: (news: {
    readonly kind: 'ledger';
    readonly copiedAtMs: number | null;
    readonly isBusy: boolean;
  }) => void;
  readonly say: (line: string) => void;
}

/** What the world's page wishes, one after the other; anything else is no wish. */
export function ledgerHand({ file, around, tell, say }: LedgerHandOptions): (message: unknown) => void {
  const copy = `${file}.copy`;
  const copiedAtMs = () => (existsSync(copy) ? statSync(copy).mtimeMs : null);
  let isBusy = false;
  const work: Readonly<Record<string, () => Promise<unknown>>> = {
    // Loaded by the first wish: the launcher is small.
    copy: async () => (await import('@tapcase/ledger')).copySqliteLedger(file, copy),
    'put-back': async () => {
      const { putBackSqliteLedger } = await import('@tapcase/ledger');
      const isDone = await around(() => putBackSqliteLedger(file, copy));
      if (!isDone) return say('the cloud is just being started again: nothing was put back');
      say('the ledger was put back to its copy: npm run ledger:restore-check says what it has forgotten');
    },
  };
  return (message) => {
    const wished = isWish(message) && Object.hasOwn(work, message.wish) ? work[message.wish] : undefined;
    if (wished === undefined || isBusy) return;
    isBusy = true;
    wished()
      .catch((thrown: unknown) =>
        say(`the ledger’s copy: ${thrown instanceof Error ? thrown.message : String(thrown)}`),
      )
      .finally(() => {
        isBusy = false;
        tell({ kind: 'ledger', copiedAtMs: copiedAtMs(), isBusy });
      });
  };
}

function isWish(message: unknown): message is { readonly wish: string } {
  if (typeof message !== 'object' || message === null) return false;
  return 'kind' in message && message.kind === 'ledger' && 'wish' in message && typeof message.wish === 'string';
}
