// Opens the ledger where it lies. A driver is loaded when it is used: an old Node has none, PostgreSQL's may be missing.
import type { Ledger } from './port.ts';

/** `file`: the path of an embedded database. `url`: `postgres://user:password@host:port/database`; a secret. */
export type LedgerPlace = { readonly file: string } | { readonly url: string };

/**
 * Brought to this release's schema. Rejects with `ledger.cannot-open`, `ledger.newer-schema` for a database of a later
 * release, `ledger.needs-newer-node` for a file on a Node that brings no SQLite of use.
 */
export async function openLedger(place: LedgerPlace): Promise<Ledger> {
  if ('url' in place) {
    const { openPostgresLedger } = await import('./postgres.ts');
    return openPostgresLedger(place);
  }
  const { openSqliteLedger } = await import('./sqlite.ts');
  return openSqliteLedger(place);
}
