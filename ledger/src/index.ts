// What the nodes may know of the ledger: its port, and how it is opened.
export { copySqliteLedger, putBackSqliteLedger } from './copy-sqlite.ts';
export { deferred } from './deferred.ts';
export { type LedgerPlace, openLedger } from './open.ts';
export type * from './port.ts';
export { waitFor } from './queries/events.ts';
export { sharedLedger } from './shared.ts';
export type * from './staff-port.ts';
