// The staff's identity of one process, in one call: its share of the open ledger, its routes, who somebody is, and the link for the
// first owner, told once.
import { type Ledger, type LedgerPlace, sharedLedger } from '@tapcase/ledger';
import type { Router } from 'express';
import { staffIdentity } from './app.ts';
import { firstOwnerLink } from './owner-link.ts';
import { createWhoIs, type WhoIs } from './who-is.ts';

export interface OpenStaffOptions {
  readonly place: LedgerPlace;
  /** STAFF_URL. */
  readonly origin: string;
  readonly pagesFolder: string;
  readonly log: (line: string) => void;
  readonly tellOwnerLink: (url: string) => void;
  readonly now?: () => number;
  /** How long until a ledger that could not be opened is asked again for its owner. */
  readonly againMs?: number;
}

export interface OpenStaff {
  readonly router: Router;
  readonly whoIs: WhoIs;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

/** A database that starts later than the cloud is there within seconds. */
const AGAIN_MS = 5_000;

export function openStaff(options: OpenStaffOptions): OpenStaff {
  const { place, origin, pagesFolder, log, tellOwnerLink, now = Date.now, againMs = AGAIN_MS } = options;
  const ledger = sharedLedger(place);
  const whoIs = createWhoIs(ledger, now);
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const tellOnce = async (): Promise<void> => {
    const url = await firstOwnerLink({ ledger, origin, nowMs: now() });
    if (url !== undefined && !isClosed) tellOwnerLink(url);
  };
  const tell = (): void => {
    tellOnce().catch(() => {
      // What is wrong with the ledger the shop says itself, where it needs it.
      if (!isClosed) timer = setTimeout(tell, againMs).unref();
    });
  };
  tell();
  return {
    router: staffIdentity({ ledger, origin, pagesFolder, now, whoIs, log }),
    whoIs,
    ledger,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await ledger.close();
    },
  };
}

/** Where the shop's own nodes keep it: `DATABASE_URL`, or else the file `LEDGER_FILE`. */
export function ledgerPlace(environment: Readonly<Record<string, string | undefined>>): LedgerPlace {
  const { DATABASE_URL: url = '', LEDGER_FILE: file = '' } = environment;
  return url === '' ? { file } : { url };
}
